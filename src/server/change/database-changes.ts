// Our own statements that change a database: what a restore creates, clears and drops around the load.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseDefaults } from '../../sql/definitions/database-defaults.ts';
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { Server } from '../connect/server.ts';
import { listSessions } from '../instance/sessions.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

/** How long a statement waits for sessions that use a table: a restore that cannot start should report it soon. */
const LOCK_WAIT_SECONDS = 60;

/** @param defaults undefined: the server's. */
export async function createDatabase(
  server: Server,
  database: string,
  defaults: DatabaseDefaults | undefined,
): Promise<void> {
  await server.query(`CREATE DATABASE ${quoteName(database)}${defaultsClause(defaults)}`);
}

export async function alterDatabase(
  server: Server,
  database: string,
  defaults: DatabaseDefaults,
): Promise<void> {
  await server.query(`ALTER DATABASE ${quoteName(database)}${defaultsClause(defaults)}`);
}

export async function dropDatabase(server: Server, database: string): Promise<void> {
  await server.query(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
}

function defaultsClause(defaults: DatabaseDefaults | undefined): string {
  const clause = (keyword: string, name: string | undefined): string =>
    name === undefined ? '' : ` ${keyword} ${name.replaceAll(/\W/g, '')}`;
  return clause('CHARACTER SET', defaults?.charset) + clause('COLLATE', defaults?.collation);
}

/**
 * Drops the named objects; missing ones are skipped. All tables are dropped in one statement, which waits for all of
 * them before it drops the first.
 *
 * @param onChange Called once as soon as something may have changed.
 * @throws {DbBackupError} `restore-failed` when another session holds on to one of them.
 */
export async function dropObjects(
  server: Server,
  database: string,
  names: ObjectNames,
  onChange: () => void,
): Promise<void> {
  const qualified = (name: string): string => `${quoteName(database)}.${quoteName(name)}`;
  const list = (objects: readonly string[]): string => objects.map(qualified).join(', ');
  await server.query(
    `SET SESSION foreign_key_checks = 0, lock_wait_timeout = ${LOCK_WAIT_SECONDS}, innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
  );
  if (names.tables.length > 0) {
    await server.query(`DROP TABLE IF EXISTS ${list(names.tables)}`).catch((error: unknown) => {
      onChange(); // a server may have dropped some of them already
      const isBusy = error instanceof ServerStatementError && error.errno === LOCK_WAIT_TIMEOUT;
      throw isBusy ? busy(database, error) : error;
    });
  }
  onChange();
  const routines = names.routines.map(objectNamed);
  const statements = [
    ...names.events.map((event) => `DROP EVENT IF EXISTS ${qualified(event)}`),
    ...(names.views.length > 0 ? [`DROP VIEW IF EXISTS ${list(names.views)}`] : []),
    ...names.triggers.map((trigger) => `DROP TRIGGER IF EXISTS ${qualified(trigger)}`),
    // MariaDB before 11.3 knows packages in this mode only; backticks mean the same in every mode.
    ...(routines.some(({ kind }) => kind === 'package') ? ["SET SESSION sql_mode = 'ORACLE'"] : []),
    ...routines.map(({ kind, name }) => `DROP ${kind.toUpperCase()} IF EXISTS ${qualified(name)}`),
  ];
  for (const statement of statements) await server.query(statement);
}

const LOCK_WAIT_TIMEOUT = 1205;

function busy(database: string, cause: unknown): DbBackupError {
  return new DbBackupError(
    'restore-failed',
    `Another session has held a table of ${database} for ${LOCK_WAIT_SECONDS} seconds.`,
    { hint: 'Find it with SHOW PROCESSLIST and end its transaction or KILL it, then restore again.', cause },
  );
}

/** Ends another connection of the same account, and waits until it has ended and can do nothing any more. */
export async function endConnection(server: Server, connectionId: number): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await listSessions(server)).some(({ id }) => id === connectionId);
  if (!(await isThere())) return;
  // It may end by itself in between: error 1094, no such connection.
  await server.query(`KILL ${connectionId}`).catch(() => undefined);
  while (await isThere()) await sleep(50);
}
