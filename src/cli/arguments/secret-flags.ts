import { longFlag, SETTING_ROWS } from '../../settings/table/settings-of-command.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import { beforeSeparator } from './refuse-password-arguments.ts';

/** Flags whose values may hold a token: the address of a webhook in a command. */
const SECRET_ROWS = SETTING_ROWS.filter(({ secret }) => secret === true);
const SECRET_FLAGS: ReadonlySet<string> = new Set(SECRET_ROWS.map(longFlag));

/** Those that were given. */
export function secretFlagsOf(flags: FlagValues): FlagValues {
  return Object.fromEntries(
    SECRET_ROWS.flatMap(({ key }) => (flags[key] === undefined ? [] : [[key, flags[key]]])),
  );
}

/** The arguments, with `[hidden]` for the values of those flags. */
export function hideSecretFlags(argv: readonly string[]): readonly string[] {
  return withSecretFlags(argv, (flag, isAttached) =>
    isAttached ? [`${flag}=[hidden]`] : [flag, '[hidden]'],
  );
}

/** The arguments without those flags. */
export function withoutSecretFlags(argv: readonly string[]): readonly string[] {
  return withSecretFlags(argv, () => []);
}

function withSecretFlags(
  argv: readonly string[],
  instead: (flag: string, isAttached: boolean) => readonly string[],
): readonly string[] {
  const options = beforeSeparator(argv);
  const result: string[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const word = options[index] ?? '';
    const [flag = '', attached] = word.split(/=(.*)/s);
    if (!SECRET_FLAGS.has(flag)) result.push(word);
    else {
      result.push(...instead(flag, attached !== undefined));
      if (attached === undefined) index += 1; // its value
    }
  }
  return [...result, ...argv.slice(options.length)];
}
