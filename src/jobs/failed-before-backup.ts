import { readJobFile } from './record/job-files.ts';
import { isJobId } from '../run/job-id.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import { isUnderWay } from './record/job.ts';
import type { Job } from './record/job.ts';
import type { Runtime } from '../run/runtime.ts';

/**
 * Whether it is proven that a job ended before the backup that it was to make was there. False where nothing is known
 * of the job any more: the last hundred of a database are kept.
 */
export async function failedBeforeBackup(
  id: string,
  directory: string,
  { pid, hostName, userName }: Pick<Runtime, 'pid' | 'hostName' | 'userName'>,
): Promise<boolean> {
  const job = isJobId(id) ? await readJobFile(directory, id).catch(() => undefined) : undefined;
  if (job === undefined) return false;
  // A restore goes on behind its safety backup: how it ended says nothing of that.
  if (job.operation !== 'create' && !makesSafetyBackup(job)) return false;
  if (!isUnderWay(job)) return job.state !== 'succeeded';
  return (await judgeProcess(job.process, await identifyProcess(pid, hostName, userName))) === 'gone';
}

/** Release 0.1.0 said it in the words of the step alone. */
function makesSafetyBackup({ phase, step, database }: Job): boolean {
  return phase === 'safety-backup' || step === `Creating the safety backup of ${database}...`;
}
