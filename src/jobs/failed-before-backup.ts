import { readJobFile } from './record/job-files.ts';
import { isJobId } from '../run/job-id.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import { isUnderWay } from './record/job.ts';
import type { Job } from './record/job.ts';
import type { Runtime } from '../run/runtime.ts';

/**
 * Whether it is proven that a job ended before its backup existed. False where the job is no longer known: only the
 * last hundred of a database are kept.
 */
export async function failedBeforeBackup(
  id: string,
  directory: string,
  { pid, hostName, userName, userId }: Pick<Runtime, 'pid' | 'hostName' | 'userName' | 'userId'>,
): Promise<boolean> {
  const job = isJobId(id) ? await readJobFile(directory, id, userId).catch(() => undefined) : undefined;
  if (job === undefined || job.untrusted !== undefined) return false;
  // A restore continues after its safety backup, so its outcome says nothing about that.
  if (job.operation !== 'create' && !makesSafetyBackup(job)) return false;
  if (!isUnderWay(job)) return job.state !== 'succeeded';
  return (await judgeProcess(job.process, await identifyProcess(pid, hostName, userName))) === 'gone';
}

/** Release 0.1.0 recorded it only in the text of the step. */
function makesSafetyBackup({ phase, step, database }: Job): boolean {
  return phase === 'safety-backup' || step === `Creating the safety backup of ${database}...`;
}
