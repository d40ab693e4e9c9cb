import { rename, rm } from 'node:fs/promises';
import { removeDurably } from '../../files/durable-file.ts';
import { storageFailure } from '../../files/file-failure.ts';
import { partialPath } from '../../files/partial-file.ts';
import { manifestPathOf } from '../record/manifest-file.ts';

/**
 * Removes a backup, so that whatever is left by a run that is killed meanwhile looks like none. To be called with the
 * lock of its database held.
 *
 * @throws {DbBackupError} `no-space`. It may be called again.
 */
export async function removeBackup(path: string): Promise<void> {
  const hidden = partialPath(path);
  try {
    await rename(path, hidden).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // removed already
    });
    await removeDurably(manifestPathOf(path));
    await rm(hidden, { force: true });
  } catch (error) {
    throw await storageFailure(error, path);
  }
}
