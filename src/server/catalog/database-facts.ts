import { createHash } from 'node:crypto';
import { DbBackupError } from '../../run/errors.ts';
import { isSystemSchema } from './schemas.ts';
import type { StrictRefusal } from '../innodb/strict-mode.ts';
import { jobOfScratchSchema } from '../../run/scratch-names.ts';
import type { Row, Server } from '../connect/server.ts';
import { readStrictRefusals } from './read-strict-refusals.ts';
import { type DatabaseObject, objectText } from '../../sql/definitions/database-object.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';

type RoutineKind = 'procedure' | 'function' | 'package' | 'package body';

/** What the server says of one database. */
export interface DatabaseFacts {
  readonly database: string;
  readonly charset: string;
  readonly collation: string;
  /** Base tables, system-versioned tables and sequences: everything that gets a section in a dump. */
  readonly tables: readonly TableFacts[];
  readonly views: readonly string[];
  readonly routines: readonly {
    readonly type: RoutineKind;
    readonly name: string;
    readonly bodyVisible: boolean;
  }[];
  readonly triggers: readonly string[];
  /** MariaDB of late shows the names of triggers to an account that may not read them. */
  readonly unreadableTriggers: readonly string[];
  /** By trigger: the table that it belongs to. */
  readonly triggerTables: ReadonlyMap<string, string>;
  readonly events: readonly string[];
  /** Events with `;;` in their body: current dump tools search forever for a delimiter that is not in it. */
  readonly undumpableEvents: readonly string[];
  /**
   * What the server says of each view, routine, trigger and event: not its whole definition, but what it does. Of what
   * the account may not read there is nothing.
   */
  readonly programs: readonly StoredObject[];
  /** A hash of every definition: it differs when any DDL came in between. */
  readonly fingerprint: string;
  /**
   * After how many milliseconds every later DDL on a table shows in the fingerprint of facts read by then; 0: in this
   * one. Within the second in which a table was changed it may not: the server gives the time of the last change in
   * whole seconds, and two changes may undo each other.
   */
  readonly settlesInMs: number;
}

/** A view, routine, trigger or event, and what it does. */
export interface StoredObject extends DatabaseObject {
  readonly text: string;
}

export interface TableFacts {
  readonly name: string;
  readonly engine: string;
  readonly kind: 'table' | 'sequence' | 'system-versioned';
  /** Size of its rows on the server, by its statistics. */
  readonly dataBytes: number;
  /** Names of generated columns, which MariaDB's dump tool writes in a form that MySQL refuses. */
  readonly hasGeneratedColumns: boolean;
  /** Of the type FLOAT without a number of decimals; generated ones are not dumped. */
  readonly floatColumns: readonly string[];
  /** Why this server would not create it in strict mode; undefined: it would. */
  readonly strictRefusal: StrictRefusal | undefined;
}

/** The same; undefined when there is no such database. */
export async function findDatabaseFacts(
  server: Server,
  database: string,
): Promise<DatabaseFacts | undefined> {
  return (await readSchema(server, database)) === undefined
    ? undefined
    : await readDatabaseFacts(server, database);
}

/**
 * Reads the catalogue of one database.
 *
 * @throws {DbBackupError} `not-found` when it does not exist, or the account may not know that it does.
 */
export async function readDatabaseFacts(server: Server, database: string): Promise<DatabaseFacts> {
  const schema = await readSchema(server, database);
  if (schema === undefined) throw new DbBackupError('not-found', `There is no database ${database}.`);
  const ask = (sql: string): Promise<readonly Row[]> => server.query(sql, [database, database]);
  const [clock] = await server.query('SELECT UNIX_TIMESTAMP(NOW(6)) AS seconds');
  const askedAt = performance.now();
  const tables = await ask(TABLES);
  const columns = await ask(COLUMNS);
  const indexes = await ask(INDEXES);
  const views = await ask(VIEWS);
  const routines = await ask(ROUTINES);
  const triggers = await ask(TRIGGERS);
  const events = await ask(EVENTS);
  const strictRefusals = await readStrictRefusals(server, { tables, columns, indexes });

  const hash = createHash('sha256').update(JSON.stringify(schema));
  const hashed = (row: Row): string => JSON.stringify({ ...row, data_bytes: undefined });
  for (const rows of [tables, columns, indexes, views, routines, triggers, events]) {
    // Sorted here, because the server gives names that are equal to its collation (`case`, `Case`) in any order.
    hash.update(rows.map(hashed).sort().join('\n')).update('\0');
  }
  const generated = new Set(
    columns.filter((row) => text(row, 'generated') !== '').map((row) => text(row, 'table_name')),
  );

  const floats = new Map<string, string[]>();
  for (const row of columns) {
    if (!/^float(?!\()/i.test(text(row, 'type')) || text(row, 'generated') !== '') continue;
    const table = text(row, 'table_name');
    floats.set(table, [...(floats.get(table) ?? []), text(row, 'name')]);
  }

  const now = Number(clock?.['seconds']);
  const lastChange = tables.reduce((last, row) => Math.max(last, Number(row['created_second'] ?? 0)), 0);
  const isSettled = lastChange < Math.floor(now);
  const elapsedMs = performance.now() - askedAt;

  return {
    database,
    ...schema,
    tables: tables
      .filter((row) => text(row, 'table_type') !== 'VIEW')
      .map((row) => ({
        name: text(row, 'name'),
        engine: text(row, 'engine'),
        kind: TABLE_KINDS[text(row, 'table_type')] ?? 'table',
        dataBytes: Number(row['data_bytes'] ?? 0),
        hasGeneratedColumns: generated.has(text(row, 'name')),
        floatColumns: floats.get(text(row, 'name')) ?? [],
        strictRefusal: strictRefusals.get(text(row, 'name')),
      })),
    views: views.map((row) => text(row, 'name')),
    routines: routines.map((row) => ({
      type: routineKind(row),
      name: text(row, 'name'),
      bodyVisible: row['definition'] !== null,
    })),
    triggers: triggers.map((row) => text(row, 'name')),
    unreadableTriggers: triggers.filter((row) => row['statement'] === null).map((row) => text(row, 'name')),
    triggerTables: new Map(triggers.map((row) => [text(row, 'name'), text(row, 'table_name')])),
    events: events.map((row) => text(row, 'name')),
    undumpableEvents: events
      .filter((row) => text(row, 'definition').includes(';;'))
      .map((row) => text(row, 'name')),
    programs: [
      ...views.map((row) => storedObject('view', row)),
      ...routines.map((row) => storedObject(routineKind(row), row)),
      ...triggers.map((row) => ({ ...storedObject('trigger', row), text: triggerText(row) })),
      ...events.map((row) => storedObject('event', row)),
    ].filter((object) => object.text !== ''),
    fingerprint: hash.digest('hex'),
    settlesInMs: isSettled ? 0 : Math.max(1, Math.ceil((lastChange + 1 - now) * 1_000 - elapsedMs)),
  };
}

/** Default charset and collation; undefined when there is no such database. */
export async function readSchema(
  server: Server,
  database: string,
): Promise<{ readonly charset: string; readonly collation: string } | undefined> {
  const [row] = await server.query(
    `SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA ${isIn('SCHEMA_NAME')}`,
    [database, database],
  );
  return row === undefined ? undefined : { charset: text(row, 'charset'), collation: text(row, 'collation') };
}

/** Every database that the account can see, without system schemas and scratch schemas; sorted. */
export async function readDatabaseNames(server: Server): Promise<readonly string[]> {
  const rows = await server.query('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY 1');
  return rows
    .map((row) => text(row, 'name'))
    .filter((name) => !isSystemSchema(name) && jobOfScratchSchema(name) === undefined);
}

function storedObject(kind: StoredObject['kind'], row: Row): StoredObject {
  return { kind, name: text(row, 'name'), text: text(row, 'definition') };
}

function routineKind(row: Row): RoutineKind {
  return text(row, 'type').toLowerCase() as RoutineKind;
}

function triggerText(row: Row): string {
  const statement = text(row, 'statement');
  const when = `${text(row, 'timing')} ${text(row, 'event')} ON ${text(row, 'table_name')}`;
  return statement === '' ? '' : `${when} ${statement}`;
}

function text(row: Row, column: string): string {
  const value = row[column];
  return value === null || value === undefined ? '' : String(value);
}

const TABLE_KINDS: Readonly<Record<string, TableFacts['kind']>> = {
  SEQUENCE: 'sequence',
  'SYSTEM VERSIONED': 'system-versioned',
};

// Aliases are spelled out because MySQL 8 gives the catalogue's column names in capitals.
// The catalogue compares names without regard to case, the file system may not: hence the second comparison. The
// first is the one that the server can use to look into one folder instead of all: MariaDB can by one column of each
// catalogue table only. By another it opens every table of every database, and waits for each that is being altered.
function isIn(column: string): string {
  return `WHERE ${column} = ? AND CAST(${column} AS BINARY) = CAST(? AS BINARY)`;
}

const TABLES = `SELECT TABLE_NAME AS name, TABLE_TYPE AS table_type, ENGINE AS engine, CREATE_TIME AS created,
    TABLE_COLLATION AS collation, CREATE_OPTIONS AS options, DATA_LENGTH AS data_bytes,
    UNIX_TIMESTAMP(CREATE_TIME) AS created_second
  FROM information_schema.TABLES ${isIn('TABLE_SCHEMA')} ORDER BY TABLE_NAME`;
const COLUMNS = `SELECT TABLE_NAME AS table_name, COLUMN_NAME AS name, ORDINAL_POSITION AS position,
    COLUMN_DEFAULT AS default_value, IS_NULLABLE AS nullable, COLUMN_TYPE AS type, EXTRA AS extra,
    COALESCE(GENERATION_EXPRESSION, '') AS \`generated\`, COLLATION_NAME AS collation, COLUMN_COMMENT AS comment,
    CHARACTER_OCTET_LENGTH AS octets
  FROM information_schema.COLUMNS ${isIn('TABLE_SCHEMA')} ORDER BY TABLE_NAME, ORDINAL_POSITION`;
const INDEXES = `SELECT TABLE_NAME AS table_name, INDEX_NAME AS name, SEQ_IN_INDEX AS position,
    COLUMN_NAME AS column_name, NON_UNIQUE AS non_unique, SUB_PART AS prefix
  FROM information_schema.STATISTICS ${isIn('TABLE_SCHEMA')} ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`;
const VIEWS = `SELECT TABLE_NAME AS name, VIEW_DEFINITION AS definition, DEFINER AS definer,
    SECURITY_TYPE AS security, CHECK_OPTION AS check_option
  FROM information_schema.VIEWS ${isIn('TABLE_SCHEMA')} ORDER BY TABLE_NAME`;
const ROUTINES = `SELECT ROUTINE_TYPE AS type, ROUTINE_NAME AS name, ROUTINE_DEFINITION AS definition,
    LAST_ALTERED AS altered, DEFINER AS definer
  FROM information_schema.ROUTINES ${isIn('ROUTINE_SCHEMA')} ORDER BY ROUTINE_TYPE, ROUTINE_NAME`;
const TRIGGERS = `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS table_name, EVENT_MANIPULATION AS event,
    ACTION_TIMING AS timing, ACTION_STATEMENT AS statement, DEFINER AS definer
  FROM information_schema.TRIGGERS ${isIn('EVENT_OBJECT_SCHEMA')} ORDER BY TRIGGER_NAME`;
const EVENTS = `SELECT EVENT_NAME AS name, EVENT_DEFINITION AS definition, DEFINER AS definer,
    STATUS AS status, ON_COMPLETION AS on_completion, EXECUTE_AT AS execute_at, INTERVAL_VALUE AS every,
    INTERVAL_FIELD AS unit, STARTS AS starts, ENDS AS ends, EVENT_COMMENT AS comment
  FROM information_schema.EVENTS ${isIn('EVENT_SCHEMA')} ORDER BY EVENT_NAME`;
/** What the server says a database holds. */
export function objectNames(facts: DatabaseFacts): ObjectNames {
  return {
    tables: facts.tables.map(({ name }) => name),
    views: facts.views,
    // A package is created and dropped with its body.
    routines: facts.routines
      .filter(({ type }) => type !== 'package body')
      .map(({ type, name }) => objectText({ kind: type, name })),
    triggers: facts.triggers,
    events: facts.events,
  };
}
