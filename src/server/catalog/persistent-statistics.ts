import { DbBackupError } from '../../run/errors.ts';
import type { Server } from '../connect/server.ts';

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
