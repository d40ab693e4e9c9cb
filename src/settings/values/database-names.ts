import { DbBackupError } from '../../run/errors.ts';

/**
 * The databases that were named, each once.
 *
 * @throws {DbBackupError} `usage` for what cannot be a name: nothing (an unset variable), or a URL, whose password
 *   would otherwise end up in messages.
 */
export function parseDatabaseNames(operands: readonly string[]): readonly string[] {
  for (const operand of operands) refuseNonName(operand, 'A database name');
  return [...new Set(operands)];
}

/** @param what How the message calls the text: `--to`. */
export function refuseNonName(text: string, what: string): void {
  if (text === '') {
    throw new DbBackupError('usage', `${what} is empty.`, {
      hint: 'check that the variables of your script are set',
    });
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new DbBackupError('usage', `${what} is a URL.`, {
      hint: 'give a URL with --url, DBBACKUP_URL or DATABASE_URL',
    });
  }
}
