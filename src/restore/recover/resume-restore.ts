import { amendJobFile } from '../../jobs/record/job-files.ts';
import { databaseFolder, jobFolder } from '../../backups/directory/layout.ts';
import { removeOldState } from '../keep/old-state-file.ts';
import { removeSwapScript } from '../swap/swap-script-file.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { DbBackupError } from '../../run/errors.ts';
import { isReplacing, isInterruptedSwap, leavesSomething } from '../../jobs/record/job.ts';
import type { Job, InterruptedSwap } from '../../jobs/record/job.ts';
import { leftInPlace, wayOutOf } from '../../jobs/record/in-place-journal.ts';
import { shellWord } from '../../run/shell-command.ts';
import { lockDatabase } from '../../jobs/lock-database.ts';
import { refuseSharedFolders } from '../check/refuse-shared-folders.ts';
import { refuseReadOnlyServer } from '../check/refuse-read-only-server.ts';
import { recoverJob } from './recover-job.ts';
import { untrustedRestore } from './untrusted-restore.ts';
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
 * Completes an interrupted restore when its tables are in place; otherwise rolls it back.
 *
 * @throws {DbBackupError} `not-found`: no such job, or its schemas are not on this server; `locked`: it still runs;
 *   `unsafe`: every user may write there; `restore-incomplete`: it ran in place, where nothing is kept to complete it with; or another user may have written
 *   its files.
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
    const message = `The job ${id} (${operation} of ${database}, ${state}) left nothing to complete or roll back.`;
    return { job: id, database, outcome: 'nothing', message };
  };
  if (!leavesSomething(found.job)) return nothing(found.job);
  await refuseSharedFolders([directory, jobFolder(directory), databaseFolder(directory, database)]);
  refuseUntrusted(found.job, directory, runtime);
  if (isInterruptedSwap(found.job)) {
    const purpose = `the restore ${id} of ${database} can be neither completed nor rolled back now`;
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
  refuseUntrusted(job, directory, runtime);
  if (isReplacing(job)) {
    throw new DbBackupError(
      'restore-incomplete',
      `The restore ${id} of ${database} was interrupted in place, so it cannot be completed or rolled back: ${leftInPlace(database)}`,
      { hint: wayOutOf(job.replacing, database) },
    );
  }
  if (!isInterruptedSwap(job)) return nothing(job);
  const settled = await recoverJob({ connection, directory }, job, runtime);
  if (settled instanceof DbBackupError) throw settled;
  if (typeof settled !== 'string') return { job: id, database, ...settled };
  if (settled === 'gone') return await forgetSwap(directory, job);
  const { resumeCommand, endpoint } = job.swap;
  throw new DbBackupError('not-found', `The schemas of the restore ${id} are not on this server.`, {
    hint:
      settled === 'elsewhere' && resumeCommand !== undefined
        ? `Resume it where it was started${endpoint === undefined ? '' : `, on ${endpoint}`}:\n${resumeCommand}`
        : settled === 'elsewhere'
          ? 'Connect to the server that it ran on.'
          : `Connect to the server that it ran on. Or, if its schemas were removed by hand, delete its record:\nrm ${shellWord(`${jobFolder(directory)}/${id}`)}.*`,
  });
}

function refuseUntrusted(job: Job, directory: string, { program }: Runtime): void {
  if (job.untrusted !== undefined) throw untrustedRestore(job, job.untrusted, { directory, program });
}

/** Its schemas were removed: nothing is left to complete it or roll it back. */
async function forgetSwap(directory: string, job: InterruptedSwap): Promise<ResumeOutcome> {
  const { id, database, swap } = job;
  await removeSwapScript(directory, id);
  await removeOldState(directory, id);
  await amendJobFile(directory, { ...job, swap: undefined });
  const way =
    swap.returnCommand === undefined ? '' : ` To bring back its previous contents:\n${swap.returnCommand}`;
  const message = `The schemas of the restore ${id} were removed from the server, so there is nothing left to complete or roll back; whether ${database} is complete could not be determined.${way}`;
  return { job: id, database, outcome: 'nothing', message };
}
