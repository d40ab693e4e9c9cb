import type { Backup } from '../backups/record/backup.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { inTrueState } from '../jobs/read-jobs.ts';
import { readJobFile } from '../jobs/record/job-files.ts';
import { isUnderWay, type Job, leavesSomething } from '../jobs/record/job.ts';
import { isKeeping } from '../jobs/record/keeping-job.ts';
import { isJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import type { NeededBy } from './safety-backups.ts';

/** Asks the restores that made the safety backups among these whether they still need them. */
export async function restoresThatNeed(
  backups: readonly Backup[],
  directory: string,
  runtime: Runtime,
): Promise<NeededBy> {
  const jobs = backups.flatMap(({ label, manifest }) =>
    label === SAFETY_LABEL && manifest !== undefined ? [manifest.job] : [],
  );
  const reasons = new Map<string, string | undefined>();
  for (const job of new Set(jobs)) reasons.set(job, await whyNeeded(job, directory, runtime));
  return (job) => reasons.get(job);
}

async function whyNeeded(id: string, directory: string, runtime: Runtime): Promise<string | undefined> {
  if (!isJobId(id)) return undefined;
  let job: Job | undefined;
  try {
    job = await readJobFile(directory, id, runtime.userId);
  } catch {
    return `and the record of its restore ${id} cannot be read`;
  }
  if (job === undefined) return undefined; // only those that are over are ever removed
  const [state = job] = await inTrueState([job], directory, runtime);
  if (isUnderWay(state) || leavesSomething(state)) return `and its restore ${id} is not settled`;
  return isKeeping(state) ? `and what its restore ${id} replaced is kept on the server` : undefined;
}
