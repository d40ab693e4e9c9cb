import { pause } from '../../run/pause.ts';
import { alterDatabase, createDatabase, dropObjects } from '../../server/change/database-changes.ts';
import { readSchema } from '../../server/catalog/database-facts.ts';
import { readRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { ServerStatementError } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';
import { describeTable, readAsDumpTools } from '../../server/definitions/show-create.ts';
import { busyTables, dropLeavingTriggers, renameTables, useOldSchema } from './rename-tables.ts';
import { dropTriggers, readTriggerNames } from '../../server/change/triggers.ts';
import { DbBackupError } from '../../run/errors.ts';
import { foreignKeysOf, unquoted } from '../../sql/definitions/foreign-keys.ts';
import type { StrayKey } from '../../sql/definitions/foreign-keys.ts';
import { grantsOn, mergedGrants } from '../../server/privileges/routine-grants.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';
import { fillEmptyTarget, inBatches } from './fill-empty-target.ts';
import { lostTables, movesLeft } from './table-moves.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { StoredObjectKind } from '../../sql/script/load-plan.ts';
import type { SwapScript } from './swap-script.ts';
import type { TableHoldings, TableMove } from './table-moves.ts';
import { giveGrantsBack } from '../routine-grants/give-grants-back.ts';
import { loadStoredObjects } from '../load/load-stored-objects.ts';
import { explainUnmovable } from '../plan/unmovable-tables.ts';
import { rollingBackByHand } from './swap-by-hand.ts';
import { LONGEST_PAUSE_MS, recreateMissingTriggers } from './roll-back-swap.ts';
import { readHoldings, type Swap } from './table-holdings.ts';

/** Altogether, over all tries of the RENAME. */
const BUSY_PATIENCE_MS = 60_000;

/**
 * Makes the schema that the old tables go to. While it is there, the run's staging schema is nobody else's to drop; so
 * this comes before the journal says that the swap has begun.
 */
export async function prepareSwap(server: Server, schemas: Swap['schemas']): Promise<void> {
  await createDatabase(server, schemas.old, undefined);
}

/**
 * Puts the staged tables in the place of the target's, in one statement; into a target without tables, in several.
 * Triggers of the tables that leave are dropped before: no server lets a table with triggers leave its schema.
 *
 * @param session Used for nothing else afterwards: it waits briefly, and uses the schema of the old tables.
 * @param signal Of `session`, too.
 * @throws {DbBackupError} `restore-failed` when other sessions hold on to the tables. Whether the tables have moved
 *   when anything else goes wrong, `hasSwapped` tells.
 */
export async function swapTables(
  session: SharedSession,
  { connection, script, schemas }: Swap,
  busy: { readonly onBusy: () => void; readonly patienceMs?: number | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { database, triggers, leaving, defaults } = script;
  const server = await session.open();
  if ((await readSchema(server, database)) === undefined)
    await createDatabase(server, database, defaults ?? undefined);
  await useOldSchema(server, schemas.old);
  await dropTriggers(server, schemas.stage, await readTriggerNames(server, schemas.stage));
  const holds = await readHoldings(server, script, schemas);
  const moves = movesLeft(script, schemas, holds);
  const names = triggers.map(({ name }) => name);
  const move = (by: Server, some: readonly TableMove[], until = signal): Promise<void> =>
    tryPatiently(
      database,
      async () => {
        if (!(await dropLeavingTriggers(by, database, leaving, names))) return false;
        return some.length === 0 || renameTables(by, some).catch(explainRefusal);
      },
      async () => {
        busy.onBusy();
        await recreateMissingTriggers({ connection, script }, signal); // nobody writes without them while it waits
      },
      until,
      busy.patienceMs,
    );
  const moving =
    holds.target.size === 0
      ? fillEmptyTarget(server, session, schemas, moves, (by, some, stop) =>
          move(by, some, AbortSignal.any([signal, stop])),
        )
      : move(server, moves);
  await moving.catch(async (error: unknown) => {
    throw await explainUnmovable(error, { connection, database, tables: leaving }, signal);
  });
}

/** The staged tables are sound; so it is what they meet in the target that the server refuses. */
function explainRefusal(error: unknown): never {
  if (!(error instanceof ServerStatementError)) throw error;
  throw new DbBackupError('restore-failed', error.message, {
    hint: 'The usual cause is a foreign key of a table that is to be replaced: it refers to a table that did not exist until now, and the table in the backup does not match it. Drop that foreign key, or restore with --in-place, which drops the old tables first.',
    cause: error,
  });
}

/** @param action Returns false when other sessions use the tables. */
async function tryPatiently(
  database: string,
  action: () => Promise<boolean>,
  onBusy: () => Promise<void>,
  signal: AbortSignal,
  patienceMs: number = BUSY_PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = 50; !(await action()); pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await onBusy();
    if (performance.now() > deadline) throw busyTables(database, patienceMs / 1000);
    // So that those who waited behind it get on.
    await pause(pauseMs, signal);
  }
}

/**
 * Makes the target what the backup holds, once its tables are in place: what is left to move, the database's defaults,
 * views, routines, triggers and events. May be run again.
 */
export async function finishSwap(swap: Swap, session: SharedSession, signal: AbortSignal): Promise<void> {
  const { connection, script, onWarning } = swap;
  const { database, preamble: preset, programs } = script;
  const triggers = programs.filter(({ kind }) => kind === 'trigger');
  const others = programs.filter(({ kind }) => kind !== 'trigger');
  const schema = { connection, schema: database, preset };
  await placeTables(swap, await session.open(), signal);
  await loadStoredObjects({ ...schema, programs: triggers }, session, signal);
  const grants = await dropReplaced(script, await session.open());
  await loadStoredObjects({ ...schema, programs: others }, session, signal);
  if (grants.length > 0) await giveGrantsBack(await session.open(), database, grants, onWarning);
}

/** What is left to move, what belongs to the tables and the database, and no trigger of the backup yet. */
async function placeTables(swap: Swap, server: Server, signal: AbortSignal): Promise<void> {
  const { script, schemas } = swap;
  const { database, defaults } = script;
  const holds = await readHoldings(server, script, schemas);
  refuseLost(lostTables(script, holds), swap, holds);
  const moves = movesLeft(script, schemas, holds);
  if (moves.length > 0) {
    // Where none leaves, they need not appear at once.
    const batches = script.leaving.length === 0 ? await inBatches(server, schemas.stage, moves) : [moves];
    for (const batch of batches)
      await tryPatiently(
        database,
        () => renameTables(server, batch),
        () => Promise.resolve(),
        signal,
      );
  }
  // That all are in place is asked of the server, whatever it answered before.
  const now = await readHoldings(server, script, schemas);
  refuseLost(lostTables(script, { ...now, stage: new Set() }), swap, now);
  await makeStrayKeysAnew(server, database, script.strayKeys ?? []);
  if (defaults !== null) await alterDatabase(server, database, defaults);
  // First of all: a session that holds a view or a routine must not keep the tables without their triggers.
  await dropTriggers(server, database, bringsOf(script, 'trigger'));
}

/** Drops views, routines and events that go or are made anew. @returns what the routines have granted. */
async function dropReplaced(script: SwapScript, server: Server): Promise<readonly RoutineGrant[]> {
  const { database, drops } = script;
  // A view that the backup has too is replaced where it stands: readers do not miss it.
  const replaced = new Set(bringsOf(script, 'view'));
  const views = drops.views.filter((name) => !replaced.has(name));
  // An interrupted run may have created some of the backup's already. A package takes its body with it.
  const routines = bringsOf(script, 'routine').filter(
    (routine) => objectNamed(routine).kind !== 'package body',
  );
  const goes = {
    views,
    routines: [...new Set([...drops.routines, ...routines])],
    events: [...new Set([...drops.events, ...bringsOf(script, 'event')])],
  };
  // Some may have been given since the script was written.
  const granted = (await readRoutineGrants(server, database)) ?? [];
  const grants = mergedGrants([...(script.grants ?? []), ...grantsOn(granted, goes.routines)]);
  await dropObjects(server, database, { ...goes, tables: [], triggers: [] }, () => undefined);
  return grants;
}

/** Makes foreign keys lead into the target that do not. May be run again. */
async function makeStrayKeysAnew(server: Server, database: string, keys: readonly StrayKey[]): Promise<void> {
  if (keys.length === 0) return;
  await readAsDumpTools(server, database);
  await server.query('SET SESSION foreign_key_checks = 0');
  for (const { table, name, definition } of keys) {
    const there = foreignKeysOf(await describeTable(server, unquoted(table))).find(
      (key) => key.name.toLowerCase() === name.toLowerCase(),
    );
    if (there !== undefined && there.database === undefined) continue;
    // In one statement the servers would find the name taken.
    if (there !== undefined) await server.query(`ALTER TABLE ${table} DROP FOREIGN KEY ${there.name}`);
    await server.query(`ALTER TABLE ${table} ADD ${definition}`);
  }
}

function refuseLost(names: readonly string[], { script, schemas }: Swap, holds: TableHoldings): void {
  if (names.length === 0) return;
  throw new DbBackupError(
    'restore-incomplete',
    `Tables of the backup are neither in ${script.database} nor in ${schemas.stage}: ${names.slice(0, 5).join(', ')}.`,
    { hint: `${rollingBackByHand(script, schemas, holds)}\nThen restore again.` },
  );
}

function bringsOf({ programs }: SwapScript, kind: StoredObjectKind): readonly string[] {
  return programs.filter((program) => program.kind === kind).map(({ name }) => name);
}
