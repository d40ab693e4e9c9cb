import { placesOfJobs } from '../backups/directory/stand-in-directory.ts';
import { unlessUnreadable } from '../files/file-failure.ts';
import type { Runtime } from '../run/runtime.ts';
import { readJobFiles } from './record/job-files.ts';
import { isUnderWay, type Job, leavesSomething, rehearsalsAmong } from './record/job.ts';
import { isKeeping } from './record/keeping-job.ts';

/** Which jobs the scratch schemas on a server are the business of. */
export interface JobsOfSchemas {
  /** Restores that have something there, or may have. */
  readonly restores: ReadonlySet<string>;
  /** They keep no journal: nothing but a schema could be left of one, and whether it lives its lock tells. */
  readonly rehearsals: ReadonlySet<string>;
  /** Jobs whose state files cannot be read: what they are nobody can say. */
  readonly unreadable: ReadonlySet<string>;
}

/**
 * Reads what is recorded for a backup directory: in it, and where this login keeps the jobs of runs that could only read
 * it. Of the place that the run does not write to, as far as it may be read.
 *
 * @param used The one of the two that this run writes to.
 * @throws {DbBackupError} `no-space` when its jobs cannot be read.
 */
export async function readJobsOfSchemas(
  directory: string,
  runtime: Pick<Runtime, 'userId' | 'env' | 'homeDirectory'>,
  used = directory,
): Promise<JobsOfSchemas> {
  const restores = new Set<string>();
  const rehearsals = new Set<string>();
  const unreadable = new Set<string>();
  for (const place of new Set([used, ...(await placesOfJobs(directory, runtime))])) {
    const reading = readJobFiles(place, runtime.userId);
    const read = await (place === used ? reading : unlessUnreadable(reading, { jobs: [], unreadable: [] }));
    const ofRehearsals = rehearsalsAmong(read.jobs);
    for (const id of ofRehearsals) rehearsals.add(id);
    for (const job of read.jobs) if (!ofRehearsals.has(job.id) && mayHaveSchemas(job)) restores.add(job.id);
    for (const { id } of read.unreadable) unreadable.add(id);
  }
  return { restores, rehearsals, unreadable };
}

/** A job that knows of no schema any more was settled, maybe on another server: then a schema is nobody's. */
function mayHaveSchemas(job: Job): boolean {
  return isUnderWay(job) || leavesSomething(job) || isKeeping(job) || job.untrusted?.mayKeep === true;
}
