import { listJobIds, readJobFile } from '../../jobs/record/job-files.ts';
import {
  type InterruptedSwap,
  isInterruptedSwap,
  type Job,
  leavesSomething,
  isUnderWay,
} from '../../jobs/record/job.ts';

/**
 * By backup directory, the jobs that have ended and left nothing: they stay so, and `create -A` asks for each database.
 */
const recoveredJobs = new Map<string, ReadonlySet<string>>();

/**
 * Restores of a database that left something to complete or roll back; oldest first.
 *
 * @param userId Who runs.
 */
export async function readInterruptedRestores(
  directory: string,
  database: string,
  userId: number,
): Promise<readonly InterruptedSwap[]> {
  return (await readLeaving(directory, database, userId)).filter(isInterruptedSwap);
}

/** The same, with those that ran in place and left the database partly restored. */
export async function readLeaving(
  directory: string,
  database: string,
  userId: number,
): Promise<readonly Job[]> {
  const leaving: Job[] = [];
  const known = recoveredJobs.get(directory);
  const settled = new Set<string>();
  for (const id of await listJobIds(directory)) {
    const job =
      known?.has(id) === true ? 'settled' : await readJobFile(directory, id, userId).catch(() => undefined);
    if (job === undefined) continue; // `status` tells of one that cannot be read
    if (job === 'settled' || !(leavesSomething(job) || isUnderWay(job))) settled.add(id);
    else if (leavesSomething(job) && job.database === database) leaving.push(job);
  }
  recoveredJobs.set(directory, settled);
  return leaving.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}
