import { ServerStatementError } from '../connect/server-failures.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { ReadOnlyServer } from './read-only-server.ts';
import type { Row, Server } from '../connect/server.ts';

/** The statement cannot be executed with an option that the server runs with. */
const OPTION_PREVENTS = 1290;

/**
 * Whether the server keeps its accounts from changing anything, and this one, too. Accounts with privileges of their own
 * (SUPER, READ ONLY ADMIN, CONNECTION_ADMIN) may write to some read-only servers, so the server is asked: none begins a
 * transaction that writes where the account may not.
 *
 * @param server Its session must be in no transaction.
 * @returns undefined when nothing is read-only.
 */
export async function readReadOnly(
  server: Pick<Server, 'flavour' | 'query'>,
): Promise<ReadOnlyServer | undefined> {
  const settings = await readSettings(server);
  if (settings.length === 0) return undefined;
  const mayWrite = !settings.includes('innodb_read_only') && (await beginsToWrite(server));
  return { settings, mayWrite, sources: await readSources(server) };
}

/** Those that are on, of those that the server has. */
async function readSettings(server: Pick<Server, 'query'>): Promise<readonly string[]> {
  const rows = await server.query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only')",
  );
  const values = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
  // MariaDB 12 has words for it: OFF, ON, NO_LOCK, NO_LOCK_NO_ADMIN.
  return ['read_only', 'super_read_only', 'innodb_read_only'].filter(
    (name) => (values.get(name) ?? 'OFF') !== 'OFF',
  );
}

async function beginsToWrite(server: Pick<Server, 'query'>): Promise<boolean> {
  try {
    await server.query('START TRANSACTION READ WRITE');
  } catch (error) {
    if (error instanceof ServerStatementError && error.errno === OPTION_PREVENTS) return false;
    throw error;
  }
  await server.query('ROLLBACK');
  return true;
}

/** The servers that it replicates from: `db1:3306`. None where the account may not ask, or it is no replica. */
async function readSources(server: Pick<Server, 'flavour' | 'query'>): Promise<readonly string[]> {
  const isMysql = server.flavour === 'mysql';
  try {
    const rows = await server.query(isMysql ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS');
    return rows.flatMap((row) => {
      const [host, port] = isMysql ? both(row, 'Source') : both(row, 'Master');
      return host === '' ? [] : [`${host}:${port}`];
    });
  } catch (error) {
    const isRefused = error instanceof ServerStatementError;
    if (!isRefused && !(error instanceof DbBackupError && error.code === 'access-denied')) throw error;
    return [];
  }
}

function both(row: Row, prefix: string): readonly [host: string, port: string] {
  return [String(row[`${prefix}_Host`] ?? ''), String(row[`${prefix}_Port`] ?? '')];
}

/** Whether a database takes no changes, whatever the account may do (MySQL's `ALTER DATABASE … READ ONLY = 1`). */
export async function isReadOnlyDatabase(
  server: Pick<Server, 'flavour' | 'query'>,
  database: string,
): Promise<boolean> {
  if (server.flavour !== 'mysql') return false;
  try {
    const [row] = await server.query(
      'SELECT OPTIONS AS options FROM information_schema.SCHEMATA_EXTENSIONS WHERE SCHEMA_NAME = ?',
      [database],
    );
    return String(row?.['options']).includes('READ ONLY=1');
  } catch (error) {
    if (error instanceof ServerStatementError) return false; // MySQL before 8.0.22 has no such thing
    throw error;
  }
}
