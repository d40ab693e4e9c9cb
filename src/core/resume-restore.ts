import { jobFolder } from '../adapters/job-files.ts';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { isReplacing, isUnsettled, leavesSomething } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { leftInPlace, wayOutOf } from '../model/replacement.ts';
import { shellWord } from '../model/shell-word.ts';
import { lockDatabase } from './database-lock.ts';
import { settleJob } from './recover-restores.ts';
import type { Settled } from './recover-restores.ts';
import type { Runtime } from './runtime.ts';
import { readJob } from './status.ts';

export interface ResumeOutcome {
  readonly job: string;
  readonly database: string;
  /** `nothing`: the job had left nothing to be done. */
  readonly outcome: Settled['outcome'] | 'nothing';
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
  const { connection, directory, lockWaitMs } = request;
  const found = await readJob({ directory, id: request.job }, runtime);
  const { id, database } = found.job;
  const nothing = ({ operation, state }: Job): ResumeOutcome => {
    const message = `The job ${id} (${operation} of ${database}, ${state}) has left nothing to be done.`;
    return { job: id, database, outcome: 'nothing', message };
  };
  if (!leavesSomething(found.job)) return nothing(found.job);
  await using _lock = await lockDatabase(
    { connection, directory, database, operation: 'restore', job: id, waitMs: lockWaitMs },
    runtime,
  );
  // While the lock was waited for, it may have come to its end.
  const { job } = await readJob({ directory, id }, runtime);
  const forget = `forget it: rm ${shellWord(`${jobFolder(directory)}/${id}`)}.*`;
  if (isReplacing(job)) {
    throw new DbBackupError(
      'restore-incomplete',
      `The restore ${id} of ${database} was cut off in place, so it cannot be finished or taken back: ${leftInPlace(database)}`,
      { hint: `${wayOutOf(job.replacing, database)}\nOr, if ${database} is whole already, ${forget}` },
    );
  }
  if (!isUnsettled(job)) return nothing(job);
  const settled = await settleJob(request, job, runtime);
  if (settled !== undefined) return { job: id, database, ...settled };
  throw new DbBackupError('not-found', `The schemas of the restore ${id} are not on this server.`, {
    hint: `Connect to the server that it ran on${job.swap.resumeCommand === undefined ? '' : `: ${job.swap.resumeCommand}`}\nOr, if its schemas were removed by hand, ${forget}`,
  });
}
