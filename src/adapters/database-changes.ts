// The statements of our own that change a database: what a restore creates, clears and drops around the load.
import { quoteName } from '../model/names.ts';
import type { ObjectNames } from '../model/restore-plan.ts';
import type { Server } from './server.ts';

/** How long a statement waits for sessions that use a table: a restore that cannot begin should say so soon. */
const LOCK_WAIT_SECONDS = 60;

export interface DatabaseDefaults {
  readonly charset: string;
  readonly collation: string;
}

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
  if (defaults === undefined) return '';
  const word = (name: string): string => name.replaceAll(/\W/g, '');
  return ` CHARACTER SET ${word(defaults.charset)} COLLATE ${word(defaults.collation)}`;
}

/**
 * Drops the named objects; what is not there is passed over. All tables go in one statement, which waits for all of
 * them before it drops the first.
 *
 * @param onChange Called before the first statement that changes something.
 */
export async function dropObjects(
  server: Server,
  database: string,
  names: ObjectNames,
  onChange: () => void,
): Promise<void> {
  const qualified = (name: string): string => `${quoteName(database)}.${quoteName(name)}`;
  const list = (objects: readonly string[]): string => objects.map(qualified).join(', ');
  await server.query(`SET SESSION foreign_key_checks = 0, lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  // Triggers and events first: nothing may fire while the rest goes.
  const statements = [
    ...names.events.map((event) => `DROP EVENT IF EXISTS ${qualified(event)}`),
    ...(names.tables.length > 0 ? [`DROP TABLE IF EXISTS ${list(names.tables)}`] : []),
    ...(names.views.length > 0 ? [`DROP VIEW IF EXISTS ${list(names.views)}`] : []),
    ...names.triggers.map((trigger) => `DROP TRIGGER IF EXISTS ${qualified(trigger)}`),
    ...names.routines.map((routine) => {
      const [, type = '', name = ''] =
        /^(procedure|function|package body|package) (.*)$/s.exec(routine) ?? [];
      return `DROP ${type.toUpperCase()} IF EXISTS ${qualified(name)}`;
    }),
  ];
  for (const [index, statement] of statements.entries()) {
    await server.query(statement);
    if (index === 0) onChange();
  }
}
