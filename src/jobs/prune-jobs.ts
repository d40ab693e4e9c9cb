import { removeDeadDrafts, removeJobFiles } from './record/job-files.ts';
import { isUnderWay, leavesSomething } from './record/job.ts';
import type { Job } from './record/job.ts';
import type { Runtime } from '../run/runtime.ts';
import { readJobs } from './read-jobs.ts';

/** So many of each database are kept. */
const KEPT = 100;

/**
 * Removes the state files and logs of each database's oldest jobs, and drafts of state files that killed runs have left;
 * never of a job that runs or has left something undone. To be called once, when all that a command does is done: it
 * reads every job's file. Never rejects and says nothing: that old records stay is none of the business of the run
 * that has just ended.
 */
export async function pruneJobs(directory: string, runtime: Runtime): Promise<void> {
  if (runtime.signal.aborted) return; // who has cancelled waits for the end
  try {
    const jobs = await readJobs(directory, { ...runtime, onProgress: () => undefined });
    const counts = new Map<string, number>();
    for (const job of jobs) {
      const count = (counts.get(job.database) ?? 0) + 1;
      counts.set(job.database, count);
      if (count > KEPT && isOver(job)) await removeJobFiles(directory, job.id);
    }
    const notOver = new Set(jobs.filter((job) => !isOver(job)).map(({ id }) => id));
    await removeDeadDrafts(directory, runtime.now(), (id) => !notOver.has(id));
  } catch {
    // The next command tries again.
  }
}

function isOver(job: Job): boolean {
  return !isUnderWay(job) && job.unproven === undefined && !leavesSomething(job);
}
