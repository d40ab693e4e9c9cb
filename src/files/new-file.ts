import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { giveToFolderOwner, letFolderOwnerRead } from './folder-owner.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_APPEND } = constants;

const NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/**
 * Starts a file of mode 0600 that belongs to whom its folder belongs to. It opens no existing file, and follows no
 * link.
 *
 * @throws {Error} of the system; `EEXIST`.
 */
export async function openNewFile(path: string): Promise<FileHandle> {
  return opened(path, NEW);
}

/** Writes such a file whole. @throws as `openNewFile`. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await write(await openNewFile(path), text);
}

/**
 * The same for a draft: one left by a run that was killed while writing is removed.
 *
 * @param isKept It stays its maker's; the folder's owner may only read it.
 */
export async function writeDraft(
  path: string,
  text: string,
  { sync = false, isKept = false } = {},
): Promise<void> {
  const start = (): Promise<FileHandle> => opened(path, NEW, isKept ? letFolderOwnerRead : giveToFolderOwner);
  const file = await start().catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await unlink(path);
    return start();
  });
  await write(file, text, sync);
}

async function write(file: FileHandle, text: string, sync = false): Promise<void> {
  try {
    await file.writeFile(text);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/** Appends a line to such a file, which need not exist yet. */
export async function appendLine(path: string, line: string): Promise<void> {
  const file = await opened(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK); // no FIFO is waited for
  try {
    await file.writeFile(`${line}\n`);
  } finally {
    await file.close();
  }
}

async function opened(
  path: string,
  flags: number,
  give: (made: FileHandle, path: string) => Promise<unknown> = giveToFolderOwner,
): Promise<FileHandle> {
  const file = await open(path, flags, 0o600);
  try {
    if ((await file.stat()).size === 0) await give(file, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
