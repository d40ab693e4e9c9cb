// The schemas that a restore makes for itself: the staging schema, and the one that the old tables go to.
import { setTimeout as sleep } from 'node:timers/promises';
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { jobOfScratchSchema } from '../../run/scratch-names.ts';
import type { Server } from '../connect/server.ts';
import { listSessions } from '../instance/sessions.ts';
import { ServerStatementError, wasRefused } from '../connect/server-failures.ts';
import { dropTriggers } from './triggers.ts';

export interface ScratchSchema {
  readonly name: string;
  /** The job that made it. */
  readonly job: string;
}

export interface MeasuredSchema extends ScratchSchema {
  /** Size of its rows and indexes on the server, by its statistics. */
  readonly sizeBytes: number;
}

/** Those of all jobs, running or dead; by name. */
export async function readScratchSchemas(server: Server): Promise<readonly ScratchSchema[]> {
  const rows = await server.query(
    String.raw`SELECT s.SCHEMA_NAME AS name FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME LIKE 'dbbackup\_%' ORDER BY 1`,
  );
  return rows.flatMap(({ name }) => {
    const job = jobOfScratchSchema(String(name));
    return job === undefined ? [] : [{ name: String(name), job }];
  });
}

/**
 * Whether it is certain that a scratch schema is not there. One that an account may not see is not listed, either; asked
 * for its definition, servers refuse that account whether it is there or not.
 */
export async function isSurelyGone(server: Server, schema: string): Promise<boolean> {
  if ((await readScratchSchemas(server)).some(({ name }) => name === schema)) return false;
  try {
    await server.query(`SHOW CREATE DATABASE ${quoteName(schema)}`);
    return false;
  } catch (error) {
    if (!wasRefused(error)) throw error;
    return error instanceof DbBackupError && error.code === 'not-found';
  }
}

/**
 * Measures schemas of dead runs. For that MariaDB opens their tables: those of a run at work are locked for as long
 * as an index is added. What a session that has not ended yet still holds counts as nothing.
 */
export async function measureSchemas(
  server: Server,
  schemas: readonly ScratchSchema[],
): Promise<readonly MeasuredSchema[]> {
  const briefly = server.flavour === 'mariadb' ? 'SET STATEMENT lock_wait_timeout = 1 FOR ' : '';
  const measured: MeasuredSchema[] = [];
  for (const schema of schemas) {
    const [size] = await server.query(
      `${briefly}SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`,
      [schema.name],
    );
    measured.push({ ...schema, sizeBytes: Number(size?.['bytes'] ?? 0) });
  }
  return measured;
}

/** Size of rows and indexes of tables, by the server's statistics. */
export async function readSizeOfTables(
  server: Server,
  schema: string,
  tables: readonly string[],
): Promise<number> {
  const rows = await server.query(
    'SELECT TABLE_NAME AS name, COALESCE(DATA_LENGTH + INDEX_LENGTH, 0) AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [schema],
  );
  const among = new Set(tables);
  return rows
    .filter(({ name }) => among.has(String(name)))
    .reduce((sum, { bytes }) => sum + Number(bytes), 0);
}

/** Tables, sequences and views. Their kind is not asked for: MariaDB would open every one of them to tell. */
export async function readTableNames(server: Server, schema: string): Promise<ReadonlySet<string>> {
  const rows = await server.query(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [schema],
  );
  return new Set(rows.map(({ name }) => String(name)));
}

/** @param history Of a system-versioned table: rows of the past are rows of the dump, too. */
export async function countRows(
  server: Server,
  schema: string,
  table: string,
  history: boolean,
): Promise<number> {
  const versions = history ? ' FOR SYSTEM_TIME ALL' : '';
  const [row] = await server.query(
    `SELECT COUNT(*) AS found FROM ${quoteName(schema)}.${quoteName(table)}${versions}`,
  );
  return Number(row?.['found']);
}

/** A session that was killed may first have to roll back, or to finish what cannot be left half done. */
const END_SESSIONS_MS = 60_000;

/**
 * Ends our user's sessions whose default schema this is, and waits until they have ended: a server continues a
 * statement whose client has left. From whichever host: the run that died may have been on another, or come through
 * the socket. Other users of the schema are not runs of ours.
 */
export async function endSessionsOf(server: Server, schema: string): Promise<void> {
  const [row] = await server.query('SELECT USER() AS account');
  const self = String(row?.['account']).replace(/@[^@]*$/, '');
  const limit = AbortSignal.timeout(END_SESSIONS_MS);
  while (!limit.aborted) {
    const others = (await listSessions(server)).filter(
      ({ id, user, database }) => database === schema && user === self && id !== server.connectionId,
    );
    if (others.length === 0) return;
    // One may end by itself in between: error 1094, no such connection.
    for (const { id } of others) await server.query(`KILL ${id}`).catch(() => undefined);
    await sleep(20);
  }
}

/** Error dropping database: there is a file in its folder that the server does not know. */
const FOLDER_NOT_EMPTY = 1010;

/** Table of a foreign key's parent: what servers say when the key is of a table in another schema. */
const REFERRED_TO: ReadonlySet<number> = new Set([1217, 1451, 3730]);

/**
 * Drops one of our schemas with all that is in it.
 *
 * @param triggers Names that triggers in it may have had. A MariaDB that is killed while it makes or drops one leaves
 *   a file that neither lists nor goes with the schema, only with a DROP TRIGGER of that name.
 * @returns whether foreign keys of other schemas led to its tables, also those that the account may not see. They
 *   lead
 *   nowhere now.
 */
export async function dropScratchSchema(
  server: Server,
  schema: string,
  triggers: readonly string[],
): Promise<boolean> {
  if (jobOfScratchSchema(schema) === undefined) throw new Error(`${schema} is not a scratch schema`);
  await endSessionsOf(server, schema);
  const drop = (): Promise<unknown> => server.query(`DROP DATABASE IF EXISTS ${quoteName(schema)}`);
  // With foreign keys checked, a server refuses by keys from elsewhere alone; any other refusal comes again below.
  await server.query('SET SESSION foreign_key_checks = 1');
  const isReferredTo = await drop().then(
    () => false,
    (error: unknown) => {
      if (error instanceof ServerStatementError) return REFERRED_TO.has(error.errno);
      throw error;
    },
  );
  await server.query('SET SESSION foreign_key_checks = 0');
  try {
    await drop();
  } catch (error) {
    if (!(error instanceof ServerStatementError && error.errno === FOLDER_NOT_EMPTY)) throw error;
    await dropTriggers(server, schema, triggers);
    await drop();
  }
  return isReferredTo;
}
