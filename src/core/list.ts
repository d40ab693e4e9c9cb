import { listDatabaseFolders, readBackups } from '../adapters/backup-directory.ts';
import { newestFirst } from '../model/backup.ts';
import type { Backup } from '../model/backup.ts';

/**
 * Every backup of the given databases (none given: of all), newest first. Partials are never among them.
 *
 * @param request.directory Absolute. A missing one holds no backups.
 * @throws {DbBackupError} `no-space` when the folder cannot be read.
 */
export async function listBackups(request: {
  readonly directory: string;
  readonly databases: readonly string[];
}): Promise<readonly Backup[]> {
  const { directory } = request;
  const databases = request.databases.length > 0 ? request.databases : await listDatabaseFolders(directory);
  const backups: Backup[] = [];
  for (const database of databases) backups.push(...(await readBackups(directory, database)));
  return backups.sort(newestFirst);
}
