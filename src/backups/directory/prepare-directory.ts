import { readdir, stat } from 'node:fs/promises';
import { join } from 'path/posix';
import { storageFailure } from '../../files/file-failure.ts';
import { inspectFolder, makeFolder } from '../../files/folders.ts';
import { shellWord } from '../../run/shell-command.ts';
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
    return (mode & 0o022) === 0 ? [] : [othersMayWrite(directory)];
  } catch (error) {
    throw await storageFailure(error, directory);
  }
}

function othersMayWrite(folder: string): string {
  return `Other users may write to ${folder}: chmod 700 ${shellWord(folder)}`;
}

/**
 * Also creates a database's folder.
 *
 * @returns a warning when every user may write to that folder.
 * @throws as `prepareDirectory`.
 */
export async function prepareDatabaseFolder(
  directory: string,
  database: string,
): Promise<string | undefined> {
  await prepareDirectory(directory);
  const folder = databaseFolder(directory, database);
  await makeFolder(folder);
  const state = await inspectFolder(folder);
  return state !== undefined && (state.mode & 0o002) !== 0 ? othersMayWrite(folder) : undefined;
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
