import { DbBackupError, inOneLine, isCancellation } from '../../run/errors.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { Runtime } from '../../run/runtime.ts';
import { withGracePeriod } from '../../run/grace-period.ts';
import { objectNames, readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { retryLostConnection } from '../../server/connect/retry-lost-connection.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { without } from '../../sql/definitions/object-names.ts';
import { settleLateWrites, type SettledWrites } from '../late/settle-late-writes.ts';
import { changedByMoving, type Descriptions } from '../load/compare-definitions.ts';
import { warnOfExpiredEvents } from '../load/expired-events.ts';
import { loadConnections, type RestorePlan } from '../plan/restore-plan.ts';
import type { WayBack } from '../replace/way-back.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import { endSwap } from '../keep/end-swap.ts';
import { CLEAN_UP_MS } from './recover-after-failure.ts';
import type { StagingRequest } from './staging-request.ts';

/** What a swap has left to do once the target is the backup. */
export interface Swapped {
  readonly way: WayBack;
  readonly script: SwapScript | undefined;
  readonly descriptions: Descriptions;
  /** How late writes were settled by whoever finished the swap after a failure, and cleared up behind it. */
  readonly recovered?: SettledWrites | undefined;
}

/**
 * Looks at the target as it is now, saves what others wrote late, and removes what the swap leaves. The tables are in
 * place: nothing of this makes them others.
 *
 * @returns the way back, perhaps through another safety backup.
 * @throws {DbBackupError} `restore-incomplete` when the tables are others than the backup says; a cancellation that
 *   came while late writes were saved, with what to type.
 */
export async function settle(
  request: StagingRequest,
  schemas: Omit<SwapJournal, 'step'>,
  { way, script, descriptions, recovered }: Swapped,
  runtime: Runtime,
): Promise<WayBack> {
  const { connection, directory, job, target, plan } = request;
  // What is short may end when a signal comes.
  const unhurried = { ...runtime, signal: withGracePeriod(runtime.signal, CLEAN_UP_MS) };
  await using session = new SharedSession(connection, unhurried.signal);
  await warnOfMissingEvents(plan, session, unhurried);
  const changed = await compareOnceMore(plan, descriptions, session, unhurried);
  await session.close(); // the dump needs as many connections as the safety backup did
  const swap: SwapJournal = { ...schemas, step: 'saving' };
  const settling = { connection, directory, job, database: target, swap };
  const writes = recovered ?? (await settleLateWrites(settling, request.journal, runtime));
  if (writes.outcome === 'kept') {
    if (isCancellation(writes.error)) throw writes.error;
    runtime.onProgress({ kind: 'warning', message: inOneLine(writes.error) });
  } else if (recovered === undefined) await clear(request, schemas, script, session, unhurried);
  const isRenewed = writes.outcome === 'saved' && writes.renewed !== undefined;
  const last = isRenewed ? request.wayBack.through(writes.renewed, way) : way;
  refuseChangedByMoving(changed, target, last);
  return last;
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

/** Compares the tables where they are now. @returns what is another than the backup says. */
async function compareOnceMore(
  plan: RestorePlan,
  before: Descriptions,
  session: SharedSession,
  { onProgress }: Runtime,
): Promise<readonly string[]> {
  const { database: target } = plan.target;
  onProgress({ kind: 'step', message: `Checking ${target}...` });
  try {
    return await changedByMoving({ target, before, connections: loadConnections(plan) }, session);
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
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  const doing = schemas.keepMs === undefined ? 'Removing the previous tables of' : 'Clearing up behind';
  runtime.onProgress({ kind: 'step', message: `${doing} ${target}...` });
  const onWarning = (message: string): void => {
    runtime.onProgress({ kind: 'warning', message });
  };
  try {
    const swap = { ...schemas, step: 'clearing' } as const;
    const ended = { directory, job, database: target, swap, script, isCompleted: true };
    const end = async (): Promise<KeptTables | undefined> => endSwap(await session.open(), ended, runtime);
    await journal(undefined, await retryLostConnection(end, CLEAN_UP_MS));
  } catch (error) {
    onWarning(
      `${target} is restored, but its previous tables could not be removed yet (in ${schemas.old}); the next restore removes them. (${(error as Error).message})`,
    );
  }
}

function refuseChangedByMoving(
  changed: readonly string[],
  target: string,
  { returnCommand }: Pick<WayBack, 'returnCommand'>,
): void {
  if (changed.length === 0) return;
  throw new DbBackupError('restore-incomplete', changed.join('\n'), {
    hint:
      returnCommand === undefined
        ? `Everything else in the backup is in ${target}.`
        : `Everything else in the backup is in ${target}. To bring back its previous contents:\n${returnCommand}`,
  });
}
