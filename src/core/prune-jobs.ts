import { removeJobFiles } from '../adapters/job-files.ts';
import { isUnderWay } from '../model/job.ts';
import type { Runtime } from './runtime.ts';
import { readJobs } from './status.ts';

/** So many of each database are kept. */
const KEPT = 100;

/** Removes the state files and logs of a database's oldest jobs; never of one that runs or has left something undone. */
export async function pruneJobs(
  { directory, database }: { readonly directory: string; readonly database: string },
  runtime: Runtime,
): Promise<void> {
  const jobs = await readJobs(directory, runtime);
  const old = jobs.filter((job) => job.database === database).slice(KEPT);
  for (const job of old)
    if (!isUnderWay(job) && job.swap === undefined) await removeJobFiles(directory, job.id);
}
