import { dirname } from 'node:path';
import type { Backup } from '../backups/record/backup.ts';
import { manifestPathOf } from '../backups/record/manifest-file.ts';
import { mayNotWrite, recordVerification } from '../backups/record/write-manifest.ts';
import { lockManifests } from '../jobs/lock-folder.ts';
import type { DbBackupError } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
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
  runtime: Runtime,
): Promise<void> {
  if (manifest === undefined || (state !== 'complete' && state !== 'suspect')) return;
  if (error !== undefined && error.code !== 'damaged') return;
  const [problem] = error?.message.split('\n') ?? [];
  try {
    const outcome = { at: runtime.now().toISOString(), ok: error === undefined, problem };
    const holder = { database: manifest.database, operation: 'verify', job: newJobId() } as const;
    await using _lock = await lockManifests(dirname(path), holder, runtime);
    await recordVerification(manifestPathOf(path), manifest.file.sha256, outcome, runtime.userId);
  } catch (cause) {
    if (mayNotWrite(cause)) return;
    const message = `The verification could not be recorded in the manifest: ${(cause as Error).message}`;
    runtime.onProgress({ kind: 'warning', message });
  }
}
