import { openBackupFile } from '../../backups/read/backup-file.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { readServerTime } from '../../server/catalog/table-write-times.ts';
import { NOTHING_SKIPPED } from '../../sql/definitions/skipped-objects.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { CreatedBackup } from '../../dump/backup-task.ts';
import { findBackup } from '../../backups/directory/find-backup.ts';
import { makeBackup } from '../../dump/make-backup.ts';
import type { BackupTask } from '../../dump/backup-task.ts';
import type { Runtime } from '../../run/runtime.ts';
import { verifyFile } from '../../backups/read/verify-file.ts';

export interface SafetyBackup {
  readonly backup: CreatedBackup;
  /** Seconds since 1970 by the server's clock: what was written until then is in it. */
  readonly begunAt: number;
  /** Its tables are tied to something outside: restoring it takes --allow-outside. */
  readonly tiesOutside: boolean;
}

/**
 * Backs up what a restore is about to replace, by the very same create, and verifies it.
 *
 * @throws {DbBackupError} `safety-backup-failed`: without it nothing is restored. A cancellation keeps its code.
 */
export async function makeSafetyBackup(
  request: Pick<BackupTask, 'connection' | 'directory' | 'job' | 'interrupted' | 'skipBroken'> & {
    readonly target: string;
    /** What to do for want of room, where `directory` is not the one that the user named. */
    readonly elsewhereHint: string | undefined;
  },
  session: SharedSession,
  runtime: Runtime,
): Promise<SafetyBackup> {
  const { connection, directory, target, job, interrupted, skipBroken, elsewhereHint } = request;
  try {
    const begunAt = await readServerTime(await session.open());
    const made = await makeBackup(
      {
        connection,
        directory,
        database: target,
        label: SAFETY_LABEL,
        compression: { method: 'gzip', level: 1 },
        destination: { kind: 'directory' },
        allowEmpty: true,
        skip: NOTHING_SKIPPED,
        skipBroken,
        job,
        interrupted,
        step: `Creating the safety backup of ${target}...`,
        phase: 'safety-backup',
      },
      session,
      runtime,
    );
    runtime.onProgress({ kind: 'step', message: 'Verifying the safety backup...' });
    const backup = await findBackup({ reference: made.path, directory, database: undefined }, runtime);
    await using file = await openBackupFile(made.path);
    const { findings } = await verifyFile({ backup, file, target, allowIncomplete: false }, runtime);
    return { backup: made, begunAt, tiesOutside: findings.outside.length > 0 };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof DbBackupError)) throw error;
    throw new DbBackupError(
      'safety-backup-failed',
      `The safety backup of ${target} failed, so nothing was restored: ${error.message}`,
      {
        hint: [
          `${error.hint ?? ''} ${target} is unchanged. Or restore without a safety backup (cannot be undone): --no-safety-backup.`.trim(),
          ...(error.code === 'no-space' && elsewhereHint !== undefined ? [elsewhereHint] : []),
        ].join('\n'),
        cause: error,
      },
    );
  }
}
