import { setTimeout as sleep } from 'node:timers/promises';
import {
  alterDatabase,
  createDatabase,
  dropDatabase,
  dropObjects,
} from '../../server/change/database-changes.ts';
import { readDatabaseFacts, readSchema } from '../../server/catalog/database-facts.ts';
import { readRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import { dropScratchSchema, endSessionsOf, readTableNames } from '../../server/change/scratch-schemas.ts';
import { connectServer } from '../../server/connect/server.ts';
import { ServerStatementError } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';
import { describeTable, readAsDumpTools } from '../../server/definitions/show-create.ts';
import {
  busyTables,
  dropLeavingTriggers,
  dropTriggers,
  isBusy,
  readTriggerNames,
  renameStatement,
  renameTables,
} from './rename-tables.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { foreignKeysOf, unquoted } from '../../sql/definitions/foreign-keys.ts';
import type { StrayKey } from '../../sql/definitions/foreign-keys.ts';
import { quoteName } from '../../backups/record/backup-name.ts';
import { isEmpty } from '../../sql/definitions/object-names.ts';
import { grantsOn, mergedGrants } from '../../backups/record/routine-grants.ts';
import type { RoutineGrant } from '../../backups/record/routine-grants.ts';
import { hasMoved, lostTables, movesBack, movesLeft } from './swap-script.ts';
import type { ProgramKind } from '../../sql/script/load-script.ts';
import type { SavedProgram, SwapJournal, SwapScript, TableHoldings } from './swap-script.ts';
import { giveGrantsBack } from '../routine-grants/give-grants-back.ts';
import { loadPrograms } from '../load/load-programs.ts';
import { explainUnmovable } from '../plan/unmovable-tables.ts';
import { objectNames } from '../plan/make-plan.ts';

/** Altogether, over all tries of the RENAME. */
const BUSY_SECONDS = 60;
const LONGEST_PAUSE_MS = 2_000;

export interface Swap {
  readonly onWarning: (message: string) => void;
  readonly connection: Connection;
  readonly script: SwapScript;
  readonly schemas: Pick<SwapJournal, 'stage' | 'old'>;
}

/**
 * Makes the schema that the old tables go to. While it is there, the run's staging schema is nobody else's to drop; so
 * this comes before the journal says that the swap has begun.
 */
export async function prepareSwap(
  { connection, schemas }: Pick<Swap, 'connection' | 'schemas'>,
  signal: AbortSignal,
): Promise<void> {
  await using server = await connectServer(connection, signal);
  await createDatabase(server, schemas.old, undefined);
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
  const { database, triggers, leaving, defaults } = script;
  await using server = await connectServer(connection, signal);
  if ((await readSchema(server, database)) === undefined)
    await createDatabase(server, database, defaults ?? undefined);
  await server.query(`USE ${quoteName(schemas.old)}`); // by which a session that waits is found, should this run die
  await dropTriggers(server, schemas.stage, await readTriggerNames(server, schemas.stage));
  const moves = movesLeft(script, schemas, await readHoldings(server, script, schemas));
  const names = triggers.map(({ name }) => name);
  const moving = tryPatiently(
    database,
    async () => {
      if (!(await dropLeavingTriggers(server, database, leaving, names))) return false;
      return moves.length === 0 || renameTables(server, moves).catch(explainRefusal);
    },
    async () => {
      onBusy();
      await makeMissingTriggers({ connection, script }, signal); // nobody writes without them while it waits
    },
    signal,
  );
  await moving.catch(async (error: unknown) => {
    throw await explainUnmovable(error, { connection, database, tables: leaving }, signal);
  });
}

/** The staged tables are sound; so it is what they meet in the target that the server refuses. */
function explainRefusal(error: unknown): never {
  if (!(error instanceof ServerStatementError)) throw error;
  throw new DbBackupError('restore-failed', error.message, {
    hint: 'Mostly it is a foreign key of a table that is to be replaced: it refers to a table that did not exist until now, and the one of the backup does not fit it. Drop that foreign key, or restore with --in-place, which drops the old tables first.',
    cause: error,
  });
}

/** @param action Returns false when other sessions use the tables. */
async function tryPatiently(
  database: string,
  action: () => Promise<boolean>,
  onBusy: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + BUSY_SECONDS * 1000;
  for (let pauseMs = 50; !(await action()); pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await onBusy();
    if (performance.now() > deadline) throw busyTables(database, BUSY_SECONDS);
    // So that those who waited behind it get on.
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

async function readHoldings(
  server: Server,
  { database }: Pick<SwapScript, 'database'>,
  { stage, old }: Swap['schemas'],
): Promise<TableHoldings> {
  return {
    stage: await readTableNames(server, stage),
    old: await readTableNames(server, old),
    target: await readTableNames(server, database),
  };
}

/** Whether the tables have changed places; some of them, when the server was cut off in the middle of it. */
export async function hasSwapped(server: Server, { script, schemas }: Swap): Promise<boolean> {
  return hasMoved(script, await readHoldings(server, script, schemas));
}

/**
 * Makes the target what the backup holds, once its tables are in place: what is left to move, the database's defaults,
 * views, routines, triggers and events. May be run again.
 */
export async function finishSwap(swap: Swap, signal: AbortSignal): Promise<void> {
  const { connection, script, schemas, onWarning } = swap;
  const { database, defaults, drops, preamble, programs } = script;
  const triggers = programs.filter(({ kind }) => kind === 'trigger');
  const others = programs.filter(({ kind }) => kind !== 'trigger');
  let grants: readonly RoutineGrant[];
  {
    await using server = await connectServer(connection, signal);
    const holds = await readHoldings(server, script, schemas);
    refuseLost(lostTables(script, holds), swap, holds);
    const moves = movesLeft(script, schemas, holds);
    if (moves.length > 0) {
      await tryPatiently(
        database,
        () => renameTables(server, moves),
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
    await loadPrograms({ connection, schema: database, preamble, programs: triggers }, signal);
    // A view that the backup has too is replaced where it stands: readers do not miss it.
    const replaced = new Set(bringsOf(script, 'view'));
    const views = drops.views.filter((name) => !replaced.has(name));
    // A run that was cut off may have made some of the backup's already. A package takes its body with it.
    const routines = bringsOf(script, 'routine').filter((name) => !name.startsWith('package body '));
    const goes = {
      views,
      routines: [...new Set([...drops.routines, ...routines])],
      events: [...new Set([...drops.events, ...bringsOf(script, 'event')])],
    };
    // Some may have been given since the script was written.
    const granted = (await readRoutineGrants(server, database)) ?? [];
    grants = mergedGrants([...(script.grants ?? []), ...grantsOn(granted, goes.routines)]);
    await dropObjects(server, database, { ...goes, tables: [], triggers: [] }, () => undefined);
  }
  await loadPrograms({ connection, schema: database, preamble, programs: others }, signal);
  if (grants.length === 0) return;
  await using server = await connectServer(connection, signal);
  await giveGrantsBack(server, database, grants, onWarning);
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
    { hint: `${takingBack(script, schemas, holds)}\nThen restore again.` },
  );
}

/** What a user types who takes the tables back without us. */
function takingBack(
  target: Pick<SwapScript, 'database'>,
  schemas: Swap['schemas'],
  holds: TableHoldings,
): string {
  const [stage, old] = [quoteName(schemas.stage), quoteName(schemas.old)];
  const back = movesBack(target, schemas, holds);
  const drops = `DROP DATABASE IF EXISTS ${stage}; DROP DATABASE IF EXISTS ${old};`;
  // Apart from each other: a client goes on with what was pasted when a statement of it fails.
  return back.length === 0
    ? `To remove what is left of it: ${drops}`
    : `To have the tables again that have left ${target.database}: CREATE DATABASE IF NOT EXISTS ${stage}; ${renameStatement(back)};\nWhen they are back, ${drops}`;
}

/** How a swap is ended whose script cannot be read: where the tables are, and what to type, as a hint. */
export async function endingByHand(
  {
    connection,
    database,
    swap,
  }: { readonly connection: Connection; readonly database: string; readonly swap: SwapJournal },
  signal: AbortSignal,
): Promise<string> {
  await using server = await connectServer(connection, signal);
  await endSessionsOf(server, swap.old); // a RENAME that still waits would come later, unseen
  const holds = await readHoldings(server, { database }, swap);
  const places = `The tables of ${database} before the restore are in ${swap.old}, those of the backup in ${swap.stage}, if they are not in place.`;
  // Only the script knew the triggers that were dropped for the swap.
  const then =
    swap.returnCommand === undefined
      ? `Then restore again: triggers, views, routines and events of ${database} may be missing.`
      : `Then, to have triggers, views, routines and events back as well:\n${swap.returnCommand}`;
  return `${places}\n${takingBack({ database }, swap, holds)}\n${then}`;
}

/**
 * Makes the triggers again that were dropped for a swap that did not come about; those that are there stay. A database
 * that was made for it goes, unless somebody has put something into it.
 */
export async function takeBackSwap({ connection, script }: Swap, signal: AbortSignal): Promise<void> {
  const { database, createsDatabase } = script;
  {
    await using server = await connectServer(connection, signal);
    if ((await readSchema(server, database)) === undefined) return;
    if (createsDatabase) {
      if (isEmpty(objectNames(await readDatabaseFacts(server, database))))
        await dropDatabase(server, database);
      return;
    }
  }
  await makeMissingTriggers({ connection, script }, signal);
}

/** Makes those triggers again that were dropped. Waits as long as it takes for sessions that use their tables. */
async function makeMissingTriggers(
  { connection, script: { database, triggers } }: Pick<Swap, 'connection' | 'script'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    let missing: readonly SavedProgram[];
    {
      await using server = await connectServer(connection, signal);
      const there = new Set(await readTriggerNames(server, database));
      missing = triggers.filter(({ name }) => !there.has(name));
      // A MariaDB that was killed while it dropped one may know its name still.
      await dropTriggers(
        server,
        database,
        missing.map(({ name }) => name),
      );
    }
    try {
      const preamble = ['SET SESSION lock_wait_timeout = 1'];
      await loadPrograms({ connection, schema: database, preamble, programs: missing }, signal);
      return;
    } catch (error) {
      if (!(error instanceof Error && isBusy(error.cause))) throw error;
      await sleep(LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

/** Drops what a swap leaves: the old tables, and the staging schema. */
export async function clearSwap(
  {
    connection,
    target,
    script,
    schemas,
    onWarning,
  }: Pick<Swap, 'connection' | 'schemas' | 'onWarning'> & {
    readonly target: string;
    readonly script: SwapScript | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  await using server = await connectServer(connection, signal);
  await dropScratchSchema(server, schemas.stage, script === undefined ? [] : bringsOf(script, 'trigger'));
  if (await dropScratchSchema(server, schemas.old, [])) {
    // One that could be seen has kept the restore from coming this way.
    onWarning(
      `A table of another database has a foreign key to a table of ${target}, which could not be seen before. It followed the old table into ${schemas.old}, which is gone, and has to be dropped and added again. To find it, by an account that may see it: SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = '${schemas.old}'; A restore with --in-place leaves such keys as they are.`,
    );
  }
}

function bringsOf({ programs }: SwapScript, kind: ProgramKind): readonly string[] {
  return programs.filter((program) => program.kind === kind).map(({ name }) => name);
}
