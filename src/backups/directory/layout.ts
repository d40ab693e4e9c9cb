import { dirname, join } from 'node:path';
import { databaseOfFolder, folderOfDatabase } from '../record/backup-name.ts';
import { readdir } from 'node:fs/promises';
import { readFailure } from '../../files/file-failure.ts';
import { statIfThere } from '../../files/stat-if-there.ts';

export function jobFolder(directory: string): string {
  return join(directory, '.jobs');
}

export function jobFilePath(directory: string, id: string): string {
  return join(jobFolder(directory), `${id}.json`);
}

export function databaseFolder(directory: string, database: string): string {
  return join(directory, folderOfDatabase(database));
}

export function lockPath(directory: string, database: string): string {
  return join(databaseFolder(directory, database), '.lock');
}

/** The name of the lock below. */
export const MANIFESTS_LOCK = '.manifests.lock';

/** Held for the moment in which manifests of a folder are changed or removed; a rehearsal and a pin hold no other lock. */
export function manifestsLockPath(folder: string): string {
  return join(folder, MANIFESTS_LOCK);
}

/** The backup directory that a lock is in. */
export function directoryOfLock(path: string): string {
  return dirname(dirname(path));
}

/**
 * Databases that have a folder here, sorted. A missing directory has none. A symbolic link to a folder counts: this
 * is how the backups of a large database are put on another disk, and runs write through it.
 */
export async function listDatabaseFolders(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter(
        (entry) =>
          entry.isDirectory() ||
          (entry.isSymbolicLink() && statIfThere(join(directory, entry.name))?.isDirectory() === true),
      )
      .flatMap((entry) => databaseOfFolder(entry.name) ?? [])
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, directory);
  }
}
