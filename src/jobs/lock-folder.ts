import prettyBytes from 'pretty-bytes';
import { sweepLeftovers } from '../backups/directory/leftovers.ts';
import { databaseFolder, lockPath, manifestsLockPath } from '../backups/directory/layout.ts';
import { statIfThere } from '../files/stat-if-there.ts';
import { newLockToken, takeLock } from '../locks/lock-file.ts';
import { LOCK_SCHEMA, type LockedFor, type LockRecord } from '../locks/lock-record.ts';
import { identifyProcess } from '../locks/processes.ts';
import { DbBackupError } from '../run/errors.ts';
import { pause } from '../run/pause.ts';
import type { Runtime } from '../run/runtime.ts';
import { failedBeforeBackup } from './failed-before-backup.ts';

const RETRY_MS = 250;
/** Others hold it for moments; a prune of thousands of backups for longer. */
const MANIFESTS_PATIENCE_MS = 60_000;
const MANIFESTS_RETRY_MS = 20;

export interface FolderLockRequest {
  readonly directory: string;
  readonly database: string;
  readonly operation: LockedFor;
  readonly job: string;
}

/** How long to wait for another run to end, and the step that is reported again afterwards. */
export interface Waiting {
  readonly waitMs: number;
  readonly step: string;
}

/** What a lock file says of the run that takes it. */
export async function newLockRecord(
  { operation, database, job }: Omit<FolderLockRequest, 'directory'>,
  { command, now, pid, hostName, userName }: Runtime,
): Promise<LockRecord> {
  return {
    ...{ schema: LOCK_SCHEMA, token: newLockToken(), job, operation, database, command },
    since: now().toISOString(),
    process: await identifyProcess(pid, hostName, userName),
    children: [],
  };
}

/**
 * Takes the lock file of a database alone, for what needs no server, and removes what dead runs left in its folder, which
 * must exist.
 *
 * @throws {DbBackupError} `locked`, naming the holder; `no-space`.
 */
export async function lockFolder(
  request: FolderLockRequest & Waiting,
  runtime: Runtime,
): Promise<AsyncDisposable> {
  const { directory, database } = request;
  const file = await whileLocked(
    async () =>
      takeLock(lockPath(directory, database), await newLockRecord(request, runtime), runtime.program),
    request,
    runtime,
  );
  try {
    await removeLeftovers(request, runtime);
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Takes the lock under which manifests are changed and removed, waiting for the moment that others hold it.
 *
 * @param folder That of a database, or where else a backup is.
 * @throws {DbBackupError} `locked`; `no-space`.
 */
export async function lockManifests(
  folder: string,
  request: Omit<FolderLockRequest, 'directory'>,
  runtime: Runtime,
): Promise<AsyncDisposable> {
  const path = manifestsLockPath(folder);
  const deadline = runtime.now().getTime() + MANIFESTS_PATIENCE_MS;
  for (;;) {
    try {
      return await takeLock(path, await newLockRecord(request, runtime), runtime.program);
    } catch (error) {
      if (!isLocked(error) || runtime.now().getTime() >= deadline) throw error;
      await pause(MANIFESTS_RETRY_MS, runtime.signal);
    }
  }
}

/** To be called with the lock of the database held. @throws {DbBackupError} `no-space` for what cannot be removed. */
export async function removeLeftovers(request: FolderLockRequest, runtime: Runtime): Promise<void> {
  const { directory, database } = request;
  const hasFailed = (id: string): Promise<boolean> => failedBeforeBackup(id, directory, runtime);
  for (const { path, sizeBytes } of await sweepLeftovers(directory, database, hasFailed)) {
    const message = `Removed what an interrupted run left: ${path} (${prettyBytes(sizeBytes)}).`;
    runtime.onProgress({ kind: 'warning', message });
  }
  await releaseDeadManifestsLock(request, runtime);
}

/** Taking it removes that of a dead run; that of a live one stays. */
async function releaseDeadManifestsLock(request: FolderLockRequest, runtime: Runtime): Promise<void> {
  const path = manifestsLockPath(databaseFolder(request.directory, request.database));
  if (statIfThere(path) === undefined) return;
  try {
    const lock = await takeLock(path, await newLockRecord(request, runtime), runtime.program);
    await lock[Symbol.asyncDispose]();
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
}

/** Tries again until the lock is free, or the time is over. */
export async function whileLocked<T>(
  take: () => Promise<T>,
  { waitMs, step }: Waiting,
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
      if (!isLocked(error) || now().getTime() >= deadline) throw error;
      if (!told) onProgress({ kind: 'step', message: `Waiting: ${error.message}`, waits: true });
      told = true;
      await pause(RETRY_MS, signal);
    }
  }
}

function isLocked(error: unknown): error is DbBackupError {
  return error instanceof DbBackupError && error.code === 'locked';
}
