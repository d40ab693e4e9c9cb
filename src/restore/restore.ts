import type { Backup } from '../backups/record/backup.ts';
import { databaseFolder, jobFolder } from '../backups/directory/layout.ts';
import { elsewhereHint, takeWritable, withDirectory } from '../backups/directory/stand-in-directory.ts';
import type { VerifiedDump } from '../backups/read/verify-file.ts';
import type { DatabaseLock } from '../jobs/lock-database.ts';
import { pruneJobs } from '../jobs/prune-jobs.ts';
import type { JobResult, JournalEntry } from '../jobs/record/job.ts';
import type { KeptTables } from '../jobs/record/kept-tables.ts';
import { runJob } from '../jobs/run-job.ts';
import { notingWarnings } from '../run/warning.ts';
import type { Runtime } from '../run/runtime.ts';
import { SharedSession } from '../server/session/shared-session.ts';
import { refuseFilledTarget } from './check/refuse-changed-target.ts';
import { refuseSharedFolders } from './check/refuse-shared-folders.ts';
import { refuseOtherServer } from './check/refuse-other-server.ts';
import { restoreCommandOf, resumeCommandOf, undoCommandOf } from './further-commands.ts';
import { forgetInterrupted, warnOfInterrupted } from './in-place/interrupted-in-place.ts';
import { replaceInPlace } from './in-place/replace-in-place.ts';
import { asItWas, lockAndAsk, recoverInterrupted, type Agreed, type Place } from './lock-and-ask.ts';
import { openRequested, type Opened, refuseReadOnly, refuseUnfitPlace, targetOf } from './open-backup.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import { undoSqlOf } from './plan/undo-sql.ts';
import { prepare, type Prepared } from './prepare-restore.ts';
import { removeExpired } from './keep/remove-expired.ts';
import { removeLeftLoadAccounts } from './recover/left-load-accounts.ts';
import { removeOrphanedSchemas } from './recover/orphaned-schemas.ts';
import { fastestCompression } from './replace/safety-compression.ts';
import {
  checkWayBack,
  journalOf,
  makeWayBack,
  wayThrough,
  type WayBack,
  type WayBackRequest,
} from './replace/way-back.ts';
import type { RestoreOutcome, RestoreRequest } from './request.ts';
import { restoreThroughStaging } from './staging/restore-through-staging.ts';
import type { LateWayBack } from './staging/staging-request.ts';
import { swapJournal } from './swap/swap-journal.ts';

/**
 * Restores one backup into one database.
 *
 * open → run as a job → lock and ask → recover interrupted restores → replace, with a way back → outcome
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
  await using session = new SharedSession(request.connection, runtime.signal);
  const target = await targetOf(request, opened, runtime);
  await refuseUnfitPlace(request, { ...opened, target }, session);
  const kept = await writable(request, target, opened.backup, runtime);
  return await runJob(startOf(kept, target), runtime, async (job, runtime, journal) => {
    if (request.undoes !== undefined) await journal({ undoes: request.undoes.job });
    const place = { connection: kept.connection, directory: kept.directory, database: target, job };
    const agreed = await lockAndAsk(request, place, { ...opened, target, verified }, session, runtime);
    await using lock = agreed.lock;
    const { plan } = agreed.prepared;
    await recoverInterrupted(place, session, runtime);
    await request.undoes?.refuseUndone(job);
    await asItWas(place, clearTheWay(plan, place, request.directory, session, runtime));
    const interrupted = await warnOfInterrupted(place, runtime);
    const elsewhere = kept.directory === request.directory ? undefined : elsewhereHint(opened.backup.path);
    const compression = request.safetyCompression ?? (await fastestCompression(runtime));
    const way = { request: kept, plan, job, interrupted, compression, elsewhereHint: elsewhere };
    const commands = {
      restoreCommand: restoreCommandOf(request, plan, runtime),
      resumeCommand: resumeCommandOf(kept, job, runtime),
    };
    const replacing = { ...place, ...commands, keepExtra: request.keepExtra, lock, journal };
    const warnings = [...plan.warnings];
    const noting = notingWarnings(runtime, warnings);
    const { wayBack, kept: old } = await replace(agreed.prepared, way, replacing, session, noting);
    const restored = { backup: agreed.prepared.backup, tables: plan.onlyTables };
    await forgetInterrupted(place, restored, runtime);
    const undoCommand =
      wayBack.undoCommand ?? (old && undoCommandOf(kept, { job, database: target }, runtime));
    return outcomeOf(agreed, { ...wayBack, undoCommand, kept: old }, { job, startedAt, warnings }, runtime);
  }).finally(() => pruneJobs(kept.directory, runtime));
}

/** The request, of a directory that this run may write to, and commands that lead to it. */
async function writable(
  request: RestoreRequest,
  target: string,
  backup: Backup,
  runtime: Runtime,
): Promise<RestoreRequest> {
  const wanted = { directory: request.directory, database: target, backup: backup.path };
  const directory = await takeWritable(wanted, runtime);
  await refuseSharedFolders([directory, jobFolder(directory)]);
  return { ...request, directory, sameServer: withDirectory(request.sameServer, directory) };
}

function startOf({ connection, directory }: RestoreRequest, target: string): Parameters<typeof runJob>[0] {
  const step = 'Verifying the backup...';
  return { operation: 'restore', database: target, directory, step, connection };
}

/**
 * With the lock held: nobody else fills the target, and what dead runs have left on the server goes.
 *
 * @param named The backup directory; that of the place is another where this run may only read it.
 */
async function clearTheWay(
  plan: RestorePlan,
  place: Place,
  named: string,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { connection, directory } = place;
  await refuseFilledTarget(plan, session);
  await removeExpired(place, session, runtime);
  await removeOrphanedSchemas({ directory: named, used: directory }, await session.open(), runtime);
  await removeLeftLoadAccounts({ connection, directory }, await session.open(), runtime);
}

interface Replaced {
  readonly wayBack: WayBack;
  /** The previous tables, where they are kept. */
  readonly kept: KeptTables | undefined;
}

/** Makes the way back, first or late, and replaces the target. */
async function replace(
  { plan, backup, file, verified, readWhole, target, tool }: Prepared,
  way: WayBackRequest,
  by: Place & {
    readonly keepExtra: boolean;
    readonly lock: DatabaseLock;
    readonly journal: (entry: JournalEntry) => Promise<void>;
    readonly restoreCommand: string;
    readonly resumeCommand: string;
  },
  session: SharedSession,
  runtime: Runtime,
): Promise<Replaced> {
  const { connection, directory, job, keepExtra, lock, journal, restoreCommand, resumeCommand } = by;
  const request = {
    ...{ connection, directory, backup, file, verified, readWhole, target, plan, keepExtra, tool, job, lock },
    userId: runtime.userId,
    noteLoadAccount: (loadAccount: string | undefined) => journal({ loadAccount }),
  };
  if (plan.method === 'in-place') {
    const wayBack = await asItWas(by, makeWayBack(way, session, runtime));
    const { safety, returnCommand } = wayBack;
    await session.close(); // as many connections as the load needs are tried first
    const replacement = { returnCommand, restoreCommand, tables: plan.onlyTables };
    await replaceInPlace(
      { ...request, safety, returnCommand, replacement, journal: (replacing) => journal({ replacing }) },
      runtime,
    );
    return { wayBack, kept: undefined };
  }
  const laterMs = await asItWas(by, checkWayBack(way, session, runtime));
  const wayBack: LateWayBack = {
    make: (session, runtime) => makeWayBack(way, session, runtime),
    journalOf: (made) => journalOf(made, way, runtime),
    through: (renewed, made) => wayThrough(renewed, made, way, runtime),
  };
  const swapping = swapJournal(journal);
  const staging = { ...{ ...request, resumeCommand, wayBack }, journal: swapping.write };
  const made = await restoreThroughStaging(staging, session, runtime, laterMs);
  return { wayBack: made, kept: swapping.kept() };
}

/** What the caller is told, and what the job's state file says. */
function outcomeOf(
  { prepared, confirmedAt, waitedMs }: Omit<Agreed, 'lock'>,
  { safety, recorded, undoCommand, lateWrites, kept }: WayBack & Pick<Replaced, 'kept'>,
  run: { readonly job: string; readonly startedAt: number; readonly warnings: readonly string[] },
  runtime: Runtime,
): { readonly value: RestoreOutcome; readonly result: JobResult } {
  const { plan, backup } = prepared;
  const { job, startedAt, warnings } = run;
  const safetyBackup = safety?.backup;
  const durationMs = Math.max(0, since(startedAt, runtime) - waitedMs);
  const restored = {
    uncompressedBytes: plan.backup.uncompressedBytes,
    durationMs: since(confirmedAt, runtime),
  };
  const { name, path, sizeBytes } = backup;
  const undoSql = undoSqlOf(plan);
  return {
    value: { plan, job, durationMs, safetyBackup, undoCommand, undoSql, kept, lateWrites, warnings },
    result: {
      name,
      path,
      sizeBytes,
      safetyBackup: safetyBackup?.path,
      undoCommand,
      undoSql,
      wayBack: recorded,
      restored,
    },
  };
}

/** A clock may be set back. */
function since(startMs: number, { now }: Runtime): number {
  return Math.max(0, now().getTime() - startMs);
}

/** For `--dry-run`: verifies the backup and says what the restore would do; touches nothing. */
export async function planRestore(
  request: Omit<RestoreRequest, 'confirm'>,
  runtime: Runtime,
): Promise<RestorePlan> {
  await using opened = await openRequested(request, runtime);
  await using session = new SharedSession(request.connection, runtime.signal);
  const target = await targetOf(request, opened, runtime);
  await refuseSharedFolders([databaseFolder(request.directory, target)]);
  await refuseOtherServer({ fromOtherServer: false, ...request }, opened.backup, session);
  const { plan } = await prepare(request, { ...opened, target }, session, runtime);
  await refuseReadOnly(request, target, session);
  return plan;
}
