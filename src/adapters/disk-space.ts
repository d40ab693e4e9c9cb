import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * How many bytes this login may still write there; of a folder that is not made yet, what the one above it has.
 *
 * @returns undefined where the system does not say.
 */
export async function readFreeBytes(path: string): Promise<number | undefined> {
  for (const place of [path, dirname(path)]) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      // not made yet, gone, or the system does not say: its folder may tell
    }
  }
  return undefined;
}
