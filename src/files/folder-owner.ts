import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closeQuietly } from './close-quietly.ts';
import { ROOT_ID } from './ownership.ts';
import { groupOfUser } from './user-names.ts';

/**
 * What root creates in a folder of another user belongs to that user from the start: one `sudo dbbackup` must not
 * leave locks and files that the user's own runs cannot use.
 *
 * @param made Just made, by this process, at `path`. Passed as a handle, so that no link can lead to another file.
 * @returns the user it belongs to now; undefined: its creator, as usual.
 */
export async function giveToFolderOwner(made: FileHandle, path: string): Promise<number | undefined> {
  const state = await made.stat();
  const hasOtherNames = state.isFile() && state.nlink !== 1; // then it is not the one just created
  if (state.uid !== ROOT_ID || hasOtherNames) return undefined;
  const folder = await stat(dirname(path));
  if (folder.uid === ROOT_ID) return undefined;
  try {
    await made.chown(folder.uid, folder.gid);
    return folder.uid;
  } catch {
    return undefined; // no owners here (FAT, many shares), or root may not change them: it stays as it is
  }
}

/**
 * For what root's own later runs act on: in a folder of another user it stays root's, or that user could tell root what
 * to do. The user may read it.
 *
 * @param made As of `giveToFolderOwner`.
 */
export async function letFolderOwnerRead(made: FileHandle, path: string): Promise<void> {
  const state = await made.stat();
  if (state.uid !== ROOT_ID || state.nlink !== 1) return;
  const folder = await stat(dirname(path));
  if (folder.uid === ROOT_ID) return;
  try {
    await made.chown(ROOT_ID, groupOfUser(folder.uid) ?? folder.gid);
    await made.chmod(0o640);
  } catch {
    // no owners here: everybody who may look into the folder reads it anyway
  }
}

/** The same as `giveToFolderOwner` for a folder that was just made. */
export async function giveFolderToFolderOwner(path: string): Promise<number | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined; // another process was quicker and put something else there: that is not ours to give away
  }
  try {
    return await giveToFolderOwner(handle, path);
  } finally {
    await closeQuietly(handle);
  }
}
