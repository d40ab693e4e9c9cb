import { removeDeadDrafts, removeJobFiles } from './record/job-files.ts';
import { isKeeping } from './record/keeping-job.ts';
import { isUnderWay, leavesSomething } from './record/job.ts';
import type { Job } from './record/job.ts';
import { isOfSameRuns } from './record/runs-of-all.ts';
import type { Runtime } from '../run/runtime.ts';
import { readJobs } from './read-jobs.ts';

/** This many are kept for each database, and of runs over all that did not come to know which there are. */
const KEPT = 100;

/**
 * Removes the state files and logs of each database's oldest jobs, and drafts of state files left by killed runs;
 * never those of a job that runs, left something incomplete, or keeps tables. To be called once, at the end of a command, because it
 * reads every job's file. Never rejects and reports nothing: old records that stay do not concern the run that has
 * just ended.
 */
export async function pruneJobs(directory: string, runtime: Runtime): Promise<void> {
  if (runtime.signal.aborted) return; // a user who has cancelled is waiting for the end
  try {
    const jobs = await readJobs(directory, { ...runtime, onProgress: () => undefined });
    const counts = new Map<string, number>();
    const dropped: Job[] = [];
    for (const job of jobs) {
      // Without the later run that answered it, a failed run over all would be open again.
      const isAnswered = job.database === '' && dropped.some((later) => isOfSameRuns(later, job));
      const count = (counts.get(job.database) ?? 0) + 1;
      counts.set(job.database, count);
      if ((count <= KEPT && !isAnswered) || !isOver(job)) continue;
      await removeJobFiles(directory, job.id);
      if (job.allDatabases === true) dropped.push(job);
    }
    const notOver = new Set(jobs.filter((job) => !isOver(job)).map(({ id }) => id));
    await removeDeadDrafts(directory, runtime.now(), (id) => !notOver.has(id));
  } catch {
    // The next command tries again.
  }
}

function isOver(job: Job): boolean {
  const mayKeep = isKeeping(job) || job.untrusted?.mayKeep === true;
  return !isUnderWay(job) && job.unproven === undefined && !leavesSomething(job) && !mayKeep;
}
