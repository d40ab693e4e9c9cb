import { STDIN } from '../../core/choose-backups.ts';
import type { VerifyBackupsRequest } from '../../core/verify-backups.ts';
import { DbBackupError } from '../../model/errors.ts';
import { refuseNonName } from '../values/database-names.ts';
import { parseDirectory } from '../values/destination.ts';
import { isOn, type Lookup } from '../values/given.ts';

/**
 * What the user asked `verify` for, checked. Pure.
 *
 * @throws {DbBackupError} `usage`.
 */
export function verifyRequest(
  references: readonly string[],
  given: Lookup,
  place: { readonly cwd: string; readonly stdinIsTty: boolean },
): VerifyBackupsRequest {
  const all = isOn(given('all'));
  for (const reference of references) refuseNonName(reference, 'The backup to verify');
  if (all && references.length > 0) {
    throw new DbBackupError('usage', 'Backups are named, and --all means every one.', {
      hint: `dbbackup verify --all, or dbbackup verify ${references[0] ?? ''}`,
    });
  }
  if (references.includes(STDIN) && place.stdinIsTty) {
    throw new DbBackupError('usage', 'stdin is a terminal: no backup is piped in.', {
      hint: 'dbbackup verify - < dump.sql',
    });
  }
  return {
    directory: parseDirectory(given('dir'), place.cwd),
    references,
    all,
    allowIncomplete: isOn(given('allow-incomplete')),
  };
}
