import { setTimeout as sleep } from 'node:timers/promises';
import { alterDatabase, createDatabase, dropDatabase, dropObjects } from '../adapters/database-changes.ts';
import { readDatabaseFacts, readSchema } from '../adapters/database-facts.ts';
import { dropScratchSchema, readTableNames } from '../adapters/scratch-schemas.ts';
import { connectServer } from '../adapters/server.ts';
import type { Server } from '../adapters/server.ts';
import { busyTables, dropTriggers, readTriggerNames, renameTables } from '../adapters/swap-statements.ts';
import type { TableMoves } from '../adapters/swap-statements.ts';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { quoteName } from '../model/names.ts';
import { isEmpty } from '../model/object-names.ts';
import { movesLeft } from '../model/swap.ts';
import type { ProgramKind } from '../model/load-script.ts';
import type { SavedProgram, SwapJournal, SwapScript } from '../model/swap.ts';
import { loadPrograms } from './load-programs.ts';
import { objectNames } from './restore-plan.ts';

/** Altogether, over all tries of the RENAME. */
const BUSY_SECONDS = 60;
const LONGEST_PAUSE_MS = 2_000;

export interface Swap {
  readonly connection: Connection;
  readonly script: SwapScript;
  readonly schemas: Pick<SwapJournal, 'stage' | 'old'>;
}

/**
 * Puts the staged tables in the place of the target's, in one statement. Triggers of the tables that leave are dropped
 * before: no server lets a table with triggers leave its schema.
 *
 * @throws {DbBackupError} `restore-failed` when other sessions hold on to the tables. Whether the tables have moved
 *   when anything else goes wrong, `hasSwapped` tells.
 */
export async function swapTables(
  { connection, script, schemas }: Swap,
  onBusy: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { database, triggers, defaults } = script;
  await using server = await connectServer(connection, signal);
  if ((await readSchema(server, database)) === undefined)
    await createDatabase(server, database, defaults ?? undefined);
  await createDatabase(server, schemas.old, undefined);
  await server.query(`USE ${quoteName(schemas.old)}`); // by which a session that waits is found, should this run die
  await dropTriggers(server, schemas.stage, await readTriggerNames(server, schemas.stage));
  const moves = await readMoves(server, script, schemas);
  await dropTriggers(
    server,
    database,
    triggers.map(({ name }) => name),
  );
  if (moves.length > 0) await renamePatiently(server, database, moves, onBusy, signal);
}

async function renamePatiently(
  server: Server,
  database: string,
  moves: TableMoves,
  onBusy: () => void,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + BUSY_SECONDS * 1000;
  for (
    let pauseMs = 50;
    !(await renameTables(server, moves));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  ) {
    if (performance.now() > deadline) throw busyTables(database, BUSY_SECONDS);
    onBusy();
    // So that those who waited behind it get on.
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

async function readMoves(
  server: Server,
  script: SwapScript,
  { stage, old }: Swap['schemas'],
): Promise<TableMoves> {
  const holds = {
    stage: await readTableNames(server, stage),
    old: await readTableNames(server, old),
    target: await readTableNames(server, script.database),
  };
  return movesLeft(script, { stage, old }, holds);
}

/** Whether the tables have changed places; some of them, when the server was cut off in the middle of it. */
export async function hasSwapped(server: Server, { script, schemas }: Swap): Promise<boolean> {
  const stage = await readTableNames(server, schemas.stage);
  const old = await readTableNames(server, schemas.old);
  return script.arriving.some((name) => !stage.has(name)) || script.leaving.some((name) => old.has(name));
}

/**
 * Makes the target what the backup holds, once its tables are in place: what is left to move, the database's defaults,
 * views, routines, triggers and events. May be run again.
 */
export async function finishSwap(swap: Swap, signal: AbortSignal): Promise<void> {
  const { connection, script, schemas } = swap;
  const { database, defaults, drops, preamble, programs } = script;
  {
    await using server = await connectServer(connection, signal);
    const moves = await readMoves(server, script, schemas);
    if (moves.length > 0) await renamePatiently(server, database, moves, () => undefined, signal);
    await refuseMissing(server, script);
    if (defaults !== null) await alterDatabase(server, database, defaults);
    const brought = (kind: ProgramKind): readonly string[] =>
      programs.filter((program) => program.kind === kind).map(({ name }) => name);
    // A view that the backup has too is replaced where it stands: readers do not miss it.
    const replaced = new Set(brought('view'));
    const views = drops.views.filter((name) => !replaced.has(name));
    // A run that was cut off may have made some of the backup's already. A package takes its body with it.
    const routines = brought('routine').filter((name) => !name.startsWith('package body '));
    const goes = {
      views,
      routines: [...new Set([...drops.routines, ...routines])],
      events: [...new Set([...drops.events, ...brought('event')])],
    };
    await dropObjects(server, database, { ...goes, tables: [], triggers: [] }, () => undefined);
    await dropTriggers(server, database, brought('trigger'));
  }
  await loadPrograms({ connection, schema: database, preamble, programs }, signal);
}

/** That all tables are in place is asked of the server, whatever it answered before. */
async function refuseMissing(server: Server, { database, arriving }: SwapScript): Promise<void> {
  const there = await readTableNames(server, database);
  const missing = arriving.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  throw new DbBackupError(
    'restore-incomplete',
    `After the tables were moved, ${database} lacks ${missing.slice(0, 5).join(', ')}.`,
  );
}

/**
 * Makes the triggers again that were dropped for a swap that did not come about; those that are there stay. A database
 * that was made for it goes, unless somebody has put something into it.
 */
export async function takeBackSwap({ connection, script }: Swap, signal: AbortSignal): Promise<void> {
  const { database, triggers, createsDatabase } = script;
  let missing: readonly SavedProgram[];
  {
    await using server = await connectServer(connection, signal);
    if ((await readSchema(server, database)) === undefined) return;
    if (createsDatabase) {
      if (isEmpty(objectNames(await readDatabaseFacts(server, database))))
        await dropDatabase(server, database);
      return;
    }
    const there = new Set(await readTriggerNames(server, database));
    missing = triggers.filter(({ name }) => !there.has(name));
  }
  await loadPrograms({ connection, schema: database, preamble: [], programs: missing }, signal);
}

/** Drops what a swap leaves: the old tables, and the staging schema. */
export async function clearSwap(
  { connection, schemas }: Pick<Swap, 'connection' | 'schemas'>,
  signal: AbortSignal,
): Promise<void> {
  await using server = await connectServer(connection, signal);
  await dropScratchSchema(server, schemas.stage);
  await dropScratchSchema(server, schemas.old);
}
