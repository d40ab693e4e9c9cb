import { ENGINES_THAT_DATE_WRITES } from '../../sql/definitions/engines.ts';
import { wasRefused } from '../connect/server-failures.ts';
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

/** The moment before which a snapshot begins, by the server's clock in seconds since 1970. */
export interface SnapshotTime {
  readonly begunAt: number;
  /**
   * A table whose last write is older than this has none that the snapshot lacks. undefined: it cannot be told; which
   * transactions are open only PROCESS lets an account see.
   */
  readonly settledBefore: number | undefined;
}

/**
 * UPDATE_TIME has whole seconds, of a clock that may lag behind that of a statement, and a transaction may take a
 * moment from being dated to being seen.
 */
const MARGIN_SECONDS = 2;

/**
 * To be asked before a snapshot begins.
 *
 * A table's UPDATE_TIME is set when a transaction commits: on MySQL to the time of the commit, on MariaDB to the time at
 * which the transaction began (seen on 10.11, 11.8 and 9.7). So there it counts back to the oldest open one.
 */
export async function readSnapshotTime(server: Server): Promise<SnapshotTime> {
  const begunAt = await readServerTime(server);
  if (server.flavour === 'mysql') return { begunAt, settledBefore: begunAt - MARGIN_SECONDS };
  try {
    return { begunAt, settledBefore: await oldestOpen(server, begunAt) };
  } catch (error) {
    if (!wasRefused(error)) throw error;
    return { begunAt, settledBefore: undefined };
  }
}

/**
 * When the oldest open transaction that may write began, less the margin.
 *
 * MariaDB gives it in the time zone of the system, whatever the session's is: undefined when that zone has changed its
 * clocks lately, so that an hour came twice.
 */
async function oldestOpen(server: Server, now: number): Promise<number | undefined> {
  const [row] = await server.query(
    `SET STATEMENT time_zone = 'SYSTEM' FOR
      SELECT oldest, ${offsetAt(String(now))} AS offset_now, ${offsetAt(`oldest - ${CLOCKS_CHANGED_SECONDS}`)} AS offset_then
        FROM (SELECT COALESCE(LEAST(UNIX_TIMESTAMP(MIN(trx_started)), ${now}), ${now}) AS oldest
          FROM information_schema.INNODB_TRX WHERE trx_is_read_only = 0) AS trx`,
  );
  if (row === undefined || Number(row['offset_now']) !== Number(row['offset_then'])) return undefined;
  return Math.floor(Number(row['oldest'])) - MARGIN_SECONDS;
}

const CLOCKS_CHANGED_SECONDS = 3 * 3600;

/** The distance of the session's time zone from UTC. */
function offsetAt(seconds: string): string {
  return `TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00' + INTERVAL (${seconds}) SECOND, FROM_UNIXTIME(${seconds}))`;
}

/**
 * The tables of a schema that have certainly not been written to since then: of the one engine that tells, and if it
 * tells, which it forgets when the server is started anew, or the table is long unused.
 *
 * @param settledBefore See `SnapshotTime`.
 */
export async function readSettledTables(
  server: Server,
  schema: string,
  settledBefore: number,
): Promise<ReadonlySet<string>> {
  const rows = await server.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE = 'InnoDB'
        AND CREATE_OPTIONS NOT LIKE '%partitioned%' AND UNIX_TIMESTAMP(UPDATE_TIME) < ?`,
    [schema, settledBefore],
  );
  return new Set(rows.map(({ name }) => String(name)));
}
