import { SharedSession } from '../../server/session/shared-session.ts';
import { writeSwapScript } from '../swap/swap-script-file.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import type { SwapJournal, SwapStep } from '../../jobs/record/swap-journal.ts';
import type { Descriptions } from '../load/compare-definitions.ts';
import { NO_WAY_BACK, type WayBack } from '../replace/way-back.ts';
import type { Runtime } from '../../run/runtime.ts';
import { tryStoredObjects } from '../load/try-stored-objects.ts';
import { finishSwap, prepareSwap, swapTables } from '../swap/swap.ts';
import { withGracePeriod } from '../../run/grace-period.ts';
import type { StagingRequest } from './staging-request.ts';
import { fillStaging, checkTables } from './fill-staging.ts';
import type { BackupFile } from '../../backups/read/backup-file.ts';
import type { LoadedTables } from '../load/parallel/loaded-tables.ts';
import { keepsOthers } from '../replace/replace-request.ts';
import { isEmpty } from '../../sql/definitions/object-names.ts';
import { makeOldState } from '../keep/make-old-state.ts';
import { writeOldState } from '../keep/old-state-file.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import { makeSwapScript } from './make-swap-script.ts';
import { partsOf } from './parts.ts';
import { CLEAN_UP_MS, recoverAfterFailure } from './recover-after-failure.ts';
import { settle, type Swapped } from './settle.ts';

/**
 * Loads the backup into a schema of its own, compares it with the backup, backs the target up, and only then puts the
 * new tables in the place of the target's, all at once.
 *
 * fill the staging schema → check it → way back → write down the swap → swap → finish → settle
 *
 * @param session For the first questions; closed before the load.
 * @param laterMs How long what follows the load is expected to take.
 * @returns the way back, through a safety backup that has all that was ever committed in the target.
 * @throws {DbBackupError} `restore-failed`, `safety-backup-failed`: the target is unchanged. `restore-incomplete`: the
 *   server could not be reached or refused in the short time of the swap, with the command that finishes it or takes it
 *   back. A cancellation keeps its code.
 */
export async function restoreThroughStaging(
  request: StagingRequest,
  session: SharedSession,
  runtime: Runtime,
  laterMs: number | undefined,
): Promise<WayBack> {
  const { connection, file, lock, target, plan } = request;
  const parts = partsOf(plan.safetyBackup === 'made', runtime, laterMs);
  let schemas = schemasOf(request);
  let step: SwapStep | undefined;
  let isStageRefused = false as boolean; // the callback sets it
  let swapped: Swapped = { way: NO_WAY_BACK, script: undefined, descriptions: new Map() };
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
    const loaded = await fillStaging(request, schemas.stage, onRefused, session, parts.load);
    const signal = AbortSignal.any([runtime.signal, lock.lost]);
    await using checking = new SharedSession(connection, signal);
    const descriptions = await checkStaged(request, loaded, schemas.stage, checking, parts.check);
    runtime.signal.throwIfAborted();
    const way = await request.wayBack.make(checking, { ...parts.safety, signal });
    lock.assertHeld();
    const script = await makeSwapScript(request, loaded, { descriptions, way }, checking);
    await writeSwapScript(request.directory, request.job, script);
    if (plan.keeping !== undefined) await noteOldState(request, script, checking);
    swapped = { way, script, descriptions };
    schemas = {
      ...schemas,
      ...{ returnCommand: way.returnCommand, safety: await request.wayBack.journalOf(way) },
      keepMs: plan.keeping?.forMs,
    };
    runtime.signal.throwIfAborted();
    lock.assertHeld();
    const swap = { connection, script, schemas, onWarning: warningTo(runtime) };
    await prepareSwap(await checking.open(), schemas);
    await enter('swapping');
    parts.swap.onProgress({ kind: 'step', message: `Swapping in the tables of ${target}...` });
    const busy = { onBusy: tellingOfBusy(target, runtime), patienceMs: runtime.busyPatienceMs };
    await swapTables(checking, swap, busy, signal);
    await checking.close(); // what follows needs as many connections
    await enter('finishing');
    // Once the tables are in place, what remains is short: a signal lets it end.
    const late = withGracePeriod(runtime.signal, CLEAN_UP_MS);
    await using finishing = new SharedSession(connection, late);
    await finishSwap(swap, finishing, late);
  } catch (error) {
    const at = { request, schemas, step, script: swapped.script, isStageRefused };
    swapped = { ...swapped, recovered: await recoverAfterFailure(error, at, runtime) };
  }
  return await settle(request, schemas, swapped, parts.swap);
}

/** What the journal says of the swap besides its step, before there is a way back. */
function schemasOf({ connection, plan, job, resumeCommand }: StagingRequest): Omit<SwapJournal, 'step'> {
  const endpoint = describeEndpoint(connection.endpoint);
  return { ...scratchSchemas(job), ...{ resumeCommand, endpoint, server: plan.target.server.identity } };
}

async function refuseChangedFile(file: BackupFile): Promise<void> {
  if (!(await file.changed())) return;
  throw new DbBackupError('restore-failed', `${file.path} was changed after it was verified.`);
}

/** Writes down what the tables that are kept need to be swapped back. */
async function noteOldState(
  request: StagingRequest,
  script: SwapScript,
  session: SharedSession,
): Promise<void> {
  const { directory, job, plan } = request;
  const isWhole = !keepsOthers(request) && isEmpty(plan.spares);
  await writeOldState(directory, job, await makeOldState(await session.open(), script, isWhole));
}

/** Compares what was loaded with the backup, and tries what follows the tables. */
async function checkStaged(
  request: StagingRequest,
  loaded: LoadedTables,
  stage: string,
  session: SharedSession,
  runtime: Runtime,
): Promise<Descriptions> {
  runtime.onProgress({ kind: 'step', message: `Checking ${stage}...` });
  const descriptions = await checkTables(request, loaded, stage, session, runtime);
  await tryStoredObjects(request.connection, loaded, stage, session, runtime);
  return descriptions;
}

export function warningTo({ onProgress }: Pick<Runtime, 'onProgress'>): (message: string) => void {
  return (message) => {
    onProgress({ kind: 'warning', message });
  };
}

function tellingOfBusy(target: string, { onProgress }: Runtime): () => void {
  return () => {
    onProgress({ kind: 'detail', message: `Other sessions are using tables of ${target}; retrying.` });
  };
}
