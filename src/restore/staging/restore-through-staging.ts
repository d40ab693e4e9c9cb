import { readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { removeSwapScript, writeSwapScript } from '../swap/swap-script-file.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { without } from '../../sql/definitions/object-names.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import type { SwapJournal, SwapStep } from '../../jobs/record/swap-journal.ts';
import { changedByMoving } from '../load/compare-definitions.ts';
import type { Descriptions } from '../load/compare-definitions.ts';
import { warnOfExpiredEvents } from '../load/expired-events.ts';
import { warnOfLostWrites } from '../replace/warn-of-lost-writes.ts';
import { objectNames } from '../../server/catalog/database-facts.ts';
import type { Runtime } from '../../run/runtime.ts';
import { tryStoredObjects } from '../load/try-stored-objects.ts';
import { clearSwap, finishSwap, prepareSwap, swapTables } from '../swap/swap.ts';
import { retryLostConnection } from '../../server/connect/retry-lost-connection.ts';
import { withGracePeriod } from '../../run/grace-period.ts';
import type { StagingRequest } from './staging-request.ts';
import { fillStaging, checkTables } from './fill-staging.ts';
import type { BackupFile } from '../../backups/read/backup-file.ts';
import type { LoadedTables } from '../load/parallel/parallel-loader.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import { makeSwapScript } from './make-swap-script.ts';
import { CLEAN_UP_MS, recoverAfterFailure } from './recover-after-failure.ts';

/**
 * Loads the backup into a schema of its own, compares it with the backup, and only then puts its tables in the place
 * of the target's, all at once.
 *
 * fill the staging schema → check it → write down the swap → try what follows it → swap → finish → check → clear
 *
 * @param session For the first questions; closed before the load.
 * @throws {DbBackupError} `restore-failed`: the target is unchanged. `restore-incomplete`: the server could not be
 *   reached or refused in the short time of the swap, with the command that finishes it or takes it back. A
 *   cancellation keeps its code.
 */
export async function restoreThroughStaging(
  request: StagingRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { connection, file, lock, target } = request;
  const schemas = schemasOf(request);
  let step: SwapStep | undefined;
  let isStageRefused = false as boolean; // the callback sets it
  let staged: Staged | undefined;
  const enter = async (next: SwapStep): Promise<void> => {
    await request.journal({ step: next, ...schemas });
    step = next;
  };
  const onRefused = (): void => {
    isStageRefused = true;
  };
  try {
    await refuseChangedFile(file);
    lock.assertHeld();
    await enter('staging');
    const loaded = await fillStaging(request, schemas.stage, onRefused, session, runtime);
    const signal = AbortSignal.any([runtime.signal, lock.lost]);
    await using checking = new SharedSession(connection, signal);
    staged = await checkStaged(request, loaded, schemas.stage, checking, runtime);
    runtime.signal.throwIfAborted();
    lock.assertHeld();
    const swap = { connection, script: staged.script, schemas, onWarning: warningTo(runtime) };
    const server = await checking.open();
    await prepareSwap(server, schemas);
    await enter('swapping');
    runtime.onProgress({ kind: 'step', message: `Swapping in the tables of ${target}...` });
    const busy = { onBusy: tellingOfBusy(target, runtime), patienceMs: runtime.busyPatienceMs };
    await swapTables(server, swap, busy, signal);
    await checking.close(); // what follows needs as many connections
    await enter('finishing');
    // Once the tables are in place, what remains is short: a signal lets it end.
    const late = withGracePeriod(runtime.signal, CLEAN_UP_MS);
    await using finishing = new SharedSession(connection, late);
    await finishSwap(swap, finishing, late);
  } catch (error) {
    const { script } = staged ?? {};
    await recoverAfterFailure(error, { request, schemas, step, script, isStageRefused }, runtime);
  }
  const unhurried = { ...runtime, signal: withGracePeriod(runtime.signal, CLEAN_UP_MS) };
  await using after = new SharedSession(connection, unhurried.signal);
  const changed = await lookOnceMore(request, schemas, staged?.descriptions ?? new Map(), after, unhurried);
  await clear(request, schemas, staged?.script, () => enter('clearing'), after, unhurried);
  refuseChangedByMoving(changed, request);
}

/** What the journal says of the swap besides its step. */
function schemasOf({
  connection,
  plan,
  job,
  returnCommand,
  resumeCommand,
}: StagingRequest): Omit<SwapJournal, 'step'> {
  const endpoint = describeEndpoint(connection.endpoint);
  return {
    ...scratchSchemas(job),
    ...{ returnCommand, resumeCommand, endpoint, server: plan.target.server.identity },
  };
}

async function refuseChangedFile(file: BackupFile): Promise<void> {
  if (!(await file.changed())) return;
  throw new DbBackupError('restore-failed', `${file.path} was changed after it was verified.`);
}

interface Staged {
  readonly script: SwapScript;
  readonly descriptions: Descriptions;
}

/** Compares what was loaded with the backup, writes down how it gets in, and tries what follows the tables. */
async function checkStaged(
  request: StagingRequest,
  loaded: LoadedTables,
  stage: string,
  session: SharedSession,
  runtime: Runtime,
): Promise<Staged> {
  const { connection, directory, job } = request;
  runtime.onProgress({ kind: 'step', message: `Checking ${stage}...` });
  const descriptions = await checkTables(request, loaded, stage, session, runtime);
  const script = await makeSwapScript(request, loaded, descriptions, session);
  await writeSwapScript(directory, job, script);
  await tryStoredObjects(connection, loaded, stage, session, runtime);
  return { script, descriptions };
}

function warningTo({ onProgress }: Runtime): (message: string) => void {
  return (message) => {
    onProgress({ kind: 'warning', message });
  };
}

function tellingOfBusy(target: string, { onProgress }: Runtime): () => void {
  return () => {
    onProgress({ kind: 'detail', message: `Other sessions are using tables of ${target}; retrying.` });
  };
}

/**
 * Looks at the target as it is now. The tables are in place: nothing of this may fail the restore before the rest is
 * cleared.
 *
 * @returns what is another than the backup says.
 */
async function lookOnceMore(
  { plan, target, safety }: StagingRequest,
  { old }: Omit<SwapJournal, 'step'>,
  before: Descriptions,
  session: SharedSession,
  runtime: Runtime,
): Promise<readonly string[]> {
  await warnOfMissingEvents(plan, session, runtime);
  const changed = await compareOnceMore(target, before, session, runtime);
  await warnOfLostWrites({ target, schema: old, safety }, session, runtime);
  return changed;
}

async function warnOfMissingEvents(
  { brings, target: { database } }: RestorePlan,
  session: SharedSession,
  { onProgress }: Runtime,
): Promise<void> {
  if (brings.events.length === 0) return;
  try {
    const { events } = without(brings, objectNames(await readDatabaseFacts(await session.open(), database)));
    warnOfExpiredEvents(events, database, { onProgress });
  } catch (error) {
    onProgress({ kind: 'detail', message: `Events could not be compared: ${(error as Error).message}` });
  }
}

/** Compares the tables where they are now. */
async function compareOnceMore(
  target: string,
  before: Descriptions,
  session: SharedSession,
  { onProgress }: Runtime,
): Promise<readonly string[]> {
  onProgress({ kind: 'step', message: `Checking ${target}...` });
  try {
    return await changedByMoving({ target, before }, session);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${target} is restored, but its tables could not be compared with the backup again. (${why})`;
    onProgress({ kind: 'warning', message });
    return [];
  }
}

/** Removes what the swap leaves. What cannot be removed is told, and goes with the next restore. */
async function clear(
  { directory, job, target, journal }: StagingRequest,
  schemas: Omit<SwapJournal, 'step'>,
  script: SwapScript | undefined,
  enter: () => Promise<void>,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  runtime.onProgress({ kind: 'step', message: `Removing the previous tables of ${target}...` });
  try {
    await enter();
    const left = { target, script, schemas, onWarning: warningTo(runtime) };
    await retryLostConnection(async () => clearSwap(await session.open(), left), CLEAN_UP_MS);
    await removeSwapScript(directory, job);
    await journal(undefined);
  } catch (error) {
    const message = `${target} is restored, but its previous tables could not be removed yet (in ${schemas.old}); the next restore removes them. (${(error as Error).message})`;
    runtime.onProgress({ kind: 'warning', message });
  }
}

function refuseChangedByMoving(
  changed: readonly string[],
  { target, returnCommand }: Pick<StagingRequest, 'target' | 'returnCommand'>,
): void {
  if (changed.length === 0) return;
  throw new DbBackupError('restore-incomplete', changed.join('\n'), {
    hint:
      returnCommand === undefined
        ? `Everything else in the backup is in ${target}.`
        : `Everything else in the backup is in ${target}. To bring back its previous contents:\n${returnCommand}`,
  });
}
