import { cancelledWith, DbBackupError, isCancellation } from '../run/errors.ts';
import { warnOfInterrupted } from '../restore/in-place/interrupted-in-place.ts';
import { lockDatabase } from '../jobs/lock-database.ts';
import { makeBackup } from '../dump/make-backup.ts';
import { prepareDump } from '../dump/prepare-dump.ts';
import { type Pruned, pruneDatabase } from '../prune/prune-database.ts';
import type { PrunedDatabase } from '../prune/request.ts';
import { pruneJobs } from '../jobs/prune-jobs.ts';
import { removeExpired } from '../restore/keep/remove-expired.ts';
import { recoverRestores } from '../restore/recover/recover-restores.ts';
import { runJob } from '../jobs/run-job.ts';
import type { Runtime } from '../run/runtime.ts';
import { SharedSession } from '../server/session/shared-session.ts';
import { makeWaitingJobs, type WaitingJobs } from '../jobs/waiting-jobs.ts';
import { connectServer } from '../server/connect/server.ts';
import type { CreatedBackup } from '../dump/backup-task.ts';
import type {
  CreateRequest,
  CreateFollower,
  CreateOutcome,
  CreatePlans,
  DatabaseRequest,
} from './request.ts';
import { databasesOf, refuseLongName, refuseSystemSchema } from './choose-databases.ts';

const CREATING = 'Creating database backup...';

/**
 * Backs up the databases one after the other; if one fails, the next is still backed up.
 *
 * lock → facts → dump | scan | compress | hash → partial → checks → manifest → visible name → unlock
 *
 * @throws {DbBackupError} what keeps it from knowing which databases there are. Every other expected failure is in
 *   the outcome; a cancellation is the last of them.
 */
export async function createBackups(
  request: CreateRequest,
  runtime: Runtime,
  follower: CreateFollower,
): Promise<CreateOutcome> {
  const databases = await databasesOf(request, runtime).catch((error: unknown) => {
    if (request.allDatabases) return failed([''], request, error, runtime);
    throw error; // names that were typed are refused as usage is: nothing was begun
  });
  const jobs = request.jobsFirst === true ? await acceptAll(databases, request, runtime) : undefined;
  const backups: CreatedBackup[] = [];
  const pruned: PrunedDatabase[] = [];
  const { failures } = await eachInTurn(databases, async (database) => {
    follower.begins(database, { number: databases.indexOf(database) + 1, of: databases.length });
    const told = databases.length > 1 ? namingWarnings(database, runtime) : runtime;
    const { backup, prune } = await runCreate(databaseRequest(request, database), told, () =>
      jobs?.begin(database),
    );
    await follower.made(backup, prune?.done);
    backups.push(backup);
    if (prune?.done !== undefined) pruned.push(prune.done);
    if (prune?.failure !== undefined) throw prune.failure;
  }).finally(() => pruneJobs(request.directory, runtime));
  await jobs?.end(failures);
  return { backups, failures, pruned: request.prune && { ...request.prune, databases: pruned } };
}

/** What would fail every one of them is found before any is accepted. */
async function acceptAll(
  databases: readonly string[],
  request: CreateRequest,
  runtime: Runtime,
): Promise<WaitingJobs> {
  const { connection, directory, label, allDatabases } = request;
  await using _server = await connectServer(connection, runtime.signal).catch((error: unknown) =>
    failed(databases, request, error, runtime),
  );
  const of = { operation: 'create', databases, allDatabases: allDatabases || undefined, label } as const;
  const jobs = await makeWaitingJobs({ ...of, directory, connection }, runtime);
  const { ids } = jobs;
  runtime.onProgress({ kind: 'accepted', job: ids[0] ?? '', directory, jobs: ids });
  return jobs;
}

/**
 * What ended the run before any backup was begun is on record as any other failure: a night without backups must be seen by
 * those who look at the records, too.
 *
 * @param databases One that is empty stands for all of the server.
 */
async function failed(
  databases: readonly string[],
  { connection, directory, label, allDatabases }: CreateRequest,
  error: unknown,
  runtime: Runtime,
): Promise<never> {
  for (const database of databases) {
    const of = { operation: 'create', database, allDatabases: allDatabases || undefined, label } as const;
    const job = runJob({ ...of, directory, step: CREATING, connection }, runtime, () =>
      Promise.reject(error as Error),
    );
    await job.catch(() => undefined); // a directory that cannot be written is not what ended it
  }
  await pruneJobs(directory, runtime);
  throw error;
}

/** With --quiet nothing else says which database a warning is about. */
function namingWarnings(database: string, runtime: Runtime): Runtime {
  return {
    ...runtime,
    onProgress(event) {
      runtime.onProgress(
        event.kind === 'warning' ? { ...event, message: `${database}: ${event.message}` } : event,
      );
    },
  };
}

/** What `createBackups` would do; starts no dump and takes no lock. */
export async function planCreates(request: CreateRequest, runtime: Runtime): Promise<CreatePlans> {
  const databases = await databasesOf(request, runtime);
  await using session = new SharedSession(request.connection, runtime.signal);
  const { done, failures } = await eachInTurn(databases, async (database) => {
    refuseLongName(database);
    return (await prepareDump(databaseRequest(request, database), session, runtime)).plan;
  });
  return { plans: done, failures };
}

/** A failure is recorded and the next database follows; a cancellation is the last. */
async function eachInTurn<T>(
  databases: readonly string[],
  act: (database: string) => Promise<T>,
): Promise<{ readonly done: readonly T[]; readonly failures: CreateOutcome['failures'] }> {
  const done: T[] = [];
  const failures: CreateOutcome['failures'][number][] = [];
  for (const database of databases) {
    try {
      done.push(await act(database));
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      failures.push({ database, error });
      if (isCancellation(error)) break; // backups that were made are still reported
    }
  }
  return { done, failures };
}

function databaseRequest(request: CreateRequest, database: string): DatabaseRequest {
  const { allowEmpty, allDatabases } = request;
  return {
    ...{ ...request, database, isOfAll: allDatabases || undefined },
    allowEmpty: allowEmpty || (allDatabases && 'if-readable'),
  };
}

/**
 * Backs up one database, as a job and under its lock.
 *
 * @throws {DbBackupError} `usage` for a schema of the server itself; `locked`, `not-found`, `access-denied`,
 *  `unreachable`, `tool-missing`, `dump-failed`, `no-space`; the signal's reason. Nothing but a finished backup is
 * ever visible.
 */
export async function createBackup(request: DatabaseRequest, runtime: Runtime): Promise<CreatedBackup> {
  refuseSystemSchema(request.database);
  const { backup } = await runCreate(request, runtime).finally(() => pruneJobs(request.directory, runtime));
  return backup;
}

interface Created {
  readonly backup: CreatedBackup;
  /** undefined: nothing was to be pruned. */
  readonly prune: Partial<Pruned> | undefined;
}

/** @param idOf Of a job that waited for its turn. */
async function runCreate(
  request: DatabaseRequest,
  runtime: Runtime,
  idOf: () => string | undefined = () => undefined,
): Promise<Created> {
  const { connection, directory, database, label, lockWaitMs, isOfAll } = request;
  refuseLongName(database);
  const of = { operation: 'create', database, allDatabases: isOfAll, label, directory } as const;
  const start = { ...of, id: idOf(), step: CREATING, connection };
  return runJob(start, runtime, async (job, runtime) => {
    try {
      await using _lock = await lockDatabase(
        { connection, directory, database, operation: 'create', job, waitMs: lockWaitMs, step: CREATING },
        runtime,
      );
      await recoverRestores({ connection, directory, database, own: job }, runtime);
      const interrupted = await warnOfInterrupted(request, runtime);
      const task = { ...request, job, step: CREATING, phase: 'backup', interrupted } as const;
      await using session = new SharedSession(connection, runtime.signal);
      await removeExpired({ connection, directory, database }, session, runtime);
      const { backup } = await makeBackup(task, session, runtime);
      const { name, file } = backup.manifest;
      const result = { name, path: backup.path, sizeBytes: file.sizeBytes };
      return { value: { backup, prune: await pruneAfter(request, backup, job, runtime) }, result };
    } catch (error) {
      throw cancelledWith(error, `No backup of ${database} was made.`);
    }
  });
}

/** A backup was made: whatever comes of pruning the others does not change that. */
async function pruneAfter(
  { directory, database, destination, prune }: DatabaseRequest,
  { manifest }: CreatedBackup,
  job: string,
  runtime: Runtime,
): Promise<Created['prune']> {
  if (prune === undefined || destination.kind !== 'directory') return undefined;
  if (manifest.madeFromInterrupted !== undefined) {
    const message = `Nothing was pruned, because ${database} was only partly restored when this backup was made.`;
    runtime.onProgress({ kind: 'warning', message });
    return undefined;
  }
  const step = `Pruning the backups of ${database}...`;
  runtime.onProgress({ kind: 'step', message: step });
  try {
    return await pruneDatabase({ ...prune, directory, database, job }, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    const message = `The older backups could not be pruned: ${error.message}`;
    runtime.onProgress({ kind: 'detail', message });
    return { failure: error };
  }
}
