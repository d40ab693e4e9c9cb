import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FreeSpace {
  /** What this login may still write. */
  readonly bytes: number;
  /** No more files can be created, however small: the inodes are used up. */
  readonly noFiles: boolean;
  /** Which file system it is. */
  readonly device: number;
}

/**
 * How much space is free; for a folder that does not exist yet, in the one above it.
 *
 * @returns undefined where the system does not say.
 */
export async function readFreeSpace(path: string): Promise<FreeSpace | undefined> {
  for (const place of [path, dirname(path)]) {
    try {
      const { bavail, bsize, files, ffree } = await statfs(place);
      const { dev: device } = await stat(place);
      return { bytes: bavail * bsize, noFiles: files > 0 && ffree === 0, device }; // some file systems count no files at all
    } catch {
      // not made yet, gone, or the system does not say: its folder may tell
    }
  }
  return undefined;
}
