import { pause } from '../run/pause.ts';
import { commandAs } from '../files/ownership.ts';
import { untrustedText } from './record/untrusted-job.ts';
import { identifyProcess, judgeProcess, ownerOfProcess, terminateProcess } from '../locks/processes.ts';
import { DbBackupError } from '../run/errors.ts';
import { furtherCommand } from '../run/further-command.ts';
import { isUnderWay } from './record/job.ts';
import type { Job } from './record/job.ts';
import type { Runtime } from '../run/runtime.ts';
import { readJob } from './read-jobs.ts';

const POLL_MS = 200;

interface JobRequest {
  /** The backup directory, absolute. */
  readonly directory: string;
  /** Its id or a unique beginning of it. */
  readonly id: string;
}

/**
 * Waits until a job has ended, or its process no longer exists.
 *
 * @param onLog Called with the text of the log, and then with what is added to it.
 * @throws {DbBackupError} `not-found`; the signal's reason, which leaves the job alone.
 */
export async function followJob(
  request: JobRequest,
  onLog: (text: string) => Promise<void>,
  runtime: Runtime,
): Promise<{ readonly job: Job; readonly log: string }> {
  let toldLength = 0;
  const silent = { ...runtime, onProgress: () => undefined }; // or the same would be reported again and again
  let { id } = request;
  for (;;) {
    const { job, log } = await readJob({ ...request, id }, silent);
    ({ id } = job); // found by the id alone, however many there are
    if (log.length > toldLength) await onLog(log.slice(toldLength));
    toldLength = log.length;
    if (!isUnderWay(job)) return { job, log };
    await pause(POLL_MS, runtime.signal);
  }
}

/**
 * Ends a job as SIGTERM does, and waits until it has cleaned up and ended.
 *
 * @throws {DbBackupError} `not-found`; `failed` when it has already ended or runs where we cannot reach it;
 *   `access-denied` when it is another user's.
 */
export async function cancelJob(request: JobRequest, runtime: Runtime): Promise<void> {
  const { job } = await readJob(request, runtime);
  if (!isUnderWay(job)) {
    throw new DbBackupError('failed', `The job ${job.id} has ended (${job.state}).`, {
      hint: statusCommand(request, job, runtime),
    });
  }
  const { pid, host, user } = job.process;
  const self = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  if ((await judgeProcess(job.process, self)) !== 'alive') {
    throw new DbBackupError(
      'failed',
      `The job ${job.id} runs on ${host} (pid ${pid})and cannot be reached from here.`,
      {
        hint: `There:\n${statusCommand(request, job, runtime, '--cancel')}`,
      },
    );
  }
  await refuseOtherProcess(request, job, runtime);
  try {
    terminateProcess(pid);
  } catch (cause) {
    throw new DbBackupError('access-denied', `The job ${job.id} is run by ${user}; you may not cancel it.`, {
      hint: `As ${user} or root:\n${statusCommand(request, job, runtime, '--cancel')}`,
      cause,
    });
  }
  await followJob(request, () => Promise.resolve(), runtime);
}

/** What may be somebody else's file does not decide which process is ended: only one of that very user's is. */
async function refuseOtherProcess(request: JobRequest, job: Job, runtime: Runtime): Promise<void> {
  const { untrusted, process } = job;
  if (untrusted === undefined) return;
  if (untrusted.why === 'owner' && (await ownerOfProcess(process.pid)) === untrusted.ownerId) return;
  const { directory } = request;
  throw new DbBackupError(
    'access-denied',
    `${untrustedText(job, untrusted, directory)}, so the process that it names (pid ${process.pid}) is not ended.`,
    { hint: commandAs(untrusted.ownerId, statusCommand(request, job, runtime, '--cancel')) },
  );
}

function statusCommand(
  { directory }: JobRequest,
  { id }: Job,
  { program }: Runtime,
  ...options: string[]
): string {
  return furtherCommand(directory, 'status', [id], options, program);
}
