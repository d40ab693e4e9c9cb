import { ServerStatementError } from '../../server/connect/server-failures.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { InterruptedSwap } from '../../jobs/record/job.ts';
import { DbBackupError, inOneLine, isCancellation } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readInterruptedRestores } from './interrupted-restores.ts';
import { recoverJob } from './recover-job.ts';
import { leaveUntrusted } from './untrusted-restore.ts';

/**
 * Recovers the dead restores of a database. To be called with the lock of that database held,
 * which proves that they are dead.
 *
 * @param own The job that calls, whose own swap is under way or has not begun.
 * @throws {DbBackupError} when one cannot be recovered: then nothing else should touch the database. Schemas that
 *   remain after recovery are a warning. `restore-incomplete` when its files may be those of somebody else.
 */
export async function recoverRestores(
  request: {
    readonly connection: Connection;
    readonly directory: string;
    readonly database: string;
    readonly own: string;
  },
  runtime: Runtime,
): Promise<void> {
  const { directory, database } = request;
  const read = (): Promise<readonly InterruptedSwap[]> =>
    readInterruptedRestores(directory, database, runtime.userId);
  for (const job of await read()) {
    if (job.id === request.own) continue;
    if (job.untrusted !== undefined) {
      await leaveUntrusted(request, job, job.untrusted, runtime);
      continue;
    }
    try {
      const settled = await recoverJob(request, job, runtime);
      if (settled instanceof DbBackupError) {
        if (isCancellation(settled)) throw settled;
        runtime.onProgress({ kind: 'warning', message: inOneLine(settled) });
      } else if (typeof settled !== 'string')
        runtime.onProgress({ kind: 'warning', message: settled.message });
    } catch (error) {
      const now = await read();
      const step = now.find(({ id }) => id === job.id)?.swap.step;
      const isOver = step === 'staging' || step === 'saving' || step === 'clearing';
      if (!(isOver && error instanceof ServerStatementError)) throw error;
      const state = step === 'staging' ? 'is unchanged' : 'is what its backup holds';
      runtime.onProgress({
        kind: 'warning',
        message: `The restore ${job.id} of ${job.database} was interrupted: ${job.database} ${state}, but ${job.swap.stage} or ${job.swap.old} cannot be removed; the next create or restore tries again. (${error.message})`,
      });
    }
  }
}
