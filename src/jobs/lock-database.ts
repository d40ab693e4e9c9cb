import { pause } from '../run/pause.ts';
import { sweepLeftovers } from '../backups/directory/leftovers.ts';
import { prepareDatabaseFolder } from '../backups/directory/prepare-directory.ts';
import { lockPath } from '../backups/directory/layout.ts';
import { newLockToken, refuseWhileLocked, takeLock } from '../locks/lock-file.ts';
import type { LockFile } from '../locks/lock-file.ts';
import { identifyProcess } from '../locks/processes.ts';
import { databaseLockName, jobLockName, takeServerLock } from '../locks/server-lock.ts';
import type { ServerLock } from '../locks/server-lock.ts';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import { LOCK_SCHEMA } from '../locks/lock-record.ts';
import type { LockRecord } from '../locks/lock-record.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import prettyBytes from 'pretty-bytes';
import { failedBeforeBackup } from './failed-before-backup.ts';
import type { Runtime } from '../run/runtime.ts';

const RETRY_MS = 250;

export interface LockRequest {
  readonly connection: Connection;
  readonly directory: string;
  readonly database: string;
  readonly operation: 'create' | 'restore';
  readonly job: string;
  /** How long to wait for another run to end. */
  readonly waitMs: number;
  /** The next step, reported again after waiting. */
  readonly step: string;
}

/** The exclusive right to run on one database, until disposed. */
export interface DatabaseLock extends AsyncDisposable {
  /** Records a program that must have ended before another run may take over, should this process die. */
  addChild(program: string, pid: number): Promise<void>;
  /** @throws {DbBackupError} `locked` when the server lock was lost: nothing destructive may follow. */
  assertHeld(): void;
  /** Aborted when the server lock is lost. */
  readonly lost: AbortSignal;
}

/**
 * Takes both locks of a database: the file in the backup directory, then the lock on the server. While they are held,
 * what dead runs left in the folder is removed.
 *
 * @throws {DbBackupError} `locked`, naming the holder; `no-space`; connection failures.
 */
export async function lockDatabase(request: LockRequest, runtime: Runtime): Promise<DatabaseLock> {
  const { connection, directory, database, operation, job } = request;
  const message = await prepareDatabaseFolder(directory, database);
  if (message !== undefined) runtime.onProgress({ kind: 'warning', message });
  const process = await identifyProcess(runtime.pid, runtime.hostName, runtime.userName);
  const names = (flavour: Flavour): readonly string[] => [
    databaseLockName(database, flavour),
    jobLockName(job),
  ];
  const take = async (): Promise<[LockFile, ServerLock]> => {
    const record: LockRecord = {
      schema: LOCK_SCHEMA,
      token: newLockToken(),
      job,
      operation,
      database,
      command: runtime.command,
      since: runtime.now().toISOString(),
      process,
      children: [],
    };
    const file = await takeLock(lockPath(directory, database), record, runtime.program);
    try {
      return [file, await takeServerLock(connection, { of: database, names }, runtime.signal)];
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  };
  const [file, server] = await waitFor(take, request, runtime);
  if (server.refusal !== undefined) {
    runtime.onProgress({
      kind: 'warning',
      message: `The server does not support locks (${server.refusal}), so runs on other hosts are not detected.`,
    });
  }
  const lost = new AbortController();
  const lostError = new DbBackupError('unreachable', `The lock on the server for ${database} was lost.`, {
    hint: 'The connection that held it has ended; check the server log.',
  });
  server.onLost(() => {
    lost.abort(lostError);
  });
  try {
    const hasFailed = (id: string): Promise<boolean> => failedBeforeBackup(id, directory, runtime);
    for (const { path, sizeBytes } of await sweepLeftovers(directory, database, hasFailed)) {
      const message = `Removed what an interrupted run left: ${path} (${prettyBytes(sizeBytes)}).`;
      runtime.onProgress({ kind: 'warning', message });
    }
  } catch (error) {
    await server[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
    throw error;
  }
  return {
    addChild: (program, pid) => file.addChild(program, pid),
    lost: lost.signal,
    assertHeld: () => {
      lost.signal.throwIfAborted();
    },
    async [Symbol.asyncDispose]() {
      // The server lock first: the next holder of the file then finds the server lock free.
      await server[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    },
  };
}

/**
 * For a run that has much to do before it needs the locks: refuses if another run holds the one in the backup
 * directory now. The one on the server, for runs from elsewhere, is not checked.
 *
 * @throws {DbBackupError} `locked`, naming the holder.
 */
export async function refuseIfLocked(
  { directory, database }: Pick<LockRequest, 'directory' | 'database'>,
  { pid, hostName, userName, program }: Runtime,
): Promise<void> {
  const self = await identifyProcess(pid, hostName, userName);
  await refuseWhileLocked(lockPath(directory, database), self, program);
}

async function waitFor<T>(
  take: () => Promise<T>,
  { waitMs, step }: Pick<LockRequest, 'waitMs' | 'step'>,
  { now, signal, onProgress }: Runtime,
): Promise<T> {
  const deadline = now().getTime() + waitMs;
  let told = false;
  for (;;) {
    try {
      const taken = await take();
      if (told) onProgress({ kind: 'step', message: step });
      return taken;
    } catch (error) {
      const locked = error instanceof DbBackupError && error.code === 'locked';
      if (!locked || now().getTime() >= deadline) throw error;
      if (!told) onProgress({ kind: 'step', message: `Waiting: ${error.message}`, waits: true });
      told = true;
      await pause(RETRY_MS, signal);
    }
  }
}
