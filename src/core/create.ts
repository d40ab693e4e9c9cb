import { readDatabaseNames } from '../adapters/database-facts.ts';
import { connectServer } from '../adapters/server.ts';
import type { Connection } from '../model/connection.ts';
import type { Compression, CreatePlan, Destination } from '../model/create-plan.ts';
import { cancelledWith, DbBackupError, isCancellation } from '../model/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import { isSystemSchema } from '../model/names.ts';
import { lockDatabase } from './database-lock.ts';
import { makeBackup } from './make-backup.ts';
import { prepareDump } from './prepare-dump.ts';
import { runJob } from './run-job.ts';
import type { Runtime } from './runtime.ts';

const CREATING = 'Creating database backup...';

export interface CreateRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  readonly databases: readonly string[];
  readonly allDatabases: boolean;
  readonly label: string;
  readonly compression: Compression;
  readonly destination: Destination;
  readonly allowEmpty: boolean;
  readonly skip: { readonly routines: boolean; readonly events: boolean; readonly triggers: boolean };
  readonly lockWaitMs: number;
}

export type DatabaseRequest = Omit<CreateRequest, 'databases' | 'allDatabases'> & {
  readonly database: string;
};

export interface CreatedBackup {
  /** Absolute; `-` for stdout. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** One entry for every database that was asked for, in that order; after a cancellation there are no more. */
export interface CreateOutcome {
  readonly backups: readonly CreatedBackup[];
  readonly failures: readonly { readonly database: string; readonly error: DbBackupError }[];
}

/**
 * Backs up the databases one after the other; one that fails does not keep the next from being backed up.
 *
 * lock → facts → dump | scan | compress | hash → partial → checks → manifest → visible name → unlock
 *
 * @throws {DbBackupError} what keeps it from knowing which databases there are. Every other expected failure is in
 *   the outcome; a cancellation is the last of them.
 */
export async function createBackups(request: CreateRequest, runtime: Runtime): Promise<CreateOutcome> {
  const backups: CreatedBackup[] = [];
  const failures: CreateOutcome['failures'][number][] = [];
  for (const database of await databasesOf(request, runtime)) {
    try {
      backups.push(await createBackup({ ...request, database }, runtime));
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      failures.push({ database, error });
      if (isCancellation(error)) break; // what is made is told all the same
    }
  }
  return { backups, failures };
}

/** What `createBackups` would do; starts no dump and takes no lock. */
export async function planCreates(request: CreateRequest, runtime: Runtime): Promise<readonly CreatePlan[]> {
  const plans: CreatePlan[] = [];
  for (const database of await databasesOf(request, runtime)) {
    plans.push((await prepareDump({ ...request, database }, runtime)).plan);
  }
  return plans;
}

/**
 * Backs up one database, as a job and under its lock.
 *
 * @throws {DbBackupError} `locked`, `not-found`, `access-denied`, `unreachable`, `tool-missing`, `dump-failed`,
 *   `no-space`; the signal's reason. Nothing but a finished backup is ever visible.
 */
export async function createBackup(request: DatabaseRequest, runtime: Runtime): Promise<CreatedBackup> {
  const { connection, directory, database, lockWaitMs } = request;
  const { password } = connection;
  const start = { operation: 'create', database, directory, step: CREATING, password } as const;
  return runJob(start, runtime, async (job, runtime) => {
    try {
      await using _lock = await lockDatabase(
        { connection, directory, database, operation: 'create', job, waitMs: lockWaitMs },
        runtime,
      );
      const value = await makeBackup({ ...request, job, step: CREATING }, runtime);
      const { name, file } = value.manifest;
      return { value, result: { name, path: value.path, sizeBytes: file.sizeBytes } };
    } catch (error) {
      throw cancelledWith(error, `No backup of ${database} was made.`);
    }
  });
}

async function databasesOf(request: CreateRequest, runtime: Runtime): Promise<readonly string[]> {
  const { databases, allDatabases, connection } = request;
  if (!allDatabases) {
    for (const database of databases.filter(isSystemSchema)) {
      throw new DbBackupError(
        'usage',
        `${database} belongs to the server itself; it cannot be backed up or restored on its own.`,
        {
          hint: 'Name a database of yours, or use --all-databases.',
        },
      );
    }
    return [...new Set(databases)];
  }
  await using server = await connectServer(connection, runtime.signal);
  const names = await readDatabaseNames(server);
  if (names.length === 0) {
    throw new DbBackupError('not-found', 'The account sees no database on this server.', {
      hint: 'GRANT it SELECT on the databases that it is to back up.',
    });
  }
  return names;
}
