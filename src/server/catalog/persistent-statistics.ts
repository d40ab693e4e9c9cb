import { DbBackupError } from '../../run/errors.ts';
import type { Server } from '../connect/server.ts';
import { isOlder } from '../connect/version.ts';

/**
 * Tables for which MariaDB keeps statistics of its own (`ANALYZE TABLE … PERSISTENT FOR …`), which go with a table that
 * is dropped. MySQL's histograms are in its dumps. Empty where our account may not know.
 */
export async function readTablesWithStatistics(server: Server, database: string): Promise<readonly string[]> {
  if (server.flavour !== 'mariadb') return [];
  try {
    const rows = await server.query(
      'SELECT DISTINCT table_name AS name FROM mysql.column_stats WHERE db_name = ? ORDER BY 1',
      [database],
    );
    return rows.map(({ name }) => String(name));
  } catch (error) {
    if (error instanceof DbBackupError && error.code === 'access-denied') return [];
    throw error;
  }
}

/** The first release of MySQL that has them. */
const HISTOGRAMS_SINCE = '8.0.2';

/** Whether a column of a database has one that our account, and so its dump tool, may see. Only MySQL has any. */
export async function hasHistograms(server: Server, database: string): Promise<boolean> {
  if (server.flavour !== 'mysql' || isOlder(server.version, HISTOGRAMS_SINCE)) return false;
  const rows = await server.query(
    'SELECT 1 FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = ? LIMIT 1',
    [database],
  );
  return rows.length > 0;
}
