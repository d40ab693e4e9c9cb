import { headerDatabase } from '../backups/read/header-database.ts';
import type { Connection } from '../server/connect/connection.ts';
import { shownReference } from '../backups/record/backup.ts';
import type { Backup } from '../backups/record/backup.ts';
import { cancelledWith, DbBackupError } from '../run/errors.ts';
import { isSystemSchema } from '../backups/record/backup-name.ts';
import { isEmpty, NOTHING } from '../sql/definitions/object-names.ts';
import type { RestorePlan } from './plan/restore-plan.ts';
import { jobOfScratchSchema } from './swap/swap-script.ts';
import { readDatabaseFacts, readSchema } from '../server/catalog/database-facts.ts';
import { connectServer } from '../server/connect/server.ts';
import { findClientProgram } from '../programs/client-programs.ts';
import type { ClientProgram } from '../programs/client-programs.ts';
import { openBackupFile } from '../backups/read/backup-file.ts';
import type { BackupFile } from '../backups/read/backup-file.ts';
import { receiveBackup } from '../backups/read/receive-backup.ts';
import { findBackup } from '../backups/directory/find-backup.ts';
import type { CreatedBackup } from '../create/create-backups.ts';
import { lockDatabase, refuseIfLocked } from '../jobs/lock-database.ts';
import type { DatabaseLock } from '../jobs/lock-database.ts';
import { forgetCutOff, warnOfCutOff } from './in-place/cut-off-in-place.ts';
import { warnOfStatistics } from './replace/warn-of-statistics.ts';
import { warnOfRoutineGrants } from './routine-grants/keep-routine-grants.ts';
import { readUnsettled, recoverRestores, removeStrangeLeftovers } from './recover/recover-restores.ts';
import { keepsOthers, replaceInPlace } from './in-place/replace-in-place.ts';
import { restoreThroughStaging } from './staging/restore-through-staging.ts';
import { refuseFilledTarget, refuseUnfitServer } from './plan/refuse-unfit-server.ts';
import { leaveOutUnknownModes } from './load/leave-out-modes.ts';
import { pruneJobs } from '../jobs/prune-jobs.ts';
import { refuseOtherServer } from './check/refuse-other-server.ts';
import { refuseBrokenTarget } from './check/refuse-broken-target.ts';
import { refuseReadOnlyServer, warnOfReadOnly } from './check/refuse-read-only-server.ts';
import { refuseOldEngine } from './check/refuse-old-engine.ts';
import { refuseUnknownCollations } from './check/refuse-unknown-collations.ts';
import {
  databaseCommandsOf,
  intoCommandOf,
  receivingCommandOf,
  restoreCommandOf,
  resumeCommandOf,
  undoCommandOf,
} from './further-commands.ts';
import { clearedBy, makeRestorePlan, objectNames } from './plan/make-plan.ts';
import { runJob } from '../jobs/run-job.ts';
import type { Runtime } from '../run/runtime.ts';
import { makeSafetyBackup } from './replace/safety-backup.ts';
import { chooseWritable, elsewhereHint, takeWritable, withDirectory } from '../jobs/stand-in-directory.ts';
import { verifyFile } from '../backups/read/verify-file.ts';
import { verifyDatabase } from '../verify/verify-databases.ts';
import { onlyOf, verifyTables } from '../backups/read/verify-tables.ts';
import type { Verified } from '../backups/read/verify-file.ts';

export interface RestoreRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  /** As the user gave it: `shop/latest`, `latest`, `shop/manual_…`, a unique part of a name, a path, or `-`. */
  readonly reference: string;
  /** The target; undefined: the database that the backup came from. */
  readonly to: string | undefined;
  /** Only these tables, with their triggers; undefined: all that the backup holds. */
  readonly tables: readonly string[] | undefined;
  readonly keepExtra: boolean;
  readonly safetyBackup: boolean;
  /** What of the target the server cannot open is left out of the safety backup. */
  readonly skipBroken: boolean;
  /** Into the target itself, table after table. */
  readonly inPlace: boolean;
  /** How many connections load. */
  readonly connections: number;
  readonly allowIncomplete: boolean;
  /** Takes a safety backup that was made on another server. */
  readonly fromOtherServer?: boolean;
  /** Leave users and grants of the file out, instead of refusing it. */
  readonly skipAccounts?: boolean;
  /** Of a file of several databases: this one alone. */
  readonly fromDatabase?: string | undefined;
  readonly lockWaitMs: number;
  /** Arguments with which a further command reaches the same directory and server; no secret among them. */
  readonly sameServer: readonly string[];
  /** Asked once, after the plan is made and before anything is touched. Rejects with `not-confirmed` to refuse. */
  readonly confirm: (plan: RestorePlan) => Promise<void>;
  /**
   * Given for a detached run, whose user waits for what can be checked at once: the lock is taken and this is asked
   * before the backup is read. Rejects as `confirm` does.
   */
  readonly confirmFirst?: ((target: ToConfirm) => Promise<void>) | undefined;
}

/** As much of the plan as is known without the backup. */
export interface ToConfirm {
  readonly backup: { readonly reference: string };
  readonly target: { readonly database: string };
  readonly needsConfirmation: boolean;
}

export interface RestoreOutcome {
  readonly plan: RestorePlan;
  readonly job: string;
  readonly durationMs: number;
  readonly safetyBackup: CreatedBackup | undefined;
  /** The command that brings back what was replaced; undefined when there was nothing. */
  readonly undoCommand: string | undefined;
  readonly warnings: readonly string[];
}

const PREPARING = 'Preparing the restore...';

/** A backup that was found, opened, read to its end and compared with the target. */
interface Prepared extends Read {
  readonly backup: Backup;
  readonly target: string;
  readonly plan: RestorePlan;
  readonly tool: ClientProgram;
}

/** What is to be loaded: verified, in a file of which perhaps no more than is needed is read. */
interface Read {
  readonly file: BackupFile;
  readonly verified: Verified;
}

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
  verified?: Verified,
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
    const cutOff = await warnOfCutOff({ directory, database: target }, runtime);
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
    await forgetCutOff({ directory, database: target }, { backup, tables: plan.onlyTables }, runtime);

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
  if ((await readUnsettled(directory, database)).every(({ id }) => id === job)) return;
  await using _lock = await lockDatabase(
    { ...request, operation: 'restore', waitMs: lockWaitMs, step: PREPARING },
    runtime,
  );
  await recoverRestores({ ...request, own: job }, runtime);
}

async function removeLeftovers({ connection, directory }: RestoreRequest, runtime: Runtime): Promise<void> {
  await using server = await connectServer(connection, runtime.signal);
  await removeStrangeLeftovers(directory, server, runtime);
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

/** Before there is a job, and before the backup is read. */
export async function refuseUnfitPlace(
  { connection, fromOtherServer = false }: Omit<RestoreRequest, 'confirm'>,
  { backup, target }: { readonly backup: Backup; readonly target: string },
  runtime: Runtime,
): Promise<void> {
  await refuseOtherServer({ connection, fromOtherServer }, backup, runtime);
  await refuseReadOnly({ connection }, target, runtime);
}

async function refuseReadOnly(
  { connection }: Pick<RestoreRequest, 'connection'>,
  database: string,
  runtime: Runtime,
): Promise<void> {
  const purpose = 'nothing can be restored into it';
  await refuseReadOnlyServer({ connection, purpose, database }, runtime);
}

export interface Opened extends AsyncDisposable {
  readonly backup: Backup;
  readonly file: BackupFile;
}

export async function openRequested(
  request: Omit<RestoreRequest, 'confirm'>,
  runtime: Runtime,
): Promise<Opened> {
  if (request.reference === '-') return receiveBackup(request.directory, runtime);
  const { reference, directory, connection } = request;
  const backup = await findBackup({ reference, directory, database: connection.database }, runtime);
  const file = await openBackupFile(backup.path);
  return { backup, file, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

async function targetOf(
  request: Omit<RestoreRequest, 'confirm'>,
  { backup, file }: Pick<Opened, 'backup' | 'file'>,
  runtime: Runtime,
): Promise<string> {
  const { to, fromDatabase, connection } = request;
  const target = to ?? fromDatabase ?? (backup.database || connection.database);
  if (target === undefined) {
    const named = await headerDatabase(file, runtime);
    throw new DbBackupError('usage', `It is not clear which database to restore ${backup.path} into.`, {
      hint:
        named === undefined
          ? 'Name the database to restore into: --to <database>. When it holds several databases: --from-database <name> for one of them, or --all for each into its own.'
          : `Name the database to restore into: --to <database>. The header of the file says ${named}:\n${intoCommandOf(request, backup, named, runtime)}`,
    });
  }
  if (isSystemSchema(target)) {
    throw new DbBackupError(
      'usage',
      `${target} belongs to the server itself; nothing can be restored into it.`,
    );
  }
  if (fromDatabase !== undefined && isSystemSchema(fromDatabase)) {
    throw new DbBackupError(
      'usage',
      `${fromDatabase} belongs to the server that the file was made on; it is not restored.`,
    );
  }
  if (jobOfScratchSchema(target) !== undefined) {
    throw new DbBackupError(
      'usage',
      `${target} is a name that restores give to schemas of their own, which later runs remove.`,
      { hint: 'Name the database to restore into: --to <database>.' },
    );
  }
  return target;
}

/** A file, and where it goes; `verified` when it has been read already. */
interface ToPrepare {
  readonly backup: Backup;
  readonly file: BackupFile;
  readonly target: string;
  readonly verified?: Verified | undefined;
}

async function prepareConfirmed(
  request: RestoreRequest,
  opened: ToPrepare,
  runtime: Runtime,
): Promise<Prepared> {
  const prepared = await prepare(request, opened, runtime);
  const { database } = prepared.plan.target;
  const question = `Waiting for the answer whether ${database} may be replaced...`;
  if (prepared.plan.needsConfirmation) runtime.onProgress({ kind: 'step', message: question });
  await request.confirm(prepared.plan);
  runtime.onProgress({ kind: 'step', message: PREPARING });
  runtime.signal.throwIfAborted();
  return prepared;
}

async function read(
  request: Omit<RestoreRequest, 'confirm'>,
  { backup, file, target }: ToPrepare,
  runtime: Runtime,
): Promise<Read> {
  const { tables, allowIncomplete, skipAccounts = false, fromDatabase } = request;
  runtime.onProgress({ kind: 'step', message: 'Verifying the backup...' });
  const waysOut = (databases: readonly string[]): string =>
    databaseCommandsOf(request, backup, databases, runtime);
  const whole = { backup, file, target, allowIncomplete, skipAccounts, waysOut };
  if (fromDatabase !== undefined) {
    const { verified } = await verifyDatabase({ ...whole, database: fromDatabase }, runtime);
    return { file, verified: tables === undefined ? verified : onlyOf(verified, tables, file.path) };
  }
  if (tables !== undefined) return verifyTables({ ...whole, tables }, runtime);
  return { file, verified: await verifyFile(whole, runtime) };
}

/** What a restore would do, of what was opened. */
export async function prepare(
  request: Omit<RestoreRequest, 'confirm'>,
  opened: ToPrepare,
  runtime: Runtime,
): Promise<Prepared> {
  const { backup, target } = opened;
  const { file, verified: whole } =
    opened.verified === undefined
      ? await read(request, opened, runtime)
      : { file: opened.file, verified: opened.verified };
  const verified = await leaveOutUnknownModes(whole, request.connection, runtime);
  await using server = await connectServer(request.connection, runtime.signal);
  const made = await makeRestorePlan({ ...request, backup, verified, target }, server);
  const { holds } = made.target;
  const goes = clearedBy(holds, made, keepsOthers({ ...request, plan: made }));
  const grantWarnings = await warnOfRoutineGrants(
    {
      ...{ ...request, server, target, backup },
      holds: holds.routines,
      goes: goes.routines,
      brings: made.brings.routines,
    },
    made.safetyBackup,
  );
  const lost = await warnOfStatistics(server, target, goes.tables);
  const keptIn = await chooseWritable({ directory: request.directory, database: target }, runtime);
  const plan = {
    ...made,
    safetyDirectory: keptIn === request.directory ? undefined : keptIn,
    warnings: [...made.warnings, ...(await warnOfReadOnly(server)), ...grantWarnings, ...lost],
  };
  await refuseUnfitServer({ plan, verified, server });
  await refuseBrokenTarget(request, { plan, backup, server }, runtime);
  const fromStdin = receivingCommandOf(request, target, runtime);
  refuseOldEngine({ backup, findings: verified.findings }, fromStdin);
  await refuseUnknownCollations({ backup, findings: verified.findings }, server, fromStdin);
  const tool = await findClientProgram('load', server.flavour, runtime.env, runtime.signal);
  return { backup, file, verified, target, plan, tool };
}
