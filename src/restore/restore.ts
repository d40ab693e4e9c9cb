import { shownReference } from '../backups/record/backup.ts';
import type { Backup } from '../backups/record/backup.ts';
import { cancelledWith } from '../run/errors.ts';
import { isEmpty, NOTHING } from '../sql/definitions/object-names.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import { readDatabaseFacts, readSchema } from '../server/catalog/database-facts.ts';
import { connectServer } from '../server/connect/server.ts';
import { lockDatabase, refuseIfLocked } from '../jobs/lock-database.ts';
import type { DatabaseLock } from '../jobs/lock-database.ts';
import { forgetInterrupted, warnOfInterrupted } from './in-place/interrupted-in-place.ts';
import { recoverRestores } from './recover/recover-restores.ts';
import { removeOrphanedSchemas } from './recover/orphaned-schemas.ts';
import { readInterruptedRestores } from './recover/interrupted-restores.ts';
import { replaceInPlace } from './in-place/replace-in-place.ts';
import { restoreThroughStaging } from './staging/restore-through-staging.ts';
import { refuseFilledTarget } from './check/refuse-changed-target.ts';
import { pruneJobs } from '../jobs/prune-jobs.ts';
import { refuseOtherServer } from './check/refuse-other-server.ts';
import { restoreCommandOf, resumeCommandOf, undoCommandOf } from './further-commands.ts';
import { objectNames } from '../server/catalog/database-facts.ts';
import { runJob } from '../jobs/run-job.ts';
import type { Runtime } from '../run/runtime.ts';
import { makeSafetyBackup } from './replace/safety-backup.ts';
import { elsewhereHint, takeWritable, withDirectory } from '../backups/directory/stand-in-directory.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';
import type { RestoreRequest, RestoreOutcome } from './request.ts';
import { openRequested, type Opened, targetOf, refuseUnfitPlace, refuseReadOnly } from './open-backup.ts';
import { prepare, prepareConfirmed, PREPARING } from './prepare-restore.ts';

/**
 * Restores one backup into one database.
 *
 * find → verify → plan → confirm → lock → safety backup → replace in place → check → unlock
 *
 * @throws {DbBackupError} Before anything is touched: `not-found`, `damaged`, `unsafe`, `access-denied`,
 *   `not-confirmed`, `locked`, `safety-backup-failed`, … After: `restore-failed` when the target is as it was,
 *   `restore-incomplete` when it is not, with the command that returns it; a cancellation says which.
 */
export async function restoreBackup(request: RestoreRequest, runtime: Runtime): Promise<RestoreOutcome> {
  await using opened = await openRequested(request, runtime);
  return await restoreOpened(request, opened, runtime);
}

/**
 * As `restoreBackup`.
 *
 * @param verified Of a file that has been read already.
 */
export async function restoreOpened(
  request: RestoreRequest,
  opened: Pick<Opened, 'backup' | 'file'>,
  runtime: Runtime,
  verified?: VerifiedDump,
): Promise<RestoreOutcome> {
  const startedAt = runtime.now().getTime();
  const target = await targetOf(request, opened, runtime);
  await refuseUnfitPlace(request, { ...opened, target }, runtime);
  const { connection, lockWaitMs } = request;
  const directory = await takeWritable(
    { directory: request.directory, database: target, backup: opened.backup.path },
    runtime,
  );
  // What this run writes, and commands that lead to it.
  const kept = { ...request, directory, sameServer: withDirectory(request.sameServer, directory) };
  const start = {
    operation: 'restore',
    database: target,
    directory,
    step: 'Verifying the backup...',
    connection,
  } as const;
  return await runJob(start, runtime, async (job, runtime, journal) => {
    const untouched = <T>(step: Promise<T>): Promise<T> =>
      step.catch((error: unknown) => {
        throw cancelledWith(error, `${target} is as it was.`);
      });
    const lockTarget = (): Promise<DatabaseLock> =>
      untouched(
        lockDatabase(
          {
            connection,
            directory,
            database: target,
            operation: 'restore',
            job,
            waitMs: lockWaitMs,
            step: PREPARING,
          },
          runtime,
        ),
      );
    await using early = request.confirmFirst === undefined ? undefined : await lockTarget();
    if (early === undefined) {
      // Not after all of the backup was read and the user has confirmed.
      if (lockWaitMs === 0) await untouched(refuseIfLocked({ directory, database: target }, runtime));
      await recoverFirst({ connection, directory, database: target, job, lockWaitMs }, runtime);
    } else {
      await untouched(confirmAtOnce(request, { ...opened, target }, runtime));
      runtime.onProgress({ kind: 'accepted', job, directory });
      await recoverRestores({ connection, directory, database: target, own: job }, runtime);
    }
    const prepared = await untouched(prepareConfirmed(request, { ...opened, target, verified }, runtime));
    const confirmedAt = runtime.now().getTime();
    await using lock = early === undefined ? await lockTarget() : borrowed(early);
    await recoverRestores({ connection, directory, database: target, own: job }, runtime);
    await untouched(refuseFilledTarget(prepared.plan, connection, runtime));
    await untouched(removeLeftovers(kept, runtime));
    const cutOff = await warnOfInterrupted({ directory, database: target }, runtime);
    const safety =
      prepared.plan.safetyBackup === 'made'
        ? await untouched(
            makeSafetyBackup(
              {
                ...{ connection, directory, target, job, cutOff, skipBroken: request.skipBroken },
                elsewhereHint:
                  directory === request.directory ? undefined : elsewhereHint(opened.backup.path),
              },
              runtime,
            ),
          )
        : undefined;
    const safetyBackup = safety?.backup;
    const undoCommand = safetyBackup && undoCommandOf(kept, prepared.plan, safetyBackup, runtime);
    // What a restore leaves half done is worth no safety backup, and may be in no state to be dumped.
    const returnCommand = undoCommand && `${undoCommand} --no-safety-backup`;
    if (returnCommand !== undefined) {
      // In the log before anything is touched: whoever finds the run dead finds the way back there.
      runtime.onProgress({ kind: 'detail', message: `To bring back what ${target} held: ${returnCommand}` });
    }
    const replace = { ...kept, ...prepared, job, lock, safety, returnCommand };
    const resumeCommand = resumeCommandOf(kept, job, runtime);
    const { plan, backup } = prepared;
    const warnings = [...plan.warnings];
    const noting = notingWarnings(runtime, warnings);
    if (plan.method === 'in-place') {
      const restoreCommand = restoreCommandOf(request, plan, runtime);
      const replacement = { returnCommand, restoreCommand, tables: plan.onlyTables };
      await replaceInPlace(
        { ...replace, replacement, journal: (replacing) => journal({ replacing }) },
        { ...noting, signal: AbortSignal.any([runtime.signal, lock.lost]) },
      );
    } else {
      await restoreThroughStaging(
        { ...replace, journal: (swap) => journal({ swap }), resumeCommand },
        noting,
      );
    }
    await forgetInterrupted({ directory, database: target }, { backup, tables: plan.onlyTables }, runtime);

    const durationMs = since(startedAt, runtime);
    const restored = {
      uncompressedBytes: plan.backup.uncompressedBytes,
      durationMs: since(confirmedAt, runtime),
    };
    const value = { plan, job, durationMs, safetyBackup, undoCommand, warnings };
    const { name, path, sizeBytes } = backup;
    return {
      value,
      result: { name, path, sizeBytes, safetyBackup: safetyBackup?.path, undoCommand, restored },
    };
  }).finally(() => pruneJobs(directory, runtime));
}

/** Adds every warning that is given to those that the outcome tells. */
function notingWarnings(runtime: Runtime, warnings: string[]): Runtime {
  return {
    ...runtime,
    onProgress(event) {
      if (event.kind === 'warning') warnings.push(event.message);
      runtime.onProgress(event);
    },
  };
}

function borrowed(lock: DatabaseLock): DatabaseLock {
  return { ...lock, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function confirmAtOnce(
  { connection, confirmFirst, directory }: RestoreRequest,
  { backup, target }: { readonly backup: Backup; readonly target: string },
  { signal }: Runtime,
): Promise<void> {
  await using server = await connectServer(connection, signal);
  const holds =
    (await readSchema(server, target)) === undefined
      ? NOTHING
      : objectNames(await readDatabaseFacts(server, target));
  await confirmFirst?.({
    backup: { reference: shownReference(backup, directory) },
    target: { database: target },
    needsConfirmation: !isEmpty(holds),
  });
}

/** A clock may be set back. */
function since(startMs: number, { now }: Runtime): number {
  return Math.max(0, now().getTime() - startMs);
}

/** What an earlier run left half done is put right before the target is looked at. */
async function recoverFirst(
  request: Pick<RestoreRequest, 'connection' | 'directory' | 'lockWaitMs'> & {
    readonly database: string;
    readonly job: string;
  },
  runtime: Runtime,
): Promise<void> {
  const { directory, database, job, lockWaitMs } = request;
  if ((await readInterruptedRestores(directory, database)).every(({ id }) => id === job)) return;
  await using _lock = await lockDatabase(
    { ...request, operation: 'restore', waitMs: lockWaitMs, step: PREPARING },
    runtime,
  );
  await recoverRestores({ ...request, own: job }, runtime);
}

async function removeLeftovers({ connection, directory }: RestoreRequest, runtime: Runtime): Promise<void> {
  await using server = await connectServer(connection, runtime.signal);
  await removeOrphanedSchemas(directory, server, runtime);
}

/** For `--dry-run`: verifies the backup and says what the restore would do; touches nothing. */
export async function planRestore(
  request: Omit<RestoreRequest, 'confirm'>,
  runtime: Runtime,
): Promise<RestorePlan> {
  await using opened = await openRequested(request, runtime);
  const target = await targetOf(request, opened, runtime);
  await refuseOtherServer({ fromOtherServer: false, ...request }, opened.backup, runtime);
  const { plan } = await prepare(request, { ...opened, target }, runtime);
  await refuseReadOnly(request, target, runtime);
  return plan;
}
