import { createConnection } from 'mysql2/promise';
import type { RowDataPacket } from 'mysql2/promise';
import type { TestServer } from '../../harness/test-server.ts';
import { quoted } from './names.ts';
import type { Statement } from './schema.ts';

/** What the server did not take, in its words. */
export interface Refusal {
  readonly text: string;
  readonly reason: string;
}

/**
 * Gives the server one statement after the other, each whole and as it is, comments at its ends and all. What it does
 * not take is left out.
 */
export async function buildSchema(
  server: TestServer,
  statements: readonly Statement[],
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  await using session = await openSession(server);
  let current = '';
  for (const { text, mode } of statements) {
    if (mode !== current) await session.query(`SET SESSION sql_mode = '${mode}'`);
    current = mode;
    try {
      await session.query(text);
    } catch (error) {
      refusals.push({ text, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return [...refusals, ...(await dropBroken(session))];
}

/** Servers take views that they cannot read afterwards, nor their own tools dump: these are not taken either. */
async function dropBroken({ query }: Session): Promise<readonly Refusal[]> {
  const views = await query(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW'",
  );
  const refusals: Refusal[] = [];
  for (const { name = '' } of views) {
    try {
      await query(`SHOW CREATE TABLE ${quoted(name)}`);
      await query(`SHOW FIELDS FROM ${quoted(name)}`);
      await query(`SELECT 1 FROM ${quoted(name)} LIMIT 0`); // MySQL may describe what it cannot read
    } catch (error) {
      await query(`DROP VIEW ${quoted(name)}`);
      refusals.push({ text: `VIEW ${name}`, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  // Those that read one that is gone are broken now.
  return refusals.length === 0 ? [] : [...refusals, ...(await dropBroken({ query }))];
}

export async function dropSchemas(server: TestServer, databases: readonly string[]): Promise<void> {
  await using session = await openSession(server);
  for (const database of databases) await session.query(`DROP DATABASE IF EXISTS ${quoted(database)}`);
}

interface Session {
  readonly query: (text: string) => Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Through the driver, because the stock clients change comments, and take a moment to start. */
async function openSession(server: TestServer): Promise<Session & AsyncDisposable> {
  const connection = await createConnection({
    socketPath: server.socket,
    user: server.user,
    charset: 'utf8mb4',
  });
  // Rows of zero dates and parents that never come are what old databases hold.
  await connection.query("SET SESSION foreign_key_checks = 0, sql_mode = ''");
  return {
    query: async (text) => {
      const [rows] = await connection.query<RowDataPacket[]>(text);
      return rows;
    },
    [Symbol.asyncDispose]: async () => {
      await connection.end();
    },
  };
}
