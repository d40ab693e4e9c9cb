import { DbBackupError } from '../../run/errors.ts';
import { SETTING_ROWS } from '../../settings/table/settings-of-command.ts';

/** Letters that may stand before others in one argument (`-qv`), because they take no value. */
export const SWITCH_LETTERS = SETTING_ROWS.filter((row) => row.switch === true)
  .map((row) => /^-([A-Za-z]),/.exec(row.flags)?.[1] ?? '')
  .join('');

const ATTACHED_TO_P = new RegExp(`^-[hV${SWITCH_LETTERS}]*p.`);

/**
 * Refuses a password among the arguments, where every user of the machine can read it (`ps`) and the shell's
 * history keeps it. `-psecret` is what users of the mysql client type by habit.
 *
 * @throws {DbBackupError} `usage`. The message does not repeat the argument.
 */
export function refusePasswordArguments(argv: readonly string[]): void {
  for (const argument of beforeSeparator(argv)) {
    const isPassword =
      ATTACHED_TO_P.test(argument) || argument === '--password' || argument.startsWith('--password=');
    if (!isPassword) continue;
    throw new DbBackupError(
      'usage',
      'A password on the command line is visible to every user of this machine, so dbbackup does not accept one there.',
      {
        hint: 'use -p alone to be prompted, --password-file <file>, DBBACKUP_PASSWORD or ~/.my.cnf',
      },
    );
  }
}

/** The arguments that may be options: those before `--`. */
export function beforeSeparator(argv: readonly string[]): readonly string[] {
  const separator = argv.indexOf('--');
  return separator === -1 ? argv : argv.slice(0, separator);
}
