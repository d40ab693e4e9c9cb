import { createDatabase } from '../../server/change/database-changes.ts';
import { readDatabaseFacts, readSchema } from '../../server/catalog/database-facts.ts';
import { connectServer } from '../../server/connect/server.ts';
import { wasRefused } from '../../server/connect/server-failures.ts';
import { readTriggers } from '../swap/rename-tables.ts';
import { readNameFolding } from '../../server/definitions/show-create.ts';
import { removeSwapScript, writeSwapScript } from '../swap/swap-script-file.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { strayKeysOf, withReferencesTo } from '../../sql/definitions/foreign-keys.ts';
import { isScripted } from '../../sql/script/load-script.ts';
import { NOTHING, without } from '../../sql/definitions/object-names.ts';
import { quoteName } from '../../backups/record/backup-name.ts';
import { replacingView } from '../../sql/script/program-text.ts';
import { scratchSchemas, SWAP_SCHEMA } from '../swap/swap-script.ts';
import type { SwapJournal, SwapScript, SwapStep } from '../swap/swap-script.ts';
import { checkReferences } from '../load/check-references.ts';
import { changedByMoving, checkStaging } from '../load/compare-definitions.ts';
import type { Descriptions } from '../load/compare-definitions.ts';
import type { LoadedTables } from '../load/parallel-loader.ts';
import { warnOfExpiredEvents } from '../load/expired-events.ts';
import { readGrantsToKeep } from '../routine-grants/keep-routine-grants.ts';
import { loadInParallel } from '../load/load-in-parallel.ts';
import { warnOfLostWrites } from '../replace/warn-of-lost-writes.ts';
import { defaultsOf, keepsOthers } from '../in-place/replace-in-place.ts';
import type { ReplaceRequest } from '../in-place/replace-in-place.ts';
import { clearedBy, objectNames } from '../plan/make-plan.ts';
import { refuseNewcomers, refuseNewReferences } from '../plan/refuse-unfit-server.ts';
import type { Runtime } from '../../run/runtime.ts';
import { settleSwap } from '../swap/settle-swap.ts';
import { savedProgram, tryPrograms } from '../load/try-programs.ts';
import { clearSwap, finishSwap, prepareSwap, swapTables } from '../swap/swap.ts';
import { untilReached } from '../../server/connect/retry-lost-connection.ts';
import { withGrace } from '../../run/grace-period.ts';

/** A signal or time limit wants the run to end; so does a server that is gone. */
const CLEAN_UP_MS = 8_000;
const CLEAN_UP_AFTER_FAILURE_MS = 600_000;

export interface StagingRequest extends ReplaceRequest {
  /** The backup directory. */
  readonly directory: string;
  /** Resolves when the step is on disk. */
  readonly journal: (swap: SwapJournal | undefined) => Promise<void>;
  /** Finishes or takes back what this run leaves undone. */
  readonly resumeCommand: string;
}

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
    await tryPrograms(connection, loaded, schemas.stage, runtime);
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
    await finishSwap(swap, withGrace(runtime.signal, CLEAN_UP_MS));
  } catch (error) {
    await settleAfter(error, { request, schemas, step, isStageRefused }, runtime);
  }
  const signal = withGrace(runtime.signal, CLEAN_UP_MS);
  await warnOfMissingEvents(request, { ...runtime, signal });
  const changed = await lookOnceMore(request, descriptions, { ...runtime, signal });
  await warnOfLostWrites({ ...request, schema: schemas.old }, { ...runtime, signal });
  onStep(`Removing what ${target} held before...`);
  try {
    await enter('clearing');
    await untilReached(
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

async function stage(
  request: StagingRequest,
  schema: string,
  runtime: Runtime,
  onRefused: () => void,
): Promise<LoadedTables> {
  const { connection, backup, verified, plan, target } = request;
  let definition: (statement: Buffer, charset: string) => Buffer;
  {
    await using server = await connectServer(connection, runtime.signal);
    const defaults: DatabaseDefaults | undefined =
      defaultsOf(backup, verified.findings) ?? (await readSchema(server, target));
    await createDatabase(server, schema, defaults).catch((error: unknown) => {
      if (wasRefused(error)) onRefused();
      throw error;
    });
    definition = referringTo(request, await readNameFolding(server));
  }
  runtime.onProgress({ kind: 'step', message: 'Restoring database from backup...', phase: 'load' });
  const { script } = verified.findings;
  if (plan.loader.kind !== 'parallel' || !isScripted(script))
    throw new Error('a dump without a script is loaded in place');
  const { connections } = plan.loader;
  return loadInParallel({ ...request, schema, script, connections, definition }, runtime);
}

/**
 * What the backup does not bring is referred to in the target, not in the staging schema, whether it is there or not.
 * Not what leaves the target: a foreign key would follow it.
 */
function referringTo(
  { target, plan, ...request }: StagingRequest,
  fold: (name: string) => string,
): (statement: Buffer, charset: string) => Buffer {
  const goes = clearedBy(plan.target.holds, plan, keepsOthers({ plan, ...request })).tables;
  const moving = new Set([...plan.brings.tables, ...goes].map(fold));
  return (statement, charset) =>
    withReferencesTo(statement, quoteName(target), (table) => moving.has(fold(table)), charset);
}

/** Against the backup's definitions. */
async function checkTables(
  request: StagingRequest,
  loaded: LoadedTables,
  stage: string,
  runtime: Runtime,
): Promise<Descriptions> {
  const { connection, backup, plan, target, job } = request;
  const madeBy = backup.manifest?.server;
  const { tables } = plan.brings;
  const descriptions = await checkStaging(
    { connection, stage, job, target, tables, loaded, madeBy },
    runtime,
  );
  if (plan.target.exists && keepsOthers(request)) {
    const mustHold = plan.onlyTables !== undefined;
    await checkReferences({ connection, stage, target, descriptions, mustHold }, runtime);
  }
  return descriptions;
}

async function makeSwapScript(
  request: StagingRequest,
  loaded: LoadedTables,
  descriptions: Descriptions,
  { signal }: Runtime,
): Promise<SwapScript> {
  const { connection, directory, backup, verified, target, plan } = request;
  await using server = await connectServer(connection, signal);
  const schema = await readSchema(server, target);
  const holds = schema === undefined ? NOTHING : objectNames(await readDatabaseFacts(server, target));
  const goes = clearedBy(holds, plan, keepsOthers(request));
  refuseNewcomers(plan, goes);
  const leaving = new Set(goes.tables);
  const stays = holds.tables.filter((name) => !leaving.has(name));
  const scratch = scratchSchemas(request.job).stage; // whose foreign keys come along
  await refuseNewReferences({ server, target, leaving: goes.tables, stays, scratch });
  const isWhole = plan.onlyTables === undefined || schema === undefined;
  const defaults = isWhole ? defaultsOf(backup, verified.findings) : undefined;
  const fold = await readNameFolding(server);
  const among = (names: readonly string[]): ((name: string) => boolean) => {
    const folded = new Set(names.map(fold));
    return (name) => folded.has(fold(name));
  };
  const moving = { arrives: among(plan.brings.tables), leaves: among(goes.tables) };
  return {
    schema: SWAP_SCHEMA,
    database: target,
    createsDatabase: schema === undefined,
    arriving: plan.brings.tables,
    leaving: goes.tables,
    drops: { views: goes.views, routines: goes.routines, events: goes.events },
    defaults: defaults ?? schema ?? null,
    triggers: schema === undefined ? [] : await readTriggers(server, target, goes.tables),
    strayKeys: strayKeysOf(descriptions, quoteName(target), moving),
    preamble: loaded.preamble.map((text) => text.toString('latin1')),
    programs: loaded.programs.map((program) => savedProgram(program, replacingView(program))),
    grants: await readGrantsToKeep({
      ...{ server, connection, directory, target, backup },
      holds: holds.routines,
      goes: goes.routines,
      brings: plan.brings.routines,
    }),
  };
}

/**
 * Ends a run that failed: takes back what it began, or, when the tables have changed places already, finishes it.
 *
 * @throws {DbBackupError} the failure, with the state of the target; not when the restore could be finished.
 */
async function settleAfter(
  error: unknown,
  at: {
    readonly request: StagingRequest;
    readonly schemas: Omit<SwapJournal, 'step'>;
    readonly step: SwapStep | undefined;
    /** The server did not let the staging schema be made. */
    readonly isStageRefused: boolean;
  },
  runtime: Runtime,
): Promise<void> {
  const { request, schemas, step, isStageRefused } = at;
  const { target, returnCommand } = request;
  const known = DbBackupError.wrap(error, 'failed', `A bug in dbbackup: ${String(error)}`);
  const told = (code: 'restore-failed' | 'restore-incomplete', state: string, hint?: string): DbBackupError =>
    new DbBackupError(isCancellation(known) ? known.code : code, `${sentence(known.message)} ${state}`, {
      hint: [known.hint, hint].filter((part) => part !== undefined).join(' ') || undefined,
      cause: error,
    });
  const asItWas = `${target} ${request.plan.createsDatabase ? 'was not created' : 'is as it was'}.`;
  if (isStageRefused) await request.journal(undefined).catch(() => undefined); // told below, and by `--resume`
  if (step === undefined || isStageRefused) throw told('restore-failed', asItWas);
  try {
    const outcome = await settlePatiently(
      {
        ...request,
        database: target,
        swap: { step, ...schemas },
        onWarning: (message) => {
          runtime.onProgress({ kind: 'warning', message });
        },
      },
      known,
    );
    if (outcome === 'taken back') throw told('restore-failed', asItWas);
    runtime.onProgress({
      kind: 'warning',
      message: `The restore was finished in spite of this: ${known.message}`,
    });
  } catch (failure) {
    if (failure instanceof DbBackupError && failure.cause === error) throw failure;
    // Whatever it says to type is all that helps: trying again would end in the same way.
    if (failure instanceof DbBackupError && failure.code === 'restore-incomplete') {
      const code = isCancellation(known) ? known.code : failure.code;
      const message =
        known.code === failure.code ? failure.message : `${sentence(known.message)} ${failure.message}`;
      throw new DbBackupError(code, message, { hint: failure.hint, cause: error });
    }
    const why = failure instanceof Error ? failure.message : String(failure);
    runtime.onProgress({ kind: 'detail', message: `What was begun could not be taken back: ${why}` });
    if (step === 'staging') {
      const left = `The staging schema ${schemas.stage} is left on the server; the next restore of ${target} removes it.`;
      throw told('restore-failed', asItWas, left);
    }
    const back = returnCommand === undefined ? '' : `\nTo bring back what it held instead:\n${returnCommand}`;
    throw told(
      'restore-incomplete',
      `${target} may be between old and new.`,
      `To make it one of the two:\n${request.resumeCommand}${back}`,
    );
  }
}

async function settlePatiently(
  request: Parameters<typeof settleSwap>[0] & Pick<StagingRequest, 'journal'>,
  known: DbBackupError,
): Promise<'finished' | 'taken back'> {
  const limitMs = isCancellation(known) ? CLEAN_UP_MS : CLEAN_UP_AFTER_FAILURE_MS;
  const signal = AbortSignal.timeout(limitMs);
  let { swap } = request;
  const journal = async (next: SwapJournal | undefined): Promise<void> => {
    await request.journal(next);
    swap = next ?? swap; // the next try goes on from there
  };
  return untilReached(() => settleSwap({ ...request, swap }, journal, signal), CLEAN_UP_MS);
}

/** What a server or a tool says often ends without a full stop. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
