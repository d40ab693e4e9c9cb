import { removeJobFiles } from '../adapters/job-files.ts';
import { isUnderWay } from '../model/job.ts';
import type { Runtime } from './runtime.ts';
import { readJobs } from './status.ts';

/** So many of each database are kept. */
const KEPT = 100;

/**
 * Removes the state files and logs of each database's oldest jobs; never of one that runs or has left something undone.
 * To be called once, when all that a command does is done: it reads every job's file. Never rejects and says nothing:
 * that old records stay is none of the business of the run that has just ended.
 */
export async function pruneJobs(directory: string, runtime: Runtime): Promise<void> {
  try {
    const counts = new Map<string, number>();
    for (const job of await readJobs(directory, { ...runtime, onProgress: () => undefined })) {
      const count = (counts.get(job.database) ?? 0) + 1;
      counts.set(job.database, count);
      if (count > KEPT && !isUnderWay(job) && job.swap === undefined) await removeJobFiles(directory, job.id);
    }
  } catch {
    // The next command tries again.
  }
}
