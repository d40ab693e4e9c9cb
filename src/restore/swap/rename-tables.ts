// The statements with which tables change places, and those around them.
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../backups/record/backup-name.ts';
import type { SavedProgram, TableMove } from './swap-script.ts';
import type { Server } from '../../server/connect/server.ts';
import { DumpStatementError, ServerStatementError } from '../../server/connect/server-failures.ts';

/**
 * How long a statement waits for sessions that use a table, in whole seconds: all that come after it wait behind it,
 * so it gives up soon and is tried again.
 */
const LOCK_WAIT_SECONDS = 1;

/**
 * Moves all tables in one statement: others see all of the old ones, then all of the new ones.
 *
 * @returns false when another session holds on to one of them; then nothing has moved.
 */
export async function renameTables(server: Server, moves: readonly TableMove[]): Promise<boolean> {
  await waitBriefly(server);
  return unlessBusy(() => server.query(renameStatement(moves)));
}

export function renameStatement(moves: readonly TableMove[]): string {
  const qualified = ([schema, name]: readonly [string, string]): string =>
    `${quoteName(schema)}.${quoteName(name)}`;
  return `RENAME TABLE ${moves.map(({ from, to }) => `${qualified(from)} TO ${qualified(to)}`).join(', ')}`;
}

async function waitBriefly(server: Server): Promise<void> {
  // MariaDB waits inside of InnoDB for a prepared XA transaction whose session is gone, with all others behind it.
  await server.query(
    `SET SESSION foreign_key_checks = 0, lock_wait_timeout = ${LOCK_WAIT_SECONDS}, innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
  );
}

async function unlessBusy(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

/** Whether a statement failed because another session uses what it needs. */
export function isBusy(error: unknown): boolean {
  const said = error instanceof ServerStatementError || error instanceof DumpStatementError;
  return said && BUSY.has(error.errno);
}

/** Lock wait timeout, deadlock. */
const BUSY: ReadonlySet<number> = new Set([1205, 1213]);

/**
 * Drops triggers of tables that are about to leave. While they are gone others may write unseen by them, so it is only
 * begun when nobody holds one of the tables.
 *
 * @param names In the order in which they were made; the last goes first, so that those left need not be made again.
 * @returns false when another session holds on to a table; some may be gone then.
 */
export async function dropLeavingTriggers(
  server: Server,
  database: string,
  tables: readonly string[],
  names: readonly string[],
): Promise<boolean> {
  if (names.length === 0) return true;
  await waitBriefly(server);
  const locks = tables.map((table) => `${quoteName(database)}.${quoteName(table)} WRITE`).join(', ');
  try {
    if (!(await unlessBusy(() => server.query(`LOCK TABLES ${locks}`)))) return false;
  } catch (error) {
    // No privilege for it: then each trigger waits for its table.
    if (!(error instanceof ServerStatementError)) throw error;
  }
  try {
    return await unlessBusy(() => dropTriggers(server, database, names.toReversed()));
  } finally {
    await server.query('UNLOCK TABLES').catch(() => undefined); // the connection may be gone, and the locks with it
  }
}

/** The triggers of these tables, as they can be made again. */
export async function readTriggers(
  server: Server,
  database: string,
  tables: readonly string[],
): Promise<readonly SavedProgram[]> {
  const rows = await server.query(
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS table_name FROM information_schema.TRIGGERS
      WHERE EVENT_OBJECT_SCHEMA = ? ORDER BY EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING, ACTION_ORDER`,
    [database],
  );
  const [schema] = await server.query(
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  );
  const triggers: SavedProgram[] = [];
  for (const { name, table_name: table } of rows) {
    if (!tables.includes(String(table))) continue;
    const [row] = await server.query(`SHOW CREATE TRIGGER ${quoteName(database)}.${quoteName(String(name))}`);
    const text = (column: string): string => String(row?.[column] ?? '');
    const charset = text('character_set_client');
    const collation = text('Database Collation');
    triggers.push({
      kind: 'trigger',
      name: String(name),
      settings: {
        ...(collation === '' || collation === schema?.['collation']
          ? {}
          : { database: `COLLATE ${collation}` }),
        sql_mode: `'${text('sql_mode')}'`,
        character_set_client: isTextCharset(charset) ? charset : 'utf8mb4',
        collation_connection: text('collation_connection'),
      },
      // In bytes of the charset that the session will have: ASCII is the same in all of them.
      statement:
        charset === 'latin1'
          ? cp1252Bytes(text('SQL Original Statement'))
          : utf8Bytes(text('SQL Original Statement')),
    });
  }
  return triggers;
}

function isTextCharset(charset: string): boolean {
  return /^(?:utf8|utf8mb3|utf8mb4|latin1|ascii)$/.test(charset);
}

/** What the servers call latin1: Windows' code page, with the euro sign and others where latin1 has control codes. */
const CP1252 = new Map(
  Array.from(
    new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index)),
    (character, index) => [character, String.fromCharCode(0x80 + index)] as const,
  ),
);

function cp1252Bytes(text: string): string {
  return Array.from(text, (character) => CP1252.get(character) ?? character).join('');
}

function utf8Bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export async function dropTriggers(server: Server, schema: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await server.query(`DROP TRIGGER IF EXISTS ${quoteName(schema)}.${quoteName(name)}`);
}

export async function readTriggerNames(server: Server, schema: string): Promise<readonly string[]> {
  const rows = await server.query(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?',
    [schema],
  );
  return rows.map(({ name }) => String(name));
}

export function busyTables(database: string, seconds: number): DbBackupError {
  return new DbBackupError(
    'restore-failed',
    `Other sessions have held tables of ${database} for ${seconds} seconds, so the new ones could not take their place.`,
    { hint: 'Find them with SHOW PROCESSLIST, let their transactions end or KILL them, then restore again.' },
  );
}
