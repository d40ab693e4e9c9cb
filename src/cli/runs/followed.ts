import type { CommandName } from '../../settings/table/setting.ts';
import { settingsOf } from '../../settings/table/settings-of-command.ts';
import type { Lookup } from '../../settings/values/given-text.ts';

/** Settings without any of which nothing follows a run. */
const FOLLOWING = ['ping', 'on-success', 'on-failure'] as const;

/** Looks up what follows a run: within a command that follows another, only flags, or it would start itself for ever. */
export function followedBy(given: Lookup, env: Readonly<Record<string, string | undefined>>): Lookup {
  const isWithinHook = env['DBBACKUP_OPERATION'] !== undefined && env['DBBACKUP_EXIT_CODE'] !== undefined;
  if (!isWithinHook) return given;
  return (key) => {
    const found = given(key);
    return FOLLOWING.some((following) => following === key) && found?.isFlag === false ? undefined : found;
  };
}

export function isFollowed(command: CommandName, given: Lookup): boolean {
  const takes = settingsOf(command).map(({ key }) => key);
  return (
    given('dry-run') === undefined && FOLLOWING.some((key) => takes.includes(key) && given(key) !== undefined)
  );
}
