// The statements with which tables change places, and those around them.
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { TableMove } from './table-moves.ts';
import type { Server } from '../../server/connect/server.ts';
import { DumpStatementError, ServerStatementError } from '../../server/connect/server-failures.ts';
import { dropTriggers } from '../../server/change/triggers.ts';

/**
 * How long a statement waits for sessions that use a table, in whole seconds: all that come after it wait behind it,
 * so it gives up soon and is tried again.
 */
const LOCK_WAIT_SECONDS = 1;

/** In which recovery finds a session that still waits, should this run die: before it moves anything. */
export async function useOldSchema(server: Server, old: string): Promise<void> {
  await server.query(`USE ${quoteName(old)}`);
}

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
 * @param names In the order in which they were made; the last is dropped first, so that the others need not be created
 *   again.
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

export function busyTables(database: string, seconds: number): DbBackupError {
  return new DbBackupError(
    'restore-failed',
    `Other sessions have held tables of ${database} for ${seconds} seconds, so the new ones could not be swapped in.`,
    { hint: 'Find them with SHOW PROCESSLIST and end their transactions or KILL them, then restore again.' },
  );
}
