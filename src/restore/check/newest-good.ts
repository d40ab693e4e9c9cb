import { readListing } from '../../backups/directory/list-backups.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import { type Backup, backupReference } from '../../backups/record/backup.ts';
import { failedProofs, isGood } from '../../backups/record/is-good.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { RestoreRequest } from '../request.ts';

type Asked = Pick<RestoreRequest, 'directory' | 'undoes'>;

/**
 * The refusal of a damaged backup, with the one to use instead. Which one is restored is for the user to say: another one
 * is never taken by itself.
 */
export async function namingNewestGood(request: Asked, backup: Backup, error: unknown): Promise<unknown> {
  if (!(error instanceof DbBackupError) || error.code !== 'damaged') return error;
  const instead = await newestGoodText(request, backup);
  if (instead === undefined) return error;
  const hint = [error.hint, instead].filter((line) => line !== undefined).join('\n');
  return new DbBackupError(error.code, error.message, { hint, cause: error });
}

/** That what is to be restored was found bad before, which the next try may not be. */
export async function warnOfFailedProof(request: Asked, backup: Backup): Promise<readonly string[]> {
  const failed = failedProofs(backup.manifest);
  if (failed.length === 0) return [];
  const instead = await newestGoodText(request, backup);
  const told = failed.map(({ kind, at, problem }) => {
    const what = kind === 'verify' ? 'failed verify' : 'failed its rehearsal';
    return `${backupReference(backup)} ${what} on ${at.slice(0, 10)}: ${problem}`;
  });
  return [...told.slice(0, -1), [...told.slice(-1), instead].filter(Boolean).join(' ')];
}

/** @returns undefined: there is none; or the backup is wanted because of the restore that it undoes. */
async function newestGoodText({ directory, undoes }: Asked, backup: Backup): Promise<string | undefined> {
  const { database, path } = backup;
  if (database === '' || undoes !== undefined) return undefined;
  const { backups } = await readListing({ directory, databases: [database] });
  const good = backups.find((each) => isGood(each) && each.label !== SAFETY_LABEL && each.path !== path);
  return good && `${backupReference(good)} is the newest of ${database} that did not fail.`;
}
