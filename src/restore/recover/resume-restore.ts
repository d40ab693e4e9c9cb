import { amendJobFile } from '../../jobs/record/job-files.ts';
import { jobFolder } from '../../backups/directory/layout.ts';
import { removeSwapScript } from '../swap/swap-script-file.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { DbBackupError } from '../../run/errors.ts';
import { isReplacing, isInterruptedSwap, leavesSomething } from '../../jobs/record/job.ts';
import type { Job, InterruptedSwap } from '../../jobs/record/job.ts';
import { leftInPlace, wayOutOf } from '../../jobs/record/in-place-journal.ts';
import { shellWord } from '../../run/shell-command.ts';
import { lockDatabase } from '../../jobs/lock-database.ts';
import { refuseReadOnlyServer } from '../check/refuse-read-only-server.ts';
import { recoverJob } from './recover-job.ts';
import type { Recovered } from './recover-job.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readJob } from '../../jobs/read-jobs.ts';

export interface ResumeOutcome {
  readonly job: string;
  readonly database: string;
  /** `nothing`: the job had left nothing to be done. */
  readonly outcome: Recovered['outcome'] | 'nothing';
  readonly message: string;
}

/**
 * Finishes a restore that was cut off, when its tables are in place; else takes it back.
 *
 * @throws {DbBackupError} `not-found`: no such job, or its schemas are not on this server; `locked`: it still runs;
 *   `restore-incomplete`: it went in place, where nothing is kept to finish it with.
 */
export async function resumeRestore(
  request: {
    readonly connection: Connection;
    readonly directory: string;
    /** Its id or a unique beginning of it. */
    readonly job: string;
    readonly lockWaitMs: number;
  },
  runtime: Runtime,
): Promise<ResumeOutcome> {
  const { connection, lockWaitMs } = request;
  const found = await readJob({ directory: request.directory, id: request.job }, runtime);
  const { directory } = found; // of the job
  const { id, database } = found.job;
  const nothing = ({ operation, state }: Job): ResumeOutcome => {
    const message = `The job ${id} (${operation} of ${database}, ${state}) has left nothing to be done.`;
    return { job: id, database, outcome: 'nothing', message };
  };
  if (!leavesSomething(found.job)) return nothing(found.job);
  if (isInterruptedSwap(found.job)) {
    const purpose = `the restore ${id} of ${database} can be neither finished nor taken back now`;
    await using session = new SharedSession(connection, runtime.signal);
    await refuseReadOnlyServer({ connection, purpose, code: 'failed' }, session);
  }
  await using _lock = await lockDatabase(
    {
      connection,
      directory,
      database,
      operation: 'restore',
      job: id,
      waitMs: lockWaitMs,
      step: 'Resuming the restore...',
    },
    runtime,
  );
  // While the lock was waited for, it may have come to its end.
  const { job } = await readJob({ directory, id }, runtime);
  if (isReplacing(job)) {
    throw new DbBackupError(
      'restore-incomplete',
      `The restore ${id} of ${database} was cut off in place, so it cannot be finished or taken back: ${leftInPlace(database)}`,
      { hint: wayOutOf(job.replacing, database) },
    );
  }
  if (!isInterruptedSwap(job)) return nothing(job);
  const settled = await recoverJob({ connection, directory }, job, runtime);
  if (typeof settled !== 'string') return { job: id, database, ...settled };
  if (settled === 'gone') return await forgetSwap(directory, job);
  const { resumeCommand, endpoint } = job.swap;
  throw new DbBackupError('not-found', `The schemas of the restore ${id} are not on this server.`, {
    hint:
      settled === 'elsewhere' && resumeCommand !== undefined
        ? `Resume it where it ran${endpoint === undefined ? '' : `, on ${endpoint}`}:\n${resumeCommand}`
        : settled === 'elsewhere'
          ? 'Connect to the server that it ran on.'
          : `Connect to the server that it ran on. Or, if its schemas were removed by hand, forget it:\nrm ${shellWord(`${jobFolder(directory)}/${id}`)}.*`,
  });
}

/** Somebody has removed its schemas: nothing is left to finish it with, or to take it back. */
async function forgetSwap(directory: string, job: InterruptedSwap): Promise<ResumeOutcome> {
  const { id, database, swap } = job;
  await removeSwapScript(directory, id);
  await amendJobFile(directory, { ...job, swap: undefined });
  const way = swap.returnCommand === undefined ? '' : ` To bring back what it held:\n${swap.returnCommand}`;
  const message = `Somebody has removed the schemas of the restore ${id} from the server, so nothing is left to be done; whether ${database} is whole cannot be told.${way}`;
  return { job: id, database, outcome: 'nothing', message };
}
