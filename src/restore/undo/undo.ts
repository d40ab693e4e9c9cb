import { databaseFolder, jobFolder } from '../../backups/directory/layout.ts';
import { withDirectory } from '../../backups/directory/stand-in-directory.ts';
import { refuseIfLocked } from '../../jobs/lock-database.ts';
import { pruneJobs } from '../../jobs/prune-jobs.ts';
import { readJob } from '../../jobs/read-jobs.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import { isKeeping, type KeepingJob } from '../../jobs/record/keeping-job.ts';
import { runJob } from '../../jobs/run-job.ts';
import { DbBackupError } from '../../run/errors.ts';
import { notingWarnings } from '../../run/warning.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { refuseReadOnlyServer } from '../check/refuse-read-only-server.ts';
import { refuseSharedFolders } from '../check/refuse-shared-folders.ts';
import { resumeCommandOf, undoCommandOf } from '../further-commands.ts';
import { readOldState } from '../keep/old-state-file.ts';
import type { OldState } from '../keep/old-state.ts';
import { isKeptHere } from '../keep/remove-expired.ts';
import { asItWas, lockTarget, recoverFirst, recoverInterrupted } from '../lock-and-ask.ts';
import { planRestore, restoreBackup } from '../restore.ts';
import type { RestoreRequest } from '../request.ts';
import { findUndone } from './find-undone.ts';
import { planSwapBack } from './plan-swap-back.ts';
import type { SwapBackPlan, UndoOutcome, UndoPlan, UndoRequest } from './request.ts';
import { swapBack } from './swap-back.ts';
import { undoneBy } from './undone-restore.ts';

/**
 * Brings back what a restore replaced: at once where its previous tables were kept, otherwise from its safety backup,
 * as any restore of one.
 *
 * @throws {DbBackupError} as `findUndone` and `restoreBackup`; `not-found` when there is nothing left to bring back.
 */
export async function undoRestore(request: UndoRequest, runtime: Runtime): Promise<UndoOutcome> {
  const found = await findUndone(findingOf(request), runtime);
  const here = inDirectory(request, found.directory);
  const way = await chooseWay(here, found.job, runtime);
  return typeof way === 'string'
    ? restoreBack(here, found.job, way, runtime)
    : runSwapBack(here, way, runtime);
}

/** For `--dry-run`: touches nothing. */
export async function planUndo(request: Omit<UndoRequest, 'confirm'>, runtime: Runtime): Promise<UndoPlan> {
  const { job, directory } = await findUndone(findingOf(request), runtime);
  const here = inDirectory(request, directory);
  const way = await chooseWay(here, job, runtime);
  if (typeof way !== 'string') return way.plan;
  const plan = await planRestore(restoreRequestOf(here, job, way), runtime);
  return { method: 'restore', restore: undoneBy(job), because: way, plan };
}

/** The same, in the directory that has the job, to which the printed commands lead as well. */
function inDirectory<T extends Omit<UndoRequest, 'confirm'>>(request: T, directory: string): T {
  return { ...request, directory, sameServer: withDirectory(request.sameServer, directory) };
}

function findingOf({
  directory,
  job,
  connection,
}: Omit<UndoRequest, 'confirm'>): Parameters<typeof findUndone>[0] {
  return { directory, id: job, database: connection.database };
}

/** Tables that can be swapped back. */
interface SwapWay {
  readonly job: KeepingJob;
  readonly state: OldState;
  readonly plan: SwapBackPlan;
}

/** @returns why the tables cannot be swapped back, as a text, if so. */
async function chooseWay(
  request: Omit<UndoRequest, 'confirm'>,
  job: Job,
  runtime: Runtime,
): Promise<SwapWay | string> {
  if (!isKeeping(job)) return 'its previous tables were not kept';
  const { connection, directory } = request;
  await using session = new SharedSession(connection, runtime.signal);
  const server = await session.open();
  if (!(await isKeptHere(job, connection, server))) {
    throw new DbBackupError(
      'not-found',
      `The previous tables of the restore ${job.id} are not on this server.`,
      {
        hint: `Connect to the server that it ran on${job.kept.endpoint === undefined ? '' : `: ${job.kept.endpoint}`}.`,
      },
    );
  }
  let state: OldState;
  try {
    state = await readOldState(directory, job.id, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    return error.message.replace(/\.$/, '');
  }
  const plan = await planSwapBack(request, job, state, server, runtime);
  return typeof plan === 'string' ? plan : { job, state, plan };
}

/** Restores the safety backup. @param because The tables are not swapped back. */
async function restoreBack(
  request: UndoRequest,
  job: Job,
  because: string,
  runtime: Runtime,
): Promise<UndoOutcome> {
  const restore = undoneBy(job);
  const outcome = await restoreBackup(
    {
      ...restoreRequestOf(request, job, because),
      confirm: (plan) => request.confirm({ method: 'restore', restore, because, plan }),
    },
    runtime,
  );
  const { plan, kept, safetyBackup, undoCommand, warnings, durationMs } = outcome;
  const done = { kept, safetyBackup, undoCommand, warnings, durationMs };
  return { plan: { method: 'restore', restore, because, plan }, job: outcome.job, ...done };
}

function restoreRequestOf(
  request: Omit<UndoRequest, 'confirm'>,
  job: Job,
  because: string,
): Omit<RestoreRequest, 'confirm'> {
  const { connection, directory, connections, loadAccount, safetyCompression, keepOldMs } = request;
  const { id, database, result } = job;
  if (result?.wayBack === undefined) throw nothingLeft(job, because);
  const { reference, tables, skipBroken = false, allowOutside = false } = result.wayBack;
  return {
    ...{ connection, directory, reference, tables, connections, loadAccount, safetyCompression, keepOldMs },
    ...{ skipBroken, allowOutside, to: database, keepExtra: false, safetyBackup: true, inPlace: false },
    ...{ allowIncomplete: false, lockWaitMs: request.lockWaitMs, sameServer: request.sameServer, undoes: id },
  };
}

function nothingLeft(job: Job, because: string): DbBackupError {
  const { id, database, result, state, undoes, returnCommand } = job;
  const message = `What the restore ${id} of ${database} replaced cannot be brought back: ${because}, and `;
  // Current ones say the way back of each safety backup.
  if (result?.undoCommand !== undefined && result.safetyBackup !== undefined && undoes === undefined) {
    return new DbBackupError('not-found', `${message}it was made by an earlier release.`, {
      hint: `Its own command for it:\n${result.undoCommand}`,
    });
  }
  if (state !== 'succeeded') {
    return new DbBackupError('not-found', `${message}it was completed by a later run.`, {
      hint:
        returnCommand === undefined
          ? 'If it had made a safety backup, its log names the command that restores it: status --log shows it.'
          : `To bring back what it replaced from its safety backup:\n${returnCommand}`,
    });
  }
  return new DbBackupError('not-found', `${message}there is no safety backup of it.`);
}

async function runSwapBack(request: UndoRequest, first: SwapWay, runtime: Runtime): Promise<UndoOutcome> {
  const { connection, directory, lockWaitMs, sameServer } = request;
  const { database } = first.job;
  const startedAt = runtime.now().getTime();
  await refuseSharedFolders([directory, jobFolder(directory), databaseFolder(directory, database)]);
  await using session = new SharedSession(connection, runtime.signal);
  const purpose = `the restore ${first.job.id} of ${database} cannot be undone now`;
  await refuseReadOnlyServer({ connection, purpose, database }, session);
  const step = 'Preparing the undo...';
  const start = { operation: 'restore', database, directory, step, connection } as const;
  return await runJob(start, runtime, async (job, runtime, journal) => {
    await journal({ undoes: first.job.id });
    const place = { connection, directory, database, job };
    if (lockWaitMs === 0) await asItWas(place, refuseIfLocked(place, runtime));
    const take = (): ReturnType<typeof lockTarget> => lockTarget(place, lockWaitMs, runtime);
    await recoverFirst(place, take, session, runtime);
    const { plan } = await stillThere(request, first.job, runtime);
    const askedAt = runtime.now().getTime();
    await asItWas(place, request.confirm(plan));
    const waitedMs = runtime.now().getTime() - askedAt;
    runtime.onProgress({ kind: 'step', message: step });
    runtime.signal.throwIfAborted();
    await using lock = await asItWas(place, take());
    await recoverInterrupted(place, session, runtime);
    const way = await stillThere(request, first.job, runtime);
    let kept: KeptTables | undefined;
    const warnings = [...plan.warnings];
    await swapBack(
      {
        ...{ ...place, plan, of: way.job, state: way.state, lock },
        resumeCommand: resumeCommandOf(request, job, runtime),
        journal: (swap, keeps) => {
          kept = keeps;
          return journal({ swap, kept });
        },
      },
      session,
      notingWarnings(runtime, warnings),
    );
    const undoCommand = kept && undoCommandOf({ sameServer }, { job, database }, runtime);
    const durationMs = Math.max(0, runtime.now().getTime() - startedAt - waitedMs);
    const schema = scratchSchemas(way.job.id).old;
    return {
      value: { plan, job, durationMs, kept, safetyBackup: undefined, undoCommand, warnings },
      result: { name: schema, path: schema, sizeBytes: way.job.kept.sizeBytes, undoCommand },
    };
  }).finally(() => pruneJobs(directory, runtime));
}

/** The same way, looked at again: somebody may have gone it, or an interrupted undo was completed on the way here. */
async function stillThere(request: UndoRequest, { id }: KeepingJob, runtime: Runtime): Promise<SwapWay> {
  const { job } = await readJob({ directory: request.directory, id }, runtime);
  const way = await chooseWay(request, job, runtime);
  if (typeof way !== 'string') return way;
  throw new DbBackupError(
    'restore-failed',
    `The previous tables of the restore ${id} cannot be swapped back any more: ${way}. This run has changed nothing.`,
    { hint: 'status shows whether another run has undone it.' },
  );
}
