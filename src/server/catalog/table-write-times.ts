import { ENGINES_THAT_DATE_WRITES } from '../../sql/definitions/engines.ts';
import type { Server } from '../connect/server.ts';

/** Seconds since 1970 by the server's own clock, which its tables' times go by. */
export async function readServerTime(server: Server): Promise<number> {
  const [row] = await server.query('SELECT UNIX_TIMESTAMP() AS now');
  return Number(row?.['now']);
}

/**
 * The InnoDB and MyISAM tables of a schema to which somebody has written in a later second than this one. It is known of tables that the
 * server has written to since it was started, and a RENAME takes it along (seen on MariaDB 10.11, 11.8, MySQL 9.7).
 *
 * @param since Seconds since 1970, by the server's clock.
 */
export async function readTablesWrittenSince(
  server: Server,
  schema: string,
  since: number,
): Promise<readonly string[]> {
  const rows = await server.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND UNIX_TIMESTAMP(UPDATE_TIME) > ?
        AND ENGINE IN (${ENGINES_THAT_DATE_WRITES.map(() => '?').join(', ')}) ORDER BY 1`,
    [schema, since, ...ENGINES_THAT_DATE_WRITES],
  );
  return rows.map(({ name }) => String(name));
}
