import { lstatSync } from 'node:fs';
import { lstat, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { compressionByName } from '../../compression/methods.ts';
import { syncFolder } from '../../files/durable-file.ts';
import { readFailure, storageFailure } from '../../files/file-failure.ts';
import { baseName, parseBackupName } from '../record/backup-name.ts';
import { manifestPathOf } from '../record/manifest-file.ts';

/** `.manual_….sql.gz.removing`: hidden, so that no glob and no listing takes it for a backup. */
function removingPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.removing`);
}

/** The file that was being removed, by the name that it has meanwhile; undefined for any other name. */
export function fileBeingRemoved(name: string): string | undefined {
  const file = /^\.(.+)\.removing$/.exec(name)?.[1];
  return file !== undefined && parseBackupName(baseName(file)) !== undefined ? file : undefined;
}

/**
 * Removes a backup, so that whatever is left by a run that is killed meanwhile, or by a power cut, looks like none: the
 * file is hidden, then the manifest goes, then the file. To be called with the lock of its database held.
 *
 * @throws {DbBackupError} `no-space`: then the backup is whole, or hidden as by a run that was killed. It may be called
 *   again.
 */
export async function removeBackup(path: string): Promise<void> {
  const hidden = removingPath(path);
  try {
    await rename(path, hidden).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // removed already
    });
    await syncFolder(dirname(path));
    await unlinkDurably(manifestPathOf(path));
  } catch (error) {
    if (await isThere(manifestPathOf(path))) await rename(hidden, path).catch(() => undefined); // what failed counts
    throw await storageFailure(error, path);
  }
  try {
    await unlinkDurably(hidden);
  } catch (error) {
    throw await storageFailure(error, hidden);
  }
}

/**
 * Ends what a killed `removeBackup` began.
 *
 * @param hidden The path of the hidden file.
 * @throws {DbBackupError} `no-space`.
 */
export async function endRemoval(hidden: string): Promise<void> {
  const folder = dirname(hidden);
  const name = fileBeingRemoved(basename(hidden));
  try {
    // A dump of that name that is there again, put there by hand, keeps its manifest.
    if (name !== undefined && !(await hasDump(folder, baseName(name))))
      await unlinkDurably(manifestPathOf(join(folder, name)));
    await unlinkDurably(hidden);
  } catch (error) {
    throw await storageFailure(error, hidden);
  }
}

async function hasDump(folder: string, backup: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some((name) => compressionByName(name) !== undefined && baseName(name) === backup);
}

/** Not `rm()`, which takes what may not be removed for a folder, and says so. */
async function unlinkDurably(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await syncFolder(dirname(path));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Those of the paths that are symbolic links: to remove one would not remove the file.
 *
 * @throws {DbBackupError} `no-space` for what this login may not look at.
 */
export function linksAmong(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.filter(isLink));
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch (error) {
    throw readFailure(error, path);
  }
}
