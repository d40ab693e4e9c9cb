import type { Backup } from '../backups/record/backup.ts';
import { DbBackupError } from '../run/errors.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { findBackup } from '../backups/directory/find-backup.ts';
import { readListing } from '../backups/directory/list-backups.ts';
import type { UnreadableFolder } from '../backups/directory/list-backups.ts';
import type { Runtime } from '../run/runtime.ts';

/** What a backup on stdin is called. */
export const STDIN = '-';

/** What is to be verified; a folder that cannot be read is reported as such. */
export type Chosen = Backup | typeof STDIN | UnreadableFolder;

/**
 * The backups to verify: those that were named, each once, or all, or the newest of each database. A safety backup
 * counts as the newest only if its database has no other.
 *
 * @throws {DbBackupError} `not-found`, `usage`: all are found before the first is read.
 */
export async function chooseBackups(
  request: { readonly directory: string; readonly references: readonly string[]; readonly all: boolean },
  runtime: Runtime,
): Promise<readonly Chosen[]> {
  const { directory, references } = request;
  if (references.length > 0) {
    const found = new Map<string, Backup | typeof STDIN>();
    for (const reference of references) {
      const backup =
        reference === STDIN
          ? STDIN
          : await findBackup({ reference, directory, database: undefined }, runtime);
      found.set(backup === STDIN ? STDIN : backup.path, backup);
    }
    return [...found.values()];
  }
  const { backups, unreadable } = await readListing({ directory, databases: [] });
  if (backups.length === 0 && unreadable.length === 0) {
    throw new DbBackupError('not-found', `There are no backups in ${directory}.`, {
      hint: 'Make one with create. If they are elsewhere, use --dir <folder>.',
    });
  }
  return [...(request.all ? backups : newestOfEach(backups)), ...unreadable];
}

/** @param backups Newest first. */
function newestOfEach(backups: readonly Backup[]): readonly Backup[] {
  const newest = new Map<string, Backup>();
  for (const backup of backups) {
    const before = newest.get(backup.database);
    if (before === undefined || (before.label === SAFETY_LABEL && backup.label !== SAFETY_LABEL))
      newest.set(backup.database, backup);
  }
  return [...newest.values()];
}
