import { readdir, stat } from 'node:fs/promises';
import { join } from 'path/posix';
import { storageFailure } from '../../files/file-failure.ts';
import { makeFolder } from '../../files/folders.ts';
import { writeNewFile } from '../../files/new-file.ts';
import { nameOfUser } from '../../files/user-names.ts';
import { databaseFolder } from './layout.ts';
import { backupName } from '../record/backup-name.ts';

/**
 * Creates the backup directory, of mode 0700, with a .gitignore.
 *
 * @returns what the user should know: other users may write there; root created it for another user.
 * @throws {DbBackupError} `no-space`.
 */
export async function prepareDirectory(directory: string): Promise<readonly string[]> {
  const made = await makeFolder(directory);
  try {
    if (made !== undefined) await writeNewFile(join(directory, '.gitignore'), '*\n');
    if (made?.givenTo !== undefined)
      return [`Created ${directory} for ${nameOfUser(made.givenTo)}, who owns its parent directory.`];
    const { mode } = await stat(directory);
    return (mode & 0o022) === 0 ? [] : [`Other users may write to ${directory}: chmod 700 ${directory}`];
  } catch (error) {
    throw await storageFailure(error, directory);
  }
}

/** Also creates a database's folder. @throws as `prepareDirectory`. */
export async function prepareDatabaseFolder(directory: string, database: string): Promise<void> {
  await prepareDirectory(directory);
  await makeFolder(databaseFolder(directory, database));
}

/** A name for a backup that starts now, not yet used in the folder; undefined: taken, ask again later. */
export async function freeBackupName(
  directory: string,
  database: string,
  label: string,
  now: Date,
): Promise<string | undefined> {
  const name = backupName(label, now);
  const names = await readdir(databaseFolder(directory, database));
  return names.some((taken) => taken.startsWith(`${name}.`) || taken.startsWith(`.${name}.`))
    ? undefined
    : name;
}
