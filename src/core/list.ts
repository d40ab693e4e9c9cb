import type { Backup } from '../model/backup.ts';
import type { Runtime } from './runtime.ts';

/**
 * Every backup of the given databases (none given: of all), newest first. Partials are never among them.
 *
 * @param request.directory Absolute. A missing one holds no backups.
 * @throws {DbBackupError} `no-space` when the folder cannot be read.
 */
export async function listBackups(
  _request: { readonly directory: string; readonly databases: readonly string[] },
  _runtime: Runtime,
): Promise<readonly Backup[]> {
  return Promise.reject(new Error('being written'));
}
