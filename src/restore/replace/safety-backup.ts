import { openBackupFile } from '../../backups/read/backup-file.ts';
import { verifyFile } from '../../backups/read/verify-file.ts';
import { findBackup } from '../../backups/directory/find-backup.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { Compression } from '../../compression/methods.ts';
import type { BackupTask, MadeBackup } from '../../dump/backup-task.ts';
import type { CreatePlan } from '../../dump/dump-plan.ts';
import { makeBackup } from '../../dump/make-backup.ts';
import { prepareDump } from '../../dump/prepare-dump.ts';
import { refuseLackOfRoom } from '../../dump/refuse-lack-of-room.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readSnapshotTime, type SnapshotTime } from '../../server/catalog/table-write-times.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { NOTHING_SKIPPED } from '../../sql/definitions/skipped-objects.ts';

export interface SafetyBackup extends MadeBackup {
  /** By the server's clock: what was written until then is in it. */
  readonly snapshot: SnapshotTime;
  /** Its tables are tied to something outside: restoring it takes --allow-outside. */
  readonly tiesOutside: boolean;
}

export interface SafetyRequest extends Pick<
  BackupTask,
  'connection' | 'directory' | 'job' | 'interrupted' | 'skipBroken'
> {
  readonly target: string;
  readonly compression: Compression;
  /** Whoever asks says in which state the target is. */
  readonly isLate: boolean;
  /** What to do for want of room, where `directory` is not the one that the user named. */
  readonly elsewhereHint: string | undefined;
}

/**
 * Looks, without dumping anything, for what would make the safety backup fail.
 *
 * @throws {DbBackupError} `safety-backup-failed`: then nothing is restored. A cancellation keeps its code.
 */
export async function checkSafetyBackup(
  request: SafetyRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<Pick<CreatePlan, 'estimatedBytes'>> {
  const { target } = request;
  runtime.onProgress({ kind: 'step', message: `Checking that ${target} can be backed up...` });
  return toldAsFailed(request, 'would fail', runtime, async () => {
    const task = taskOf(request);
    const { plan } = await prepareDump(task, session, runtime);
    await refuseLackOfRoom(task, plan);
    return plan;
  });
}

/**
 * Backs up what a restore is about to replace, by the very same create, and verifies it.
 *
 * @throws {DbBackupError} `safety-backup-failed`: without it nothing is restored. A cancellation keeps its code.
 */
export async function makeSafetyBackup(
  request: SafetyRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<SafetyBackup> {
  const { directory, target } = request;
  return toldAsFailed(request, 'failed', runtime, async () => {
    const snapshot = await readSnapshotTime(await session.open());
    const { backup, fingerprint } = await makeBackup(taskOf(request), session, runtime);
    runtime.onProgress({ kind: 'step', message: 'Verifying the safety backup...' });
    const found = await findBackup({ reference: backup.path, directory, database: undefined }, runtime);
    await using file = await openBackupFile(backup.path);
    const { findings } = await verifyFile({ backup: found, file, target, allowIncomplete: false }, runtime);
    return { backup, fingerprint, snapshot, tiesOutside: findings.outside.length > 0 };
  });
}

function taskOf(request: SafetyRequest): BackupTask {
  const { connection, directory, target, job, interrupted, skipBroken, compression } = request;
  return {
    ...{ connection, directory, job, interrupted, skipBroken, compression },
    database: target,
    label: SAFETY_LABEL,
    destination: { kind: 'directory' },
    allowEmpty: true,
    skip: NOTHING_SKIPPED,
    step: `Creating the safety backup of ${target}...`,
    phase: 'safety-backup',
  };
}

async function toldAsFailed<T>(
  { target, isLate, elsewhereHint }: SafetyRequest,
  how: 'failed' | 'would fail',
  { signal }: Pick<Runtime, 'signal'>,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    signal.throwIfAborted(); // also of a lock that was lost
    if (isCancellation(error) || !(error instanceof DbBackupError)) throw error;
    const state = isLate && how === 'failed' ? '' : ` ${target} is unchanged.`;
    throw new DbBackupError(
      'safety-backup-failed',
      `The safety backup of ${target} ${how}, so nothing was restored: ${error.message}`,
      {
        hint: [
          `${error.hint ?? ''}${state} Or restore without a safety backup (cannot be undone): --no-safety-backup.`.trim(),
          ...(error.code === 'no-space' && elsewhereHint !== undefined ? [elsewhereHint] : []),
        ].join('\n'),
        cause: error,
      },
    );
  }
}
