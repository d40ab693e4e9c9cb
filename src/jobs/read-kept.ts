import { readdir } from 'node:fs/promises';
import { jobFolder } from '../backups/directory/layout.ts';
import { readFailure } from '../files/file-failure.ts';
import { readJobFile } from './record/job-files.ts';
import { isKeeping, type KeepingJob } from './record/keeping-job.ts';

/** Beside the state file of a job that keeps them: what belongs to its previous tables. */
const ENDING = '.old';

/**
 * The restores whose previous tables are kept on a server; oldest first. Reads no other job.
 *
 * @param userId Who runs: what somebody else may have written keeps nothing.
 */
export async function readKeeping(directory: string, userId: number): Promise<readonly KeepingJob[]> {
  const keeping: KeepingJob[] = [];
  for (const id of await idsOf(directory)) {
    const job = await readJobFile(directory, id, userId).catch(() => undefined); // `status` tells of it
    if (job !== undefined && isKeeping(job)) keeping.push(job);
  }
  return keeping.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

async function idsOf(directory: string): Promise<readonly string[]> {
  const folder = jobFolder(directory);
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw readFailure(error, folder);
  }
}
