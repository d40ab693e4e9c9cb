import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DbBackupError } from '../model/errors.ts';
import { storageFailure } from './storage-failure.ts';

/**
 * Makes a folder of mode 0700, and those above it that are missing.
 *
 * @returns whether it was made; false: it was there.
 * @throws {DbBackupError} `no-space`, with the reason.
 */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    return (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new DbBackupError('no-space', `${folder} is a file, not a folder.`, {
        hint: 'Move it away, or give another folder with --dir.',
        cause: error,
      });
    }
    throw await storageFailure(code === 'ENOENT' ? await hiddenReason(folder, error) : error, folder);
  }
}

/** Node's recursive mkdir says ENOENT where the file system is read-only: the nearest folder that exists tells. */
async function hiddenReason(folder: string, error: unknown): Promise<unknown> {
  for (let above = dirname(folder); ; above = dirname(above)) {
    try {
      await access(above, constants.W_OK);
      return error;
    } catch (reason) {
      if ((reason as NodeJS.ErrnoException).code !== 'ENOENT' || above === dirname(above)) return reason;
    }
  }
}
