import { openBackupFile } from '../backups/read/backup-file.ts';
import type { Backup } from '../backups/record/backup.ts';
import { findBackup } from '../backups/directory/find-backup.ts';
import type { Runtime } from '../run/runtime.ts';
import { verifyFile } from '../backups/read/verify-file.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';

/**
 * Finds a backup and proves what can be proven of it without a server; see `verifyFile`.
 *
 * @param request.reference As `restore` takes it: `shop/latest`, a name, a path.
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `unsafe`.
 */
export async function verifyBackup(
  request: { readonly reference: string; readonly directory: string },
  runtime: Runtime,
): Promise<VerifiedDump & { readonly backup: Backup }> {
  const backup = await findBackup({ ...request, database: undefined }, runtime);
  await using file = await openBackupFile(backup.path);
  return {
    backup,
    ...(await verifyFile({ backup, file, target: undefined, allowIncomplete: false }, runtime)),
  };
}
