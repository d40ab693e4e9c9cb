import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { quoted } from './test-server.ts';
import type { TestServer } from './test-server.ts';

/**
 * Locks a table in a session of its own, so that whatever reads its rows waits. It is released by the function that
 * comes back, and after the test.
 */
export async function holdTable(
  server: TestServer,
  database: string,
  table: string,
): Promise<() => Promise<void>> {
  const session = execa(
    server.client,
    [...server.clientOptions, '--batch', '--skip-column-names', '--unbuffered'],
    { reject: false, forceKillAfterDelay: 1_000 },
  );
  const held = new Promise((resolve) => session.stdout.once('data', resolve));
  session.stdin.on('error', () => undefined); // the test may have ended the server
  session.stdin.write(`LOCK TABLES ${quoted(database)}.${quoted(table)} WRITE;\nSELECT 'held';\n`);
  const release = async () => {
    session.stdin.end();
    await session;
  };
  onTestFinished(release);
  await held;
  return release;
}

/** The connection of a program that waits for a table in this database. */
export async function waitingConnection(server: TestServer, database: string): Promise<number | undefined> {
  const rows = await server.query(
    `SELECT id FROM information_schema.PROCESSLIST WHERE db = '${database}' AND state LIKE 'Waiting for table%'`,
  );
  return rows === '' ? undefined : Number(rows.split('\n')[0]);
}

/** The connection that holds dbbackup's lock on the database. */
export async function lockConnection(server: TestServer, database: string): Promise<number> {
  return Number(await server.query(`SELECT IS_USED_LOCK('dbbackup:${database}')`));
}
