import { dirname } from 'node:path';
import { databaseFolder, jobFolder } from '../backups/directory/layout.ts';
import { findBackup } from '../backups/directory/find-backup.ts';
import { type BackupFile, openBackupFile } from '../backups/read/backup-file.ts';
import { headerDatabase } from '../backups/read/header-database.ts';
import { receiveBackup } from '../backups/read/receive-backup.ts';
import type { Backup } from '../backups/record/backup.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { jobOfScratchSchema } from '../run/scratch-names.ts';
import { isSystemSchema } from '../server/catalog/schemas.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import { namingNewestGood } from './check/newest-good.ts';
import { refuseSharedFolders } from './check/refuse-shared-folders.ts';
import { refuseOtherServer } from './check/refuse-other-server.ts';
import { refuseReadOnlyServer } from './check/refuse-read-only-server.ts';
import { intoCommandOf } from './further-commands.ts';
import type { RestoreRequest } from './request.ts';

/** Before there is a job, and before the backup is read. */
export async function refuseUnfitPlace(
  {
    connection,
    directory,
    fromOtherServer = false,
  }: Pick<RestoreRequest, 'connection' | 'directory' | 'fromOtherServer'>,
  { backup, target }: { readonly backup: Backup; readonly target: string },
  session: SharedSession,
): Promise<void> {
  await refuseSharedFolders([databaseFolder(directory, target)]);
  await refuseOtherServer({ connection, fromOtherServer }, backup, session);
  await refuseReadOnly({ connection }, target, session);
}

export async function refuseReadOnly(
  { connection }: Pick<RestoreRequest, 'connection'>,
  database: string,
  session: SharedSession,
): Promise<void> {
  const purpose = 'nothing can be restored into it';
  await refuseReadOnlyServer({ connection, purpose, database }, session);
}

export interface Opened extends AsyncDisposable {
  readonly backup: Backup;
  readonly file: BackupFile;
}

export async function openRequested(
  request: Omit<RestoreRequest, 'confirm'>,
  runtime: Runtime,
): Promise<Opened> {
  const { reference, directory, connection } = request;
  await refuseSharedFolders([directory, jobFolder(directory)]);
  if (reference === '-') return receiveBackup(directory, runtime);
  const backup = await findBackup({ reference, directory, database: connection.database }, runtime);
  // A file elsewhere is where the user has put it.
  if (backup.path.startsWith(`${directory}/`)) await refuseSharedFolders([dirname(backup.path)]);
  const file = await openBackupFile(backup.path).catch(async (error: unknown) => {
    throw await namingNewestGood(request, backup, error);
  });
  return { backup, file, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

export async function targetOf(
  request: Omit<RestoreRequest, 'confirm'>,
  { backup, file }: Pick<Opened, 'backup' | 'file'>,
  runtime: Runtime,
): Promise<string> {
  const { to, fromDatabase, connection } = request;
  const target = to ?? fromDatabase ?? (backup.database || connection.database);
  if (target === undefined) {
    const named = await headerDatabase(file, runtime);
    throw new DbBackupError('usage', `It is not clear which database to restore ${backup.path} into.`, {
      hint:
        named === undefined
          ? 'Name the database to restore into: --to <database>. If the file contains several databases: --from-database <name> for one of them, or --all for each into its own.'
          : `Name the database to restore into: --to <database>. The header of the file says ${named}:\n${intoCommandOf(request, backup, named, runtime)}`,
    });
  }
  if (isSystemSchema(target)) {
    throw new DbBackupError('usage', `${target} is a system schema; nothing can be restored into it.`);
  }
  if (fromDatabase !== undefined && isSystemSchema(fromDatabase)) {
    throw new DbBackupError(
      'usage',
      `${fromDatabase} is a system schema of the server that the file was made on; it is not restored.`,
    );
  }
  if (jobOfScratchSchema(target) !== undefined) {
    throw new DbBackupError(
      'usage',
      `${target} is a name reserved for scratch schemas of restores, which later runs remove.`,
      { hint: 'Name the database to restore into: --to <database>.' },
    );
  }
  return target;
}
