import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FreeSpace {
  /** What this login may still write. */
  readonly bytes: number;
  /** Not one more file can be made, however small: the inodes are used up. */
  readonly noFiles: boolean;
}

/**
 * How much room there is; of a folder that is not made yet, what the one above it has.
 *
 * @returns undefined where the system does not say.
 */
export async function readFreeSpace(path: string): Promise<FreeSpace | undefined> {
  for (const place of [path, dirname(path)]) {
    try {
      const { bavail, bsize, files, ffree } = await statfs(place);
      return { bytes: bavail * bsize, noFiles: files > 0 && ffree === 0 }; // some count no files at all
    } catch {
      // not made yet, gone, or the system does not say: its folder may tell
    }
  }
  return undefined;
}
