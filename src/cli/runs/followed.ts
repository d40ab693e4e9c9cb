import type { CommandName } from '../../settings/table/setting.ts';
import type { SettingKey } from '../../settings/table/settings-table.ts';
import { settingsOf } from '../../settings/table/settings-of-command.ts';
import type { Lookup } from '../../settings/values/given-text.ts';

/** Settings without any of which nothing follows a run. */
const FOLLOWING = ['ping', 'on-success', 'on-failure'] as const;

/** The same of `health`. */
const OF_HEALTH: Readonly<Partial<Record<SettingKey, SettingKey>>> = {
  ping: 'health-ping',
  'ping-log': 'health-ping-log',
  'on-success': 'health-on-success',
  'on-failure': 'health-on-failure',
};

/**
 * Looks up what follows a run of this command, under the same keys for each; a key that the command does not take is given
 * nowhere. Within a command that follows another run, only flags count, or it would start itself for ever.
 */
export function followedBy(
  command: CommandName,
  given: Lookup,
  env: Readonly<Record<string, string | undefined>>,
): Lookup {
  const isWithinHook = env['DBBACKUP_OPERATION'] !== undefined && env['DBBACKUP_EXIT_CODE'] !== undefined;
  const taken = new Set(settingsOf(command).map(({ key }) => key));
  return (key) => {
    const own = command === 'health' ? (OF_HEALTH[key] ?? key) : key;
    const found = taken.has(own) ? given(own) : undefined;
    const isOfThisRun = !isWithinHook || found?.isFlag === true || !FOLLOWING.some((each) => each === key);
    return isOfThisRun ? found : undefined;
  };
}

/** @param given As `followedBy` looks it up. */
export function isFollowed(given: Lookup): boolean {
  return given('dry-run') === undefined && FOLLOWING.some((key) => given(key) !== undefined);
}
