import { removeDeadDrafts, removeJobFiles } from '../adapters/job-files.ts';
import { isUnderWay } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { Runtime } from './runtime.ts';
import { readJobs } from './status.ts';

/** So many of each database are kept. */
const KEPT = 100;

/**
 * Removes the state files and logs of a database's oldest jobs, and drafts of state files that killed runs have left;
 * never of a job that runs or has left something undone.
 */
export async function pruneJobs(
  { directory, database }: { readonly directory: string; readonly database: string },
  runtime: Runtime,
): Promise<void> {
  const jobs = await readJobs(directory, runtime);
  const isOver = (job: Job): boolean => !isUnderWay(job) && job.swap === undefined;
  const old = jobs.filter((job) => job.database === database).slice(KEPT);
  for (const job of old) if (isOver(job)) await removeJobFiles(directory, job.id);
  const notOver = new Set(jobs.filter((job) => !isOver(job)).map(({ id }) => id));
  await removeDeadDrafts(directory, runtime.now(), (id) => !notOver.has(id));
}
