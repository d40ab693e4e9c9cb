import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { quoted } from './test-server.ts';
import type { TestServer } from './test-server.ts';
import { waitFor } from './wait-for.ts';

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
    `SELECT id FROM ${server.processlist} WHERE db = '${database}' AND state LIKE 'Waiting for table%'`,
  );
  return rows === '' ? undefined : Number(rows.split('\n')[0]);
}

/** The connection that holds dbbackup's lock on the database. */
export async function lockConnection(server: TestServer, database: string): Promise<number> {
  return Number(await server.query(`SELECT IS_USED_LOCK('dbbackup:${database}')`));
}

/**
 * Leaves a change to a table prepared in an XA transaction whose session is gone. It is rolled back by the function
 * that comes back, and after the test.
 */
export async function prepareTransaction(
  server: TestServer,
  database: string,
  change: string,
): Promise<() => Promise<void>> {
  const name = `'${database}'`;
  await server.sql(`XA START ${name}; ${change}; XA END ${name}; XA PREPARE ${name};`, database);
  let isThere = true;
  const rollBack = async () => {
    if (isThere) await server.sql(`XA ROLLBACK ${name};`);
    isThere = false;
  };
  onTestFinished(rollBack);
  return rollBack;
}

/**
 * Leaves a statement waiting on a session of its own, with all locks that it has taken by then. It is killed by the
 * function that comes back, and after the test.
 *
 * @returns also whether it waits still.
 */
export async function leaveWaiting(
  server: TestServer,
  statement: string,
): Promise<{ readonly waits: () => Promise<boolean>; readonly end: () => Promise<void> }> {
  const session = execa(server.client, [...server.clientOptions, '--batch', '--unbuffered'], {
    reject: false,
    input: `SET SESSION lock_wait_timeout = 3600, innodb_lock_wait_timeout = 3600;\n${statement};\n`,
    forceKillAfterDelay: 1_000,
  });
  const find = async (): Promise<number | undefined> => {
    const rows = await server.query(
      `SELECT ID FROM ${server.processlist} WHERE INFO = '${statement.replaceAll("'", "''")}'`,
    );
    return rows === '' ? undefined : Number(rows);
  };
  const id = await waitFor('the statement', find);
  const end = async () => {
    if ((await find()) === id) await server.sql(`KILL ${id}`);
    await session;
  };
  onTestFinished(end);
  return { waits: async () => (await find()) === id, end };
}
