import { folderOfDatabase } from '../backups/record/backup-name.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { readDatabaseNames } from '../server/catalog/database-facts.ts';
import { isSystemSchema } from '../server/catalog/schemas.ts';
import { connectServer } from '../server/connect/server.ts';
import type { CreateRequest } from './request.ts';

/** On every file system in use. */
export const LONGEST_NAME_BYTES = 255;

/** Before there is a job, a lock or a folder: none of them could be made. */
export function refuseLongName(database: string): void {
  const { length } = folderOfDatabase(database);
  if (length <= LONGEST_NAME_BYTES) return;
  throw new DbBackupError(
    'no-space',
    `The name of the database ${database} is too long for a folder: written as one it has ${length} bytes, and file systems take ${LONGEST_NAME_BYTES}.`,
    { hint: 'Letters outside of a-z take 6 to 9 bytes there. Back it up under a shorter name.' },
  );
}

export function refuseSystemSchema(database: string): void {
  if (!isSystemSchema(database)) return;
  throw new DbBackupError(
    'usage',
    `${database} belongs to the server itself; it cannot be backed up or restored on its own.`,
    { hint: 'Name a database of yours. --all-databases leaves those of the server out, too.' },
  );
}

export async function databasesOf(request: CreateRequest, runtime: Runtime): Promise<readonly string[]> {
  const { databases, allDatabases, connection } = request;
  if (!allDatabases) {
    for (const database of databases) refuseSystemSchema(database);
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
