import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file of mode 0600 whole, in the place of what had its name: a reader sees the old content or the new, and
 * so does whoever looks after a power cut.
 *
 * @param draft Where it is written first; a name of its own for each of several that may write at once.
 */
export async function replaceDurably(path: string, text: string, draft = `${path}.new`): Promise<void> {
  const file = await open(draft, 'w', 0o600);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the failure that counts is the first one
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes a file, for good. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
