import { databaseFolder, jobFolder } from '../../backups/directory/layout.ts';
import { withDirectory } from '../../backups/directory/stand-in-directory.ts';
import { refuseIfLocked } from '../../jobs/lock-database.ts';
import { pruneJobs } from '../../jobs/prune-jobs.ts';
import { readJob } from '../../jobs/read-jobs.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { KeepingJob } from '../../jobs/record/keeping-job.ts';
import { runJob } from '../../jobs/run-job.ts';
import { DbBackupError } from '../../run/errors.ts';
import { notingWarnings } from '../../run/warning.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { refuseReadOnlyServer } from '../check/refuse-read-only-server.ts';
import { refuseSharedFolders } from '../check/refuse-shared-folders.ts';
import { resumeCommandOf, undoCommandOf } from '../further-commands.ts';
import { asItWas, lockTarget, recoverFirst, recoverInterrupted } from '../lock-and-ask.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import { planRestore, restoreBackup } from '../restore.ts';
import type { RestoreRequest } from '../request.ts';
import { swapJournal } from '../swap/swap-journal.ts';
import { chooseWay, type Here, jobsAround, type NoSwapWay, type SwapWay } from './choose-way.ts';
import { findUndone } from './find-undone.ts';
import { laterRestores } from './other-restores.ts';
import { refuseUndone } from './refuse-unfit.ts';
import type { RestoreBackPlan, UndoOutcome, UndoPlan, UndoRequest } from './request.ts';
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
  return 'because' in way ? restoreBack(here, found.job, way, runtime) : runSwapBack(here, way, runtime);
}

/** For `--dry-run`: touches nothing. */
export async function planUndo(request: Omit<UndoRequest, 'confirm'>, runtime: Runtime): Promise<UndoPlan> {
  const { job, directory } = await findUndone(findingOf(request), runtime);
  const here = inDirectory(request, directory);
  const way = await chooseWay(here, job, runtime);
  if (!('because' in way)) return way.plan;
  const plan = await planRestore(restoreRequestOf(here, job, way, runtime), runtime);
  const later = laterRestores(job, await jobsAround(here, runtime));
  return { method: 'restore', restore: undoneBy(job), later, ...way, plan };
}

function inDirectory<T extends Omit<UndoRequest, 'confirm'>>(request: T, directory: string): Here<T> {
  const sameServer = withDirectory(request.sameServer, directory);
  return { ...request, directory, sameServer, named: request.directory };
}

function findingOf({
  directory,
  job,
  connection,
  sameServer,
}: Omit<UndoRequest, 'confirm'>): Parameters<typeof findUndone>[0] {
  return { directory, id: job, database: connection.database, sameServer };
}

/** Restores the safety backup. @param way The tables are not swapped back. */
async function restoreBack(
  request: Here<UndoRequest>,
  job: Job,
  way: NoSwapWay,
  runtime: Runtime,
): Promise<UndoOutcome> {
  const restore = undoneBy(job);
  let later: RestoreBackPlan['later'] = [];
  const planOf = (plan: RestorePlan): RestoreBackPlan => ({
    ...{ method: 'restore', restore, later, plan },
    ...way,
  });
  const outcome = await restoreBackup(
    {
      ...restoreRequestOf(request, job, way, runtime),
      async confirm(plan) {
        later = laterRestores(job, await jobsAround(request, runtime));
        await request.confirm(planOf(plan));
      },
    },
    runtime,
  );
  const { kept, safetyBackup, undoCommand, warnings, durationMs } = outcome;
  const done = { kept, safetyBackup, undoCommand, warnings, durationMs };
  return { plan: planOf(outcome.plan), job: outcome.job, ...done };
}

function restoreRequestOf(
  request: Here<Omit<UndoRequest, 'confirm'>>,
  job: Job,
  way: NoSwapWay,
  runtime: Runtime,
): Omit<RestoreRequest, 'confirm'> {
  const { connection, directory, connections, loadAccount, safetyCompression, keepOldMs } = request;
  const { id, database, result } = job;
  if (result?.wayBack === undefined) throw nothingLeft(job, way);
  const { reference, tables, skipBroken = false, allowOutside = false } = result.wayBack;
  const undoes = { job: id, refuseUndone: (own: string) => refuseUndoneNow(request, job, own, runtime) };
  return {
    ...{ connection, directory, reference, tables, connections, loadAccount, safetyCompression, keepOldMs },
    ...{ skipBroken, allowOutside, to: database, keepExtra: false, safetyBackup: true, inPlace: false },
    ...{ allowIncomplete: false, lockWaitMs: request.lockWaitMs, sameServer: request.sameServer, undoes },
  };
}

/** Another run may have undone it since this one has begun. */
async function refuseUndoneNow(
  request: Here<Omit<UndoRequest, 'confirm'>>,
  job: Job,
  own: string,
  runtime: Runtime,
): Promise<void> {
  const reaching = { program: runtime.program, sameServer: request.sameServer };
  refuseUndone(job, await jobsAround(request, runtime), reaching, own);
}

function nothingLeft(job: Job, { because, hint }: NoSwapWay): DbBackupError {
  const { id, database, result, state, undoes, returnCommand } = job;
  if (result?.undoSql !== undefined)
    return new DbBackupError(
      'not-found',
      `The restore ${id} of ${database} replaced nothing to bring back.`,
      {
        hint: `To undo it, remove what it brought:\n${result.undoSql}`,
      },
    );
  const message = `What the restore ${id} of ${database} replaced cannot be brought back: ${because}, and`;
  const failure = (why: string, ...ways: readonly string[]): DbBackupError =>
    new DbBackupError('not-found', `${message} ${why}.`, {
      hint: [hint, ...ways].filter((way) => way !== undefined).join('\n') || undefined,
    });
  // Current ones say the way back of each safety backup.
  if (result?.undoCommand !== undefined && result.safetyBackup !== undefined && undoes === undefined) {
    return failure('it was made by an earlier release', `Its own command for it:\n${result.undoCommand}`);
  }
  if (state !== 'succeeded') {
    return failure(
      'it was completed by a later run',
      returnCommand === undefined
        ? 'If it had made a safety backup, its log names the command that restores it: status --log shows it.'
        : `To bring back what it replaced from its safety backup:\n${returnCommand}`,
    );
  }
  return failure('there is no safety backup of it');
}

async function runSwapBack(
  request: Here<UndoRequest>,
  first: SwapWay,
  runtime: Runtime,
): Promise<UndoOutcome> {
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
    const { plan } = await stillThere(request, first.job, job, runtime);
    const askedAt = runtime.now().getTime();
    await asItWas(place, request.confirm(plan));
    const waitedMs = runtime.now().getTime() - askedAt;
    runtime.onProgress({ kind: 'step', message: step });
    runtime.signal.throwIfAborted();
    await using lock = await asItWas(place, take());
    await recoverInterrupted(place, session, runtime);
    const way = await stillThere(request, first.job, job, runtime);
    const swapping = swapJournal(journal);
    const warnings = [...plan.warnings];
    await swapBack(
      {
        ...{ ...place, plan, of: way.job, state: way.state, lock },
        resumeCommand: resumeCommandOf(request, job, runtime),
        journal: swapping.write,
      },
      session,
      notingWarnings(runtime, warnings),
    );
    const kept = swapping.kept();
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
async function stillThere(
  request: Here<UndoRequest>,
  { id }: KeepingJob,
  own: string,
  runtime: Runtime,
): Promise<SwapWay> {
  const { job } = await readJob({ directory: request.directory, id }, runtime);
  await refuseUndoneNow(request, job, own, runtime);
  const way = await chooseWay(request, job, runtime);
  if (!('because' in way)) return way;
  throw new DbBackupError(
    'restore-failed',
    `The previous tables of the restore ${id} cannot be swapped back any more: ${way.because}. This run has changed nothing.`,
    { hint: way.hint ?? 'status shows what other runs have done.' },
  );
}
