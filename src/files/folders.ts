import { constants } from 'node:fs';
import { access, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DbBackupError } from '../run/errors.ts';
import { giveFolderToFolderOwner } from './folder-owner.ts';
import { storageFailure } from './file-failure.ts';

/** What this login and others may do with a folder. */
export interface FolderState {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly writable: boolean;
  readonly ownerId: number;
}

/** undefined: it does not exist, or this login may not see it. */
export async function inspectFolder(folder: string): Promise<FolderState | undefined> {
  try {
    const { mode, uid } = await stat(folder);
    const writable = await access(folder, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    return {
      path: folder,
      mode: mode & 0o777,
      writable,
      ownerId: uid,
    };
  } catch {
    return undefined;
  }
}

/** The folder itself, or the nearest existing one above it, in which it would be created. */
export async function nearestFolder(folder: string): Promise<FolderState> {
  for (let path = folder; ; path = dirname(path)) {
    const state = await inspectFolder(path);
    if (state !== undefined) return state;
    if (dirname(path) === path) throw new Error('there is no root folder');
  }
}

/** A folder that was created, and whom it was given to; undefined: it belongs to its creator. */
export interface MadeFolder {
  readonly givenTo: number | undefined;
}

/**
 * Creates a folder of mode 0700, and those above it that are missing. Created by root, they belong to the owner of
 * the folder that they are in.
 *
 * @returns undefined: it existed.
 * @throws {DbBackupError} `no-space`, with the reason.
 */
export async function makeFolder(folder: string): Promise<MadeFolder | undefined> {
  try {
    return await makeWithThoseAbove(folder);
  } catch (error) {
    if (await isDanglingLink(folder)) {
      throw new DbBackupError(
        'no-space',
        `${folder} is a symbolic link to a directory that does not exist.`,
        {
          hint: 'Check that the disk it points to is mounted; otherwise remove the link, or choose another directory with --dir.',
          cause: error,
        },
      );
    }
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new DbBackupError('no-space', `${folder} is a file, not a directory.`, {
        hint: 'Move it away, or choose another directory with --dir.',
        cause: error,
      });
    }
    throw await storageFailure(error, folder);
  }
}

async function isDanglingLink(path: string): Promise<boolean> {
  const isLink = await lstat(path).then(
    (state) => state.isSymbolicLink(),
    () => false,
  );
  return isLink && (await inspectFolder(path)) === undefined;
}

/**
 * Not Node's own `recursive`: that retries forever where a file system cannot create folders and says ENOENT (/proc,
 * an automounter), and says ENOENT itself where one is read-only.
 */
async function makeWithThoseAbove(folder: string): Promise<MadeFolder | undefined> {
  try {
    return await makeOne(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeWithThoseAbove(dirname(folder));
    return await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<MadeFolder | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST' && (await stat(folder)).isDirectory();
    if (isThere) return undefined;
    throw error;
  }
  return { givenTo: await giveFolderToFolderOwner(folder) };
}
