import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const IN_MEMORY = '/dev/shm';
const TMPFS = 0x01_02_19_94;

/** What a whole run puts there is a few hundred megabytes for each server. */
const ENOUGH_BYTES = 6 * 2 ** 30;

/**
 * Where the data of a server that tests start lie: in memory, where the machine has plenty. MariaDB makes a file for
 * each temporary table of a question to the catalogue, and on a disk half of its time goes into that.
 *
 * @returns The folder for temporary files, where there is no such place or little room.
 */
export async function memoryFolder(): Promise<string> {
  const found = await statfs(IN_MEMORY).catch(() => undefined); // not there
  const isRoomy =
    found?.type === TMPFS &&
    found.bavail * found.bsize >= ENOUGH_BYTES &&
    process.availableMemory() >= ENOUGH_BYTES;
  return isRoomy ? IN_MEMORY : tmpdir();
}
