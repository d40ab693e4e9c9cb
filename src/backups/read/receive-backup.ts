import { prepareDirectory } from '../directory/prepare-directory.ts';
import { describeOpenFile } from './backup-file.ts';
import type { BackupFile } from './backup-file.ts';
import { closeQuietly } from '../../files/close-quietly.ts';
import { newJobId } from '../../run/job-id.ts';
import { receiveIntoUnnamedFile } from '../../files/unnamed-file.ts';
import type { Backup } from '../record/backup.ts';
import { chooseWritable } from '../directory/stand-in-directory.ts';
import type { Runtime } from '../../run/runtime.ts';
import { join } from 'node:path';

/**
 * Takes a dump from stdin into the backup directory's file system. It must be there completely before the first byte
 * is sent to the server, because only its end tells whether it is complete.
 *
 * @throws {DbBackupError} `no-space`, `damaged` when nothing came.
 */
export async function receiveBackup(
  directory: string,
  runtime: Runtime,
): Promise<{ readonly backup: Backup; readonly file: BackupFile } & AsyncDisposable> {
  runtime.onProgress({ kind: 'step', message: 'Receiving the backup from stdin...' });
  const writable = await chooseWritable({ directory, database: undefined }, runtime);
  await prepareDirectory(writable);
  const path = join(writable, `.stdin-${newJobId()}.partial`);
  const handle = await receiveIntoUnnamedFile(path, runtime.stdin, runtime.signal);
  try {
    const file = await describeOpenFile('stdin', handle);
    const backup: Backup = {
      name: 'stdin',
      database: '',
      path: 'stdin',
      label: undefined,
      startedAt: runtime.now().toISOString(),
      sizeBytes: file.sizeBytes,
      compression: file.compression,
      state: 'unverified',
      manifest: undefined,
    };
    return { backup, file, [Symbol.asyncDispose]: () => closeQuietly(handle) };
  } catch (error) {
    await closeQuietly(handle);
    throw error;
  }
}
