import { folderOfDatabase } from '../backups/record/backup-name.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { readDatabaseNames } from '../server/catalog/database-facts.ts';
import { isSystemSchema } from '../server/catalog/schemas.ts';
import { connectServer } from '../server/connect/server.ts';
import { excludeDatabases } from '../server/catalog/exclude-databases.ts';
import type { CreateRequest } from './request.ts';

/** On every file system in common use. */
export const LONGEST_NAME_BYTES = 255;

/** Before there is a job, a lock or a folder: none of them could be created. */
export function refuseLongName(database: string): void {
  const { length } = folderOfDatabase(database);
  if (length <= LONGEST_NAME_BYTES) return;
  throw new DbBackupError(
    'no-space',
    `The name of the database ${database} is too long for a directory name: encoded, it has ${length} bytes, and file systems allow ${LONGEST_NAME_BYTES}.`,
    { hint: 'Characters outside ASCII take 6 to 9 bytes each. Rename the database, or use --output.' },
  );
}

export function refuseSystemSchema(database: string): void {
  if (!isSystemSchema(database)) return;
  throw new DbBackupError(
    'usage',
    `${database} is a system schema; it cannot be backed up or restored on its own.`,
    { hint: 'Name a database of your own. --all-databases skips system schemas, too.' },
  );
}

export async function databasesOf(request: CreateRequest, runtime: Runtime): Promise<readonly string[]> {
  const { databases, allDatabases, connection } = request;
  if (!allDatabases) {
    for (const database of databases) refuseSystemSchema(database);
    return [...new Set(databases)];
  }
  await using server = await connectServer(connection, runtime.signal);
  const found = await readDatabaseNames(server);
  if (found.length === 0) {
    throw new DbBackupError('not-found', 'The account cannot see any database on this server.', {
      hint: 'Grant it SELECT on the databases to back up.',
    });
  }
  const { kept, idle } = excludeDatabases(found, request.excludeDatabases ?? []);
  for (const pattern of idle)
    runtime.onProgress({ kind: 'warning', message: `--exclude-database ${pattern} leaves no database out.` });
  if (kept.length === 0) {
    throw new DbBackupError('not-found', 'Every database that the account can see is excluded.', {
      hint: `It sees ${found.join(', ')}. Leave out --exclude-database, or some of its names.`,
    });
  }
  return kept;
}
