import { jobLockName, takeServerLock } from '../locks/server-lock.ts';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';

/**
 * The lock of one job on the server, until disposed: it tells others that the job's scratch schema is in use, and
 * blocks nothing else.
 *
 * @throws {DbBackupError} connection failures.
 */
export async function lockJob(
  connection: Connection,
  job: string,
  runtime: Runtime,
): Promise<{ readonly lost: AbortSignal } & AsyncDisposable> {
  const server = await takeServerLock(
    connection,
    { of: job, names: () => [jobLockName(job)] },
    runtime.signal,
  );
  if (server.refusal !== undefined) {
    const message = `The server does not support locks (${server.refusal}), so another run may consider this one interrupted.`;
    runtime.onProgress({ kind: 'warning', message });
  }
  const lost = new AbortController();
  server.onLost(() => {
    lost.abort(new DbBackupError('unreachable', 'The connection that held the lock of this run was lost.'));
  });
  return { lost: lost.signal, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
