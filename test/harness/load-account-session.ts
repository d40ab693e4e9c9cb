import { takeLoadAccount } from '../../src/restore/load/load-account.ts';
import { LoadingSession } from '../../src/restore/load/parallel/loading-session.ts';
import { jobLockName } from '../../src/locks/server-lock.ts';
import { newJobId } from '../../src/run/job-id.ts';
import type { Runtime } from '../../src/run/runtime.ts';
import { LOAD_PRIVILEGES } from '../../src/server/change/load-accounts.ts';
import type { Connection } from '../../src/server/connect/connection.ts';
import { SharedSession } from '../../src/server/session/shared-session.ts';
import type { TestServer } from './test-server.ts';

/** A session that loads rows as the load account of a restore does, with no guard before it. */
export type LoadAccountSession = Pick<LoadingSession, 'execute'> & AsyncDisposable;

/** @param schema The one that it may fill. */
export async function loadAccountSession(server: TestServer, schema: string): Promise<LoadAccountSession> {
  const connection: Connection = {
    endpoint: { kind: 'tcp', host: server.host, port: server.port },
    user: server.user,
    password: undefined,
    database: undefined,
    ssl: { mode: 'PREFERRED' },
    sources: {},
  };
  const { signal } = new AbortController();
  const asking = new SharedSession(connection, signal);
  const job = newJobId();
  // Held as by a restore: those of other tests remove the accounts of jobs that are dead.
  const [lock] = await (await asking.open()).query('SELECT GET_LOCK(?, 0) AS held', [jobLockName(job)]);
  if (lock?.['held'] !== 1) throw new Error(`The lock of the job ${job} is not free.`);
  const account = await takeLoadAccount(
    {
      ...{ connection, schema, job, connections: 1 },
      privileges: [...LOAD_PRIVILEGES, 'DELETE'], // as for dumps whose rows replace others
      plan: { made: true, required: true },
      note: () => Promise.resolve(),
    },
    asking,
    { signal, onProgress: () => undefined } as unknown as Runtime,
  );
  const session = await LoadingSession.open(account.login!.connection, schema, [], signal);
  return {
    execute: (statement, settings) => session.execute(statement, settings),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await account[Symbol.asyncDispose]();
      await asking[Symbol.asyncDispose]();
    },
  };
}
