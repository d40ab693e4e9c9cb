import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closeQuietly } from './close-quietly.ts';
import { writeDraft } from './new-file.ts';

/**
 * Writes a file of mode 0600 whole, in the place of what had its name: a reader sees the old content or the new, even
 * after a power cut.
 *
 * @param draft Where it is written first; each of several concurrent writers needs its own name.
 * @param isKept See `writeDraft`.
 */
export async function replaceDurably(
  path: string,
  text: string,
  { draft = `${path}.new`, isKept = false } = {},
): Promise<void> {
  try {
    await writeDraft(draft, text, { sync: true, isKept });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes a file durably. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. Some network file systems refuse it, because they do so anyway. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await closeQuietly(handle);
  }
}
