import { readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { connectServer } from '../../server/connect/server.ts';
import { removeSwapScript, writeSwapScript } from '../swap/swap-script-file.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { without } from '../../sql/definitions/object-names.ts';
import { scratchSchemas } from '../../run/scratch-schema-names.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import type { SwapStep } from '../../jobs/record/swap-journal.ts';
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
import { stage, checkTables } from './fill-staging.ts';
import { makeSwapScript } from './make-swap-script.ts';
import { CLEAN_UP_MS, recoverAfterFailure } from './recover-after-failure.ts';

/**
 * Loads the backup into a schema of its own, compares it with the backup, and only then puts its tables in the place
 * of the target's, all at once.
 *
 * @throws {DbBackupError} `restore-failed`: the target is as it was. `restore-incomplete`: the server could not be
 *   reached or refused in the short time of the swap, with the command that finishes it or takes it back. A
 *   cancellation keeps its code.
 */
export async function restoreThroughStaging(request: StagingRequest, runtime: Runtime): Promise<void> {
  const { returnCommand, resumeCommand } = request;
  const endpoint = describeEndpoint(request.connection.endpoint);
  const server = request.plan.target.server.identity;
  const schemas = { ...scratchSchemas(request.job), returnCommand, resumeCommand, endpoint, server };
  let step: SwapStep | undefined;
  let isStageRefused = false as boolean; // the callback sets it
  let script: SwapScript | undefined;
  let descriptions: Descriptions = new Map();
  const enter = async (next: SwapStep): Promise<void> => {
    await request.journal({ step: next, ...schemas });
    step = next;
  };
  const onWarning = (message: string): void => {
    runtime.onProgress({ kind: 'warning', message });
  };
  const onStep = (message: string): void => {
    runtime.onProgress({ kind: 'step', message });
  };
  const { connection, file, lock, target, directory, job } = request;
  try {
    if (await file.changed()) {
      throw new DbBackupError('restore-failed', `${file.path} was changed after it was verified.`);
    }
    lock.assertHeld();
    await enter('staging');
    const loaded = await stage(request, schemas.stage, runtime, () => {
      isStageRefused = true;
    });
    onStep(`Checking ${schemas.stage}...`);
    descriptions = await checkTables(request, loaded, schemas.stage, runtime);
    script = await makeSwapScript(request, loaded, descriptions, runtime);
    await writeSwapScript(directory, job, script);
    await tryStoredObjects(connection, loaded, schemas.stage, runtime);
    runtime.signal.throwIfAborted();
    lock.assertHeld();
    const swap = { connection, script, schemas, onWarning };
    await prepareSwap(swap, runtime.signal);
    await enter('swapping');
    onStep(`Putting the tables of ${target} in place...`);
    const onBusy = (): void => {
      runtime.onProgress({
        kind: 'detail',
        message: `Other sessions use tables of ${target}: trying again.`,
      });
    };
    await swapTables(swap, onBusy, AbortSignal.any([runtime.signal, lock.lost]));
    await enter('finishing');
    // Once the tables are in place, what remains is short: a signal lets it end.
    await finishSwap(swap, withGracePeriod(runtime.signal, CLEAN_UP_MS));
  } catch (error) {
    await recoverAfterFailure(error, { request, schemas, step, isStageRefused }, runtime);
  }
  const signal = withGracePeriod(runtime.signal, CLEAN_UP_MS);
  await warnOfMissingEvents(request, { ...runtime, signal });
  const changed = await lookOnceMore(request, descriptions, { ...runtime, signal });
  await warnOfLostWrites({ ...request, schema: schemas.old }, { ...runtime, signal });
  onStep(`Removing what ${target} held before...`);
  try {
    await enter('clearing');
    await retryLostConnection(
      () => clearSwap({ connection, target, script, schemas, onWarning }, signal),
      CLEAN_UP_MS,
    );
    await removeSwapScript(directory, job);
    await request.journal(undefined);
  } catch (error) {
    const message = `${target} is restored, but what it held before is still on the server, in ${schemas.old}; the next restore removes it. (${(error as Error).message})`;
    runtime.onProgress({ kind: 'warning', message });
  }
  if (changed.length > 0) {
    throw new DbBackupError('restore-incomplete', changed.join('\n'), {
      hint:
        returnCommand === undefined
          ? `All else of the backup is in ${target}.`
          : `All else of the backup is in ${target}. To bring back what it held before:\n${returnCommand}`,
    });
  }
}

/** Compares the tables once more where they are now. @returns what is another than the backup says. */
async function lookOnceMore(
  { connection, target }: StagingRequest,
  before: Descriptions,
  { signal, onProgress }: Runtime,
): Promise<readonly string[]> {
  onProgress({ kind: 'step', message: `Checking ${target}...` });
  try {
    return await changedByMoving({ connection, target, before }, signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${target} is restored, but its tables could not be compared with the backup once more. (${why})`;
    onProgress({ kind: 'warning', message });
    return [];
  }
}

/** The tables are in place: nothing of this may fail the restore. */
async function warnOfMissingEvents(
  { connection, plan, target }: StagingRequest,
  { signal, onProgress }: Runtime,
): Promise<void> {
  if (plan.brings.events.length === 0) return;
  try {
    await using server = await connectServer(connection, signal);
    const { events } = without(plan.brings, objectNames(await readDatabaseFacts(server, target)));
    warnOfExpiredEvents(events, target, { onProgress });
  } catch (error) {
    onProgress({ kind: 'detail', message: `Events could not be compared: ${(error as Error).message}` });
  }
}
