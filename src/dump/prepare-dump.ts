import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPrivileges } from '../server/privileges/account-privileges.ts';
import { databaseFolder, readBackups } from '../backups/directory/read-backups.ts';
import { readBrokenObjects } from '../server/catalog/broken-objects.ts';
import { findClientProgram } from '../programs/client-programs.ts';
import type { ClientProgram } from '../programs/client-programs.ts';
import { requireCompressor } from '../compression/compressors.ts';
import { readDatabaseFacts, readDatabaseNames, readSchema } from '../server/catalog/database-facts.ts';
import type { DatabaseFacts } from '../server/catalog/database-facts.ts';
import { buildDumpArgs } from '../programs/dump-tool.ts';
import { readInexactColumns } from '../server/definitions/read-inexact-columns.ts';
import { readMisprintedKeys } from '../server/definitions/misprinted-keys.ts';
import { readRenameCounts } from '../server/instance/rename-counters.ts';
import { readRefusedObjects } from '../server/catalog/refused-objects.ts';
import { readRoutineGrants } from '../server/privileges/read-routine-grants.ts';
import { readLeftKeys } from '../server/definitions/stray-keys.ts';
import { readViewDigests } from '../server/definitions/view-digests.ts';
import { connectServer } from '../server/connect/server.ts';
import { readServerIdentity } from '../server/instance/read-server-identity.ts';
import { readLacking } from '../server/connect/session.ts';
import type { Server } from '../server/connect/server.ts';
import { namedBroken } from '../sql/definitions/broken-object.ts';
import type { BrokenObject } from '../sql/definitions/broken-object.ts';
import { newestFirst } from '../backups/record/backup.ts';
import { describeEndpoint, isRemote } from '../server/connect/connection.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { Compression, CreatePlan, Destination, Skip } from './dump-plan.ts';
import { rowsInBackup } from '../sql/definitions/engines.ts';
import { DbBackupError } from '../run/errors.ts';
import { grantOn } from '../server/privileges/grant-statement.ts';
import { DUMP_PRIVILEGES, missingForDump, quoteAccount } from '../server/privileges/missing-privileges.ts';
import type { DumpNeeds } from '../server/privileges/missing-privileges.ts';
import { inexactWarning } from '../sql/definitions/inexact-columns.ts';
import { extensionOf, quoteName, SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { nearNames } from '../run/similar-names.ts';
import { isAmongRoutines, refusedText } from '../server/catalog/object-kinds.ts';
import { isEmpty } from '../sql/definitions/object-names.ts';
import type { ServerIdentity } from '../server/instance/server-identity.ts';
import { assignment } from '../server/connect/session-variables.ts';
import { strictWarning } from '../server/innodb/strict-mode.ts';
import { shellWord } from '../run/shell-command.ts';
import type { RenameCounts } from '../server/instance/rename-verdict.ts';
import { objectNames } from '../restore/plan/make-plan.ts';
import { grantsOn } from '../backups/record/routine-grants.ts';
import type { RoutineGrant } from '../backups/record/routine-grants.ts';
import { isOlder } from '../server/connect/version.ts';
import type { Runtime } from '../run/runtime.ts';

const SETTLE_TRIES = 5;

export interface DumpTask {
  readonly connection: Connection;
  readonly directory: string;
  readonly database: string;
  readonly label: string;
  readonly compression: Compression;
  readonly destination: Destination;
  /** `if-readable`: when the account may read all of the database, so that it is known to be empty. */
  readonly allowEmpty: boolean | 'if-readable';
  readonly skip: Skip;
  /** Leaves out what the server cannot open, by name. */
  readonly skipBroken: boolean;
}

/** Everything that is known before the first byte is dumped. */
export interface PreparedDump {
  readonly plan: CreatePlan;
  /** Of what is dumped: without what is broken. */
  readonly facts: DatabaseFacts;
  readonly identity: ServerIdentity;
  /** undefined: not for our account to know, or no routines are asked for. */
  readonly routineGrants: readonly RoutineGrant[] | undefined;
  /** Read before the facts: what comes later shows in one of the two. */
  readonly renames: RenameCounts | undefined;
  readonly tool: ClientProgram;
  /** What the tool's session is to set first. */
  readonly settings: readonly string[];
  /** By name: see `readViewDigests`. */
  readonly views: ReadonlyMap<string, string>;
}

/**
 * Reads the facts of the database, and refuses what could not become a complete backup.
 *
 * @throws {DbBackupError} `not-found` with near names, `access-denied` with the GRANT, `tool-missing`, connection
 *   failures.
 */
export async function prepareDump(task: DumpTask, runtime: Runtime): Promise<PreparedDump> {
  const { connection, database, skip } = task;
  await requireCompressor(task.compression, runtime.env);
  await using server = await connectServer(connection, runtime.signal);
  if ((await readSchema(server, database)) === undefined) throw await unknownDatabase(server, database);
  const renames = await readRenameCounts(server, 'before');
  const all = await readSettledFacts(server, database, runtime.signal);
  await refuseBlindness(server, all, task);
  const skippedBroken = task.skipBroken ? await readBrokenObjects(server, all) : [];
  const facts = withoutBroken(all, skippedBroken);

  // A restore makes its safety backup whole or not at all: it has no options to leave things out.
  const maySkip = task.label !== SAFETY_LABEL;
  refuseEndlessEvents(facts, skip, maySkip);
  await refuseUnrestorable(server, facts, skip, maySkip);
  await refuseMisprintedKeys(server, facts);
  const tool = await findClientProgram('dump', server.flavour, runtime.env, runtime.signal);
  const settings = await readToolSettings(connection, tool, runtime.signal);
  const identity = await readServerIdentity(server);
  const inexactColumns = await readInexactColumns(server, dumpedRows(facts), runtime.now);
  const warnings = [
    ...brokenWarnings(skippedBroken),
    ...engineWarnings(facts),
    ...toolWarnings(server, tool, facts),
    ...[inexactWarning(inexactColumns), strictWarning(facts.tables, server.flavour)].filter(
      (warning) => warning !== undefined,
    ),
    ...(await keyWarnings(server, facts)),
  ];
  if (!server.encrypted && isRemote(connection.endpoint)) {
    warnings.push('The connection to the server is not encrypted; --ssl-mode=REQUIRED demands it.');
  }
  const dataBytes = facts.tables.reduce((sum, table) => sum + table.dataBytes, 0);
  const plan: CreatePlan = {
    database,
    path: plannedPath(task),
    compression: task.compression,
    server: {
      flavour: server.flavour,
      version: server.version,
      endpoint: describeEndpoint(connection.endpoint),
      name: identity.name,
    },
    program: tool.file,
    programVersion: tool.version,
    arguments: buildDumpArgs(
      {
        database,
        serverVersion: server.version,
        settings,
        skip,
        history: facts.tables.some(({ kind }) => kind === 'system-versioned'),
        histograms: server.flavour === 'mysql' && !isOlder(server.version, '8.0.2'),
        sequences: facts.tables.some(({ kind }) => kind === 'sequence'),
        without: skippedBroken.map(({ name }) => name),
      },
      tool,
    ),
    tables: facts.tables.length,
    views: facts.views.length,
    routines: skip.routines ? 0 : facts.routines.length,
    triggers: skip.triggers ? 0 : facts.triggers.length,
    events: skip.events ? 0 : facts.events.length,
    estimatedBytes: await estimateBytes(task, dataBytes),
    inexactColumns,
    skippedBroken,
    warnings,
  };
  const routineGrants = skip.routines ? undefined : await readGrantsOfRoutines(server, facts);
  const views = await readViewDigests(server, database, facts.views, [database]);
  return { plan, facts, identity, routineGrants, renames, tool, settings, views };
}

/** @returns undefined when our account may not know. */
async function readGrantsOfRoutines(
  server: Server,
  { database, routines }: DatabaseFacts,
): Promise<readonly RoutineGrant[] | undefined> {
  if (routines.length === 0) return [];
  const grants = await readRoutineGrants(server, database);
  const names = routines.map(({ type, name }) => `${type} ${name}`);
  return grants && grantsOn(grants, names);
}

async function keyWarnings(server: Server, { database, tables }: DatabaseFacts): Promise<readonly string[]> {
  if (tables.length === 0) return [];
  const names = tables.map(({ name }) => name);
  return (await readLeftKeys(server, database, names)).map(({ table, name, leadsTo, isOwn }) => {
    const repaired = isOwn ? '; a restore of this backup does' : '';
    return `The foreign key ${name} of ${table} refers to ${leadsTo}, a schema of an earlier restore${isOwn ? '' : ' of another database'}. dbbackup doctor shows how to repair it${repaired}.`;
  });
}

/**
 * What the dump tool's session is to set first, because the server gives new sessions something else.
 *
 * @throws {DbBackupError} `dump-failed` when the tool has no way to be told: its dump could lack rows without a word.
 */
async function readToolSettings(
  connection: Connection,
  tool: ClientProgram,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using server = await connectServer(connection, signal, 'bare');
  const lacking = await readLacking(server, 'dump');
  if (lacking.length === 0 || tool.flavour === 'mariadb' || tool.options.has('init-command'))
    return lacking.map(assignment);
  throw new DbBackupError(
    'dump-failed',
    `The server gives new sessions ${lacking.map(({ name, why }) => `another ${name} (${why})`).join(', ')}; ${tool.program} ${tool.version} cannot set it.`,
    {
      hint: `No backup was made. Install a newer ${tool.program}, or change it on the server: ${lacking.map((variable) => `SET GLOBAL ${assignment(variable)};`).join(' ')}`,
    },
  );
}

/**
 * The facts with which a change during the dump can be told for certain: read again a moment later if a table was
 * changed just now.
 *
 * @throws {DbBackupError} `dump-failed` when tables are changed all the time.
 */
async function readSettledFacts(
  server: Server,
  database: string,
  signal: AbortSignal,
): Promise<DatabaseFacts> {
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    const facts = await readDatabaseFacts(server, database);
    if (facts.settlesInMs === 0) return facts;
    await sleep(facts.settlesInMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
  throw new DbBackupError(
    'dump-failed',
    `A definition in ${database} changed while it was looked at, again and again: a migration seems to run.`,
    { hint: 'No backup was made. Run it again when no migration runs.' },
  );
}

/** What an account may not see is missing from every answer; so a backup of what it sees could be too small. */
async function refuseBlindness(server: Server, facts: DatabaseFacts, task: DumpTask): Promise<void> {
  const { database, skip } = task;
  const { account, privileges } = await readPrivileges(server, database, DUMP_PRIVILEGES);
  const who = quoteAccount(account);
  const blind = !privileges.on(database, 'SELECT');
  // Without the right to read its tables, a database of routines alone looks like one whose tables are hidden.
  const empty = facts.tables.length + facts.views.length === 0 && (blind || isEmpty(objectNames(facts)));
  const accepted = task.allowEmpty === 'if-readable' ? !blind : task.allowEmpty;
  if (empty && !accepted) {
    throw new DbBackupError('access-denied', `The account ${who} sees no table in ${database}.`, {
      hint: blind
        ? grantOn(privileges, DUMP_PRIVILEGES, { database, who })
        : `It may read all of ${database}, which is empty: if that is expected, add --allow-empty.`,
    });
  }
  const missing = missingForDump(privileges, dumpNeeds(server, facts, account, skip));
  const [first] = missing;
  if (first === undefined) return;
  // A restore makes its safety backup whole or not at all: it has no such options.
  const options = task.label === SAFETY_LABEL ? [] : missing.flatMap(({ option }) => option ?? []);
  throw new DbBackupError(
    'access-denied',
    `The account ${who} ${missing.map(({ problem }) => problem).join('; and it ')}. The backup would not be complete.`,
    {
      hint: `${missing.map(({ grant }) => grant).join(' ')}${
        options.length === missing.length ? ` Or leave them out: ${options.join(' ')}` : ''
      }`,
    },
  );
}

/** What a backup of all that is not skipped takes. */
export function dumpNeeds(
  server: Server,
  facts: DatabaseFacts,
  account: string,
  skip: DumpTask['skip'],
): DumpNeeds {
  return {
    database: facts.database,
    flavour: server.flavour,
    serverVersion: server.version,
    account,
    tables: facts.tables.map(({ name }) => name),
    views: facts.views,
    routines: facts.routines,
    unreadableTriggers: facts.unreadableTriggers,
    skip,
  };
}

/** Found with mysqldump 9.7 and mariadb-dump 10.11 and 11.8: they run for ever, at full speed. */
export function refuseEndlessEvents(
  { undumpableEvents }: DatabaseFacts,
  skip: DumpTask['skip'],
  maySkip: boolean,
): void {
  if (skip.events || undumpableEvents.length === 0) return;
  throw new DbBackupError(
    'dump-failed',
    `The body of the event ${undumpableEvents.join(', ')} holds ';;', over which the dump tools hang for ever.`,
    {
      hint: `No backup was made. Write it without two semicolons in a row (ALTER EVENT)${maySkip ? ', or leave events out: --skip-events' : ''}.`,
    },
  );
}

/** What the dump would hold, if at all, in a form that a restore refuses. See `OBJECT_KINDS`. */
export async function refuseUnrestorable(
  server: Server,
  { database, views }: DatabaseFacts,
  skip: DumpTask['skip'],
  maySkip: boolean,
): Promise<void> {
  const objects = await readRefusedObjects(server, database, views);
  const left = skip.routines ? objects.filter((object) => !isAmongRoutines(object)) : objects;
  if (left.length === 0) return;
  const option =
    maySkip && left.every(isAmongRoutines) ? ' Leave routines and libraries out: --skip-routines. Or' : '';
  throw new DbBackupError(
    'dump-failed',
    `${database} holds what dbbackup cannot restore: ${refusedText(left)}.`,
    {
      hint: `No backup was made.${option || ' To back it up,'} use mysqldump, whose dump the mysql client loads.`,
    },
  );
}

/** A dump with such a key cannot be read; two of them can hide each other from the check of the dump. */
export async function refuseMisprintedKeys(
  server: Server,
  { database, tables }: DatabaseFacts,
): Promise<void> {
  const keys = tables.length === 0 ? [] : await readMisprintedKeys(server, database);
  const [first] = keys;
  if (first === undefined) return;
  const named = keys.map(({ table, name }) => `${name} of ${table}`).join(', ');
  const table = `${quoteName(database)}.${quoteName(first.table)}`;
  throw new DbBackupError(
    'dump-failed',
    `The server (${server.version}) prints foreign keys with a backtick in a name in a way that no server can read: ${named}.`,
    {
      hint: `No backup was made. Give the keys, or their columns, names without a backtick (SHOW CREATE TABLE ${table}), or update the server: MariaDB 11.8 prints them right.`,
    },
  );
}

/** The failure that names near databases, or those that the account sees. */
export async function unknownDatabase(server: Server, database: string): Promise<DbBackupError> {
  const names = await readDatabaseNames(server);
  const near = nearNames(database, names);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map(shellWord).join(' or ')}?`
      : names.length > 0
        ? `The account sees: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}.`
        : 'The account sees no database at all: it needs a GRANT.';
  return new DbBackupError('not-found', `There is no database ${database} on this server.`, { hint });
}

function withoutBroken(facts: DatabaseFacts, broken: readonly BrokenObject[]): DatabaseFacts {
  if (broken.length === 0) return facts;
  const names = new Set(broken.map(({ name }) => name)); // tables and views share their names
  const leaves = (trigger: string): boolean => names.has(facts.triggerTables.get(trigger) ?? '');
  const programs = [...facts.programs].filter(([key]) => {
    const name = key.slice(key.indexOf(' ') + 1);
    return !(key.startsWith('view ') && names.has(name)) && !(key.startsWith('trigger ') && leaves(name));
  });
  return {
    ...facts,
    tables: facts.tables.filter(({ name }) => !names.has(name)),
    views: facts.views.filter((name) => !names.has(name)),
    triggers: facts.triggers.filter((name) => !leaves(name)),
    programs: new Map(programs),
  };
}

function brokenWarnings(broken: readonly BrokenObject[]): string[] {
  if (broken.length === 0) return [];
  return [`Not in the backup (--skip-broken), because the server cannot open it: ${namedBroken(broken)}.`];
}

/** The tables whose rows a dump has. */
export function dumpedRows(facts: DatabaseFacts): Pick<DatabaseFacts, 'database' | 'tables'> {
  const tables = facts.tables.filter(({ engine }) => rowsInBackup(engine) !== 'none');
  return { database: facts.database, tables };
}

function engineWarnings(facts: DatabaseFacts): string[] {
  const named = (rows: ReturnType<typeof rowsInBackup>): string =>
    facts.tables
      .filter(({ kind, engine }) => kind !== 'sequence' && rowsInBackup(engine) === rows)
      .map(({ name, engine }) => `${name} (${engine})`)
      .join(', ');
  const unsafe = named('of its turn');
  const rowless = named('none');
  return [
    ...(unsafe === ''
      ? []
      : [
          `Not in the snapshot, because their engine has no transactions: ${unsafe}. What is written to them during the dump may be half in it.`,
        ]),
    ...(rowless === ''
      ? []
      : [`Only the definition is backed up, because their rows lie elsewhere: ${rowless}.`]),
  ];
}

/**
 * What a dump tool of the other flavour means for this database.
 *
 * @throws {DbBackupError} `tool-missing` when what it writes could not be loaded again.
 */
export function toolWarnings(server: Server, tool: ClientProgram, facts: DatabaseFacts): string[] {
  if (tool.flavour === server.flavour) return [];
  const generated = facts.tables
    .filter(({ hasGeneratedColumns }) => hasGeneratedColumns)
    .map(({ name }) => name);
  if (tool.flavour === 'mariadb' && generated.length > 0) {
    // MariaDB's tool writes values of generated columns, which MySQL refuses on load (error 3105).
    throw new DbBackupError(
      'tool-missing',
      `The server is MySQL, but only MariaDB's ${tool.program} is installed, which cannot dump tables with generated columns (${generated.join(', ')}) so that MySQL takes them back.`,
      { hint: 'apt install mysql-client' },
    );
  }
  return [
    `The server is ${server.flavour}, but the dump tool found is of ${tool.flavour}: ${tool.file} ${tool.version}.`,
  ];
}

function plannedPath({ destination, directory, database, label, compression }: DumpTask): string {
  switch (destination.kind) {
    case 'stdout':
      return '-';
    case 'file':
      return destination.path;
    case 'directory':
      return join(databaseFolder(directory, database), `${label}_<time>${extensionOf(compression.method)}`);
  }
}

/** How large the dump will be: the size of the data, corrected by how it turned out the last time. */
async function estimateBytes({ directory, database }: DumpTask, dataBytes: number): Promise<number> {
  const last = [...(await readBackups(directory, database))]
    .sort(newestFirst)
    .find(({ manifest }) => manifest)?.manifest;
  if (last === undefined) return dataBytes;
  if (last.dataLengthBytes === 0 || dataBytes === 0) return last.file.uncompressedBytes;
  return Math.round((dataBytes * last.file.uncompressedBytes) / last.dataLengthBytes);
}
