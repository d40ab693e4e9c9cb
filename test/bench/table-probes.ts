import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import type { TestServer } from '../harness/test-server.ts';

/** What a reader and a writer met, who never stopped using the tables. */
export interface Seen {
  /** Queries of both. */
  readonly looks: number;
  /** The longest that one query took, in milliseconds. */
  readonly longestMs: number;
  /** Queries that found no such table. */
  readonly missing: number;
  /** Times that a table had neither its old nor its new number of rows. */
  readonly halfFilled: number;
  /** Everything else that failed, each message once. */
  readonly errors: ReadonlySet<string>;
}

const PAUSE_MS = 3;
const NO_SUCH_TABLE = 1146;

/**
 * Reads and writes the tables of a database in turn, every few milliseconds over two connections, while something
 * else is done.
 *
 * @param tables With the numbers of rows that each may be seen with.
 */
export async function probeWhile(
  server: TestServer,
  database: string,
  tables: ReadonlyMap<string, readonly number[]>,
  work: () => Promise<unknown>,
): Promise<Seen> {
  const seen = { looks: 0, longestMs: 0, missing: 0, halfFilled: 0, errors: new Set<string>() };
  let isOver = false;
  const probe = async (look: (connection: Connection, table: string) => Promise<void>): Promise<void> => {
    const connection = await createConnection({ socketPath: server.socket, user: server.user });
    for (let n = 0; !isOver; n += 1) {
      const table = [...tables.keys()][n % tables.size] ?? '';
      const startedAt = performance.now();
      try {
        await look(connection, table);
      } catch (error) {
        const { errno, message } = error as Error & { errno?: number };
        if (errno === NO_SUCH_TABLE) seen.missing += 1;
        else seen.errors.add(message);
      }
      seen.looks += 1;
      seen.longestMs = Math.max(seen.longestMs, performance.now() - startedAt);
      await sleep(PAUSE_MS);
    }
    await connection.end();
  };
  const reader = probe(async (connection, table) => {
    const [rows] = await connection.query(`SELECT COUNT(*) AS count FROM ${database}.${table}`);
    const [{ count }] = rows as [{ count: number }];
    if (tables.get(table)?.includes(count) !== true) seen.halfFilled += 1;
  });
  const writer = probe(async (connection, table) => {
    // Locks the table and the row as any change does, and leaves the number of rows alone.
    await connection.query(`UPDATE ${database}.${table} SET id = id ORDER BY id DESC LIMIT 1`);
  });
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all([reader, writer]);
  }
  return seen;
}
