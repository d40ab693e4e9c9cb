import type { DatabaseLock } from '../../jobs/lock-database.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import type { KeepingJob } from '../../jobs/record/keeping-job.ts';
import type { SwapJournal, SwapStep } from '../../jobs/record/swap-journal.ts';
import { inOneLine } from '../../run/errors.ts';
import { withGracePeriod } from '../../run/grace-period.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { findDatabaseFacts, objectNames } from '../../server/catalog/database-facts.ts';
import { readTriggers } from '../../server/change/triggers.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { retryLostConnection } from '../../server/connect/retry-lost-connection.ts';
import type { Server } from '../../server/connect/server.ts';
import { readRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import { grantsOn, mergedGrants } from '../../server/privileges/routine-grants.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { NOTHING } from '../../sql/definitions/object-names.ts';
import { refuseNewcomers, refuseNewReferences } from '../check/refuse-changed-target.ts';
import { endSwap } from '../keep/end-swap.ts';
import { makeOldState } from '../keep/make-old-state.ts';
import { namesOf, type OldState } from '../keep/old-state.ts';
import { writeOldState } from '../keep/old-state-file.ts';
import type { Place } from '../lock-and-ask.ts';
import { CLEAN_UP_MS, recoverAfterFailure } from '../staging/recover-after-failure.ts';
import type { Journal } from '../swap/recover-swap.ts';
import { writeSwapScript } from '../swap/swap-script-file.ts';
import { SWAP_SCHEMA, type SwapScript } from '../swap/swap-script.ts';
import { finishSwap, prepareSwap, swapTables } from '../swap/swap.ts';
import { leavingFor } from './plan-swap-back.ts';
import type { SwapBackPlan } from './request.ts';

export interface SwapBackRequest extends Place {
  readonly plan: SwapBackPlan;
  /** The restore whose tables come back, and what else it replaced. */
  readonly of: KeepingJob;
  readonly state: OldState;
  readonly lock: DatabaseLock;
  readonly journal: Journal;
  readonly resumeCommand: string;
}

/**
 * Puts the kept tables of a restore back in the place of those of the target, as the restore had swapped them: the same
 * steps in the same journal, with the schema of the kept tables as the staging schema.
 *
 * write down the swap → swap → finish → clear
 *
 * @param session Closed before the swap.
 * @throws {DbBackupError} as `restoreThroughStaging`.
 */
export async function swapBack(
  request: SwapBackRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const { connection, directory, job, database, plan, lock, journal } = request;
  const schemas = schemasOf(request);
  let step: SwapStep | undefined;
  let script: SwapScript | undefined;
  const enter = async (next: SwapStep): Promise<void> => {
    await journal({ step: next, ...schemas });
    step = next;
  };
  const onWarning = (message: string): void => {
    runtime.onProgress({ kind: 'warning', message });
  };
  try {
    lock.assertHeld();
    await enter('staging');
    const signal = AbortSignal.any([runtime.signal, lock.lost]);
    await using swapping = new SharedSession(connection, signal);
    await session.close();
    const server = await swapping.open();
    script = await makeScript(request, server);
    if (plan.keeping !== undefined)
      await writeOldState(directory, job, await makeOldState(server, script, request.state.isWhole));
    await writeSwapScript(directory, job, script);
    runtime.signal.throwIfAborted();
    lock.assertHeld();
    await prepareSwap(server, schemas);
    await enter('swapping');
    runtime.onProgress({ kind: 'step', message: `Swapping the previous tables of ${database} back...` });
    const swap = { connection, script, schemas, onWarning };
    const onBusy = (): void => {
      const message = `Other sessions are using tables of ${database}; retrying.`;
      runtime.onProgress({ kind: 'detail', message });
    };
    await swapTables(swapping, swap, { onBusy, patienceMs: runtime.busyPatienceMs }, signal);
    await swapping.close(); // what follows needs as many connections
    await enter('finishing');
    // Once the tables are in place, what remains is short: a signal lets it end.
    const late = withGracePeriod(runtime.signal, CLEAN_UP_MS);
    await using finishing = new SharedSession(connection, late);
    await finishSwap(swap, finishing, late);
  } catch (error) {
    const at = { request: { ...request, target: database }, schemas, step, script, isStageRefused: false };
    const settled = await recoverAfterFailure(error, at, runtime);
    if (settled.outcome === 'kept') onWarning(inOneLine(settled.error));
    return; // else whoever completed it has cleared up behind it
  }
  await clear(request, schemas, script, enter, runtime);
}

function schemasOf({ connection, job, plan, of, resumeCommand }: SwapBackRequest): Omit<SwapJournal, 'step'> {
  return {
    stage: scratchSchemas(of.id).old,
    old: scratchSchemas(job).old,
    undoes: of.id,
    keepMs: plan.keeping?.forMs,
    resumeCommand,
    endpoint: describeEndpoint(connection.endpoint),
    server: plan.target.server.identity,
  };
}

/** How the tables change places, and what follows, of what the target holds now. */
async function makeScript(
  { database, plan, of, state }: SwapBackRequest,
  server: Server,
): Promise<SwapScript> {
  const facts = await findDatabaseFacts(server, database);
  const holds = facts === undefined ? NOTHING : objectNames(facts);
  const goes = leavingFor(state, holds);
  refuseNewcomers(plan, goes);
  const leaving = new Set(goes.tables);
  const stays = holds.tables.filter((name) => !leaving.has(name));
  const scratch = scratchSchemas(of.id).old; // whose foreign keys come along
  await refuseNewReferences({ server, target: database, leaving: goes.tables, stays, scratch });
  const granted = (await readRoutineGrants(server, database)) ?? [];
  const { programs, grants, tables, defaults } = state;
  return {
    schema: SWAP_SCHEMA,
    database,
    createsDatabase: facts === undefined,
    arriving: tables,
    leaving: goes.tables,
    drops: { views: goes.views, routines: goes.routines, events: goes.events },
    defaults,
    triggers: facts === undefined ? [] : await readTriggers(server, database, goes.tables),
    strayKeys: [], // tables with foreign keys to others than each other are not kept
    preamble: [],
    programs,
    grants: mergedGrants([...grants, ...grantsOn(granted, namesOf(state).routines)]),
  };
}

/** Removes what the swap leaves. What cannot be removed is told, and goes with the next restore. */
async function clear(
  { connection, directory, job, database, journal }: SwapBackRequest,
  schemas: Omit<SwapJournal, 'step'>,
  script: SwapScript,
  enter: (step: SwapStep) => Promise<void>,
  runtime: Runtime,
): Promise<void> {
  try {
    await enter('clearing');
    await using session = new SharedSession(connection, withGracePeriod(runtime.signal, CLEAN_UP_MS));
    const swap = { ...schemas, step: 'clearing' } as const;
    const ended = { directory, job, database, swap, script, isCompleted: true };
    const end = async (): Promise<KeptTables | undefined> => endSwap(await session.open(), ended, runtime);
    await journal(undefined, await retryLostConnection(end, CLEAN_UP_MS));
  } catch (error) {
    const message = `${database} is as it was before, but ${schemas.stage} could not be removed yet; the next create or restore does it. (${(error as Error).message})`;
    runtime.onProgress({ kind: 'warning', message });
  }
}
