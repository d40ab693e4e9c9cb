import { readNameFolding } from '../server/definitions/show-create.ts';
import { SharedSession } from '../server/session/shared-session.ts';
import { cancelledWith, DbBackupError, isCancellation } from '../run/errors.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import { refuseIfLocked } from '../jobs/lock-database.ts';
import { remainingCommandsOf } from './further-commands.ts';
import { restoreOpened } from './restore.ts';
import { prepare } from './prepare-restore.ts';
import { openRequested, refuseUnfitPlace } from './open-backup.ts';
import type { Opened } from './open-backup.ts';
import type { RestoreOutcome, RestoreRequest } from './request.ts';
import type { Runtime } from '../run/runtime.ts';
import { chooseWritable } from '../backups/directory/stand-in-directory.ts';
import { verifyAllDatabases } from '../backups/read/verify-databases.ts';
import type { VerifiedDatabases, VerifiedPart } from '../backups/read/verify-databases.ts';

export interface RestoreAllRequest extends Omit<
  RestoreRequest,
  'confirm' | 'confirmFirst' | 'to' | 'tables' | 'fromDatabase' | 'skipAccounts' | 'allowUnsafe'
> {
  /** Asked once, before anything is touched. Rejects with `not-confirmed` to refuse. */
  readonly confirm: (plan: RestoreAllPlan) => Promise<void>;
}

/** What a restore of a whole file would do. */
export interface RestoreAllPlan {
  /** In the order of the file, which is that of the restore. */
  readonly plans: readonly RestorePlan[];
  /** What of the file is not restored: system schemas. */
  readonly leftOut: readonly string[];
}

/** What became of a whole file. */
export interface RestoreAllOutcome {
  readonly restored: readonly RestoreOutcome[];
  readonly failures: readonly { readonly database: string; readonly error: DbBackupError }[];
  /** Not begun, because the run was ended or the server was gone. */
  readonly notStarted: readonly string[];
  readonly leftOut: readonly string[];
  /** For what failed and what was not begun. */
  readonly remainingCommands: readonly string[];
}

/** Told of each database in its turn. */
export interface RestoreAllFollower {
  begins(database: string): void;
  restored(outcome: RestoreOutcome): Promise<void>;
}

/** After these the next database would fail in the same way. */
const ENDS_ALL: ReadonlySet<string> = new Set(['unreachable', 'no-space']);

/**
 * Restores every database of a file into the one of its name, one after the other. The file is read, and all of it
 * planned and confirmed, before the first is touched; each is a separate job, with its own lock, safety backup and
 * undo. If one fails, the next is still restored.
 *
 * @throws {DbBackupError} What keeps it from touching any. Every other expected failure is in the outcome; a
 *   cancellation is the last of them.
 */
export async function restoreAll(
  request: RestoreAllRequest,
  runtime: Runtime,
  follower: RestoreAllFollower,
): Promise<RestoreAllOutcome> {
  await using opened = await openRequested(singleRequest(request), runtime);
  const { found, plan } = await planOpened(request, opened, runtime);
  await request.confirm(plan);
  runtime.signal.throwIfAborted();
  return await restoreParts(request, { opened, found, plan }, runtime, follower);
}

/** For `--dry-run`: verifies the file and says what the restore would do; touches nothing. */
export async function planRestoreAll(
  request: Omit<RestoreAllRequest, 'confirm'>,
  runtime: Runtime,
): Promise<RestoreAllPlan> {
  await using opened = await openRequested(singleRequest(request), runtime);
  return (await planOpened(request, opened, runtime)).plan;
}

/** That of one database, or of the file as a whole. */
function singleRequest(
  request: Omit<RestoreAllRequest, 'confirm'>,
  database?: string,
): Omit<RestoreRequest, 'confirm'> {
  return { ...request, to: undefined, tables: undefined, fromDatabase: database };
}

async function planOpened(
  request: Omit<RestoreAllRequest, 'confirm'>,
  { backup, file }: Opened,
  runtime: Runtime,
): Promise<{ readonly found: VerifiedDatabases; readonly plan: RestoreAllPlan }> {
  const { directory, allowIncomplete, lockWaitMs } = request;
  runtime.onProgress({ kind: 'step', message: 'Verifying the backup...' });
  const untouched = (error: unknown): never => {
    throw cancelledWith(error, 'Nothing was touched.');
  };
  const found = await verifyAllDatabases({ backup, file, allowIncomplete }, runtime).catch(untouched);
  await using session = new SharedSession(request.connection, runtime.signal);
  await refuseFolded(found.parts, session);
  const plans: RestorePlan[] = [];
  for (const { database, verified } of found.parts) {
    const opened = { backup, file, target: database, verified };
    const one = singleRequest(request, database);
    await refuseUnfitPlace(one, opened, session);
    if (lockWaitMs === 0) {
      const kept = await chooseWritable({ directory, database }, runtime);
      await refuseIfLocked({ directory: kept, database }, runtime);
    }
    const { plan } = await prepare(one, opened, session, runtime).catch(untouched);
    plans.push(plan);
  }
  return { found, plan: { plans, leftOut: found.leftOut } };
}

/** @throws {DbBackupError} `usage` when two of them would go into the same database of this server. */
async function refuseFolded(parts: readonly VerifiedPart[], session: SharedSession): Promise<void> {
  const fold = await readNameFolding(await session.open());
  const seen = new Map<string, string>();
  for (const { database } of parts) {
    const other = seen.get(fold(database));
    if (other !== undefined) {
      throw new DbBackupError(
        'usage',
        `${other} and ${database} are the same database on this server. Nothing was touched.`,
        { hint: 'Restore each with --from-database, and one of them with --to.' },
      );
    }
    seen.set(fold(database), database);
  }
}

async function restoreParts(
  request: RestoreAllRequest,
  {
    opened,
    found: { parts, leftOut },
    plan: { plans },
  }: { readonly opened: Opened; readonly found: VerifiedDatabases; readonly plan: RestoreAllPlan },
  runtime: Runtime,
  follower: RestoreAllFollower,
): Promise<RestoreAllOutcome> {
  const restored: RestoreOutcome[] = [];
  const failures: RestoreAllOutcome['failures'][number][] = [];
  const open = new Set(parts.map(({ database }) => database));
  for (const [index, { database, verified }] of parts.entries()) {
    follower.begins(database);
    const confirm = confirmedBy(plans[index]);
    try {
      const one = { ...singleRequest(request, database), confirm };
      const outcome = await restoreOpened(one, opened, runtime, verified);
      open.delete(database);
      restored.push(outcome);
      await follower.restored(outcome);
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      failures.push({ database, error });
      if (ENDS_ALL.has(error.code) || isCancellation(error)) break;
    }
  }
  const failed = new Set(failures.map(({ database }) => database));
  return {
    restored,
    failures,
    notStarted: [...open].filter((database) => !failed.has(database)),
    leftOut,
    remainingCommands: remainingCommandsOf(singleRequest(request), opened.backup, [...open], runtime),
  };
}

/** What was planned may have changed by the time that its turn comes: nobody has agreed to lose what is there now. */
function confirmedBy(planned: RestorePlan | undefined): (plan: RestorePlan) => Promise<void> {
  return async ({ needsConfirmation, target: { database } }) => {
    if (!needsConfirmation || planned?.needsConfirmation === true) return Promise.resolve();
    throw new DbBackupError(
      'not-confirmed',
      `${database} was empty when the plan was confirmed, but holds something now. It was not touched.`,
    );
  };
}
