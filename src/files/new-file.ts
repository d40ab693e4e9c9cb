import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { giveToFolderOwner } from './folder-owner.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_APPEND } = constants;

/**
 * Starts a file of mode 0600 that belongs to whom its folder belongs to. It opens no existing file, and follows no
 * link.
 *
 * @throws {Error} of the system; `EEXIST`.
 */
export async function openNewFile(path: string): Promise<FileHandle> {
  return opened(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

/** Writes such a file whole. @throws as `openNewFile`. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await write(await openNewFile(path), text);
}

/** The same for a draft: one left by a run that was killed while writing is removed. */
export async function writeDraft(path: string, text: string, { sync = false } = {}): Promise<void> {
  const file = await openNewFile(path).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await unlink(path);
    return openNewFile(path);
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
  const file = await opened(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  try {
    await file.writeFile(`${line}\n`);
  } finally {
    await file.close();
  }
}

async function opened(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags, 0o600);
  try {
    if ((await file.stat()).size === 0) await giveToFolderOwner(file, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
