import { prepareDatabaseFolder } from '../backups/directory/prepare-directory.ts';
import { lockPath } from '../backups/directory/layout.ts';
import { refuseWhileLocked, takeLock } from '../locks/lock-file.ts';
import type { LockFile } from '../locks/lock-file.ts';
import { identifyProcess } from '../locks/processes.ts';
import { databaseLockName, jobLockName, takeServerLock } from '../locks/server-lock.ts';
import type { ServerLock } from '../locks/server-lock.ts';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import {
  type FolderLockRequest,
  newLockRecord,
  removeLeftovers,
  type Waiting,
  whileLocked,
} from './lock-folder.ts';
import type { Runtime } from '../run/runtime.ts';

export interface LockRequest extends FolderLockRequest, Waiting {
  readonly connection: Connection;
  readonly operation: 'create' | 'restore';
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
  const { connection, directory, database, job } = request;
  const message = await prepareDatabaseFolder(directory, database);
  if (message !== undefined) runtime.onProgress({ kind: 'warning', message });
  const names = (flavour: Flavour): readonly string[] => [
    databaseLockName(database, flavour),
    jobLockName(job),
  ];
  const take = async (): Promise<[LockFile, ServerLock]> => {
    const record = await newLockRecord(request, runtime);
    const file = await takeLock(lockPath(directory, database), record, runtime.program);
    try {
      return [file, await takeServerLock(connection, { of: database, names }, runtime.signal)];
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  };
  const [file, server] = await whileLocked(take, request, runtime);
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
    await removeLeftovers(request, runtime);
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
