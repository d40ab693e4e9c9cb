import type { Backup } from '../backups/record/backup.ts';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import { recordVerification } from '../backups/record/write-manifest.ts';
import type { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';

/**
 * Writes into the manifest that the backup was read to its end, or that it is damaged, for `health`. Anybody may verify a
 * backup that only others may write to: then nothing is written.
 *
 * @param error What ended the reading. One that says nothing of the backup, such as a signal, is not recorded.
 */
export async function recordOutcome(
  { manifest, state, path }: Backup,
  error: DbBackupError | undefined,
  { now, userId, onProgress }: Runtime,
): Promise<void> {
  if (manifest === undefined || (state !== 'complete' && state !== 'suspect')) return;
  if (error !== undefined && error.code !== 'damaged') return;
  const [problem] = error?.message.split('\n') ?? [];
  try {
    const outcome = { at: now().toISOString(), ok: error === undefined, problem };
    await recordVerification(manifestPathOf(path), manifest.file.sha256, outcome, userId);
  } catch (cause) {
    const message = `The verification could not be recorded in the manifest: ${(cause as Error).message}`;
    onProgress({ kind: 'warning', message });
  }
}
