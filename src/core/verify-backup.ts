import { openBackupFile } from '../adapters/backup-file.ts';
import type { Backup } from '../model/backup.ts';
import { findBackup } from './find-backup.ts';
import type { Runtime } from './runtime.ts';
import { verifyFile } from './verify.ts';
import type { Verified } from './verify.ts';

/**
 * Finds a backup and proves what can be proven of it without a server; see `verifyFile`.
 *
 * @param request.reference As `restore` takes it: `shop/latest`, a name, a path.
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `unsafe`.
 */
export async function verifyBackup(
  request: { readonly reference: string; readonly directory: string },
  runtime: Runtime,
): Promise<Verified & { readonly backup: Backup }> {
  const backup = await findBackup({ ...request, database: undefined }, runtime);
  await using file = await openBackupFile(backup.path);
  return {
    backup,
    ...(await verifyFile({ backup, file, target: undefined, allowIncomplete: false }, runtime)),
  };
}
