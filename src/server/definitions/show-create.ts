// How the server describes tables and views: what SHOW CREATE says to a dump tool.
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';

/** From here on MySQL prints a secondary engine unless it is told not to, as its dump tool does. */
const PRINTS_SECONDARY_ENGINE = '8.0.18';

/** Makes the session read definitions of a schema as dump tools do, whatever the server's own settings are. */
export async function readAsDumpTools(server: Server, schema: string): Promise<void> {
  await server.query("SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00'");
  if (server.flavour === 'mysql' && !isOlder(server.version, PRINTS_SECONDARY_ENGINE))
    await server.query('SET SESSION show_create_table_skip_secondary_engine = 1');
  await server.query(`USE ${quoteName(schema)}`);
}

/**
 * A database as the server would make it again: with its charset, collation, comment and, on MySQL, encryption.
 *
 * @returns undefined: the account has no privilege on it, though it may see that it is there.
 */
export async function describeDatabase(server: Server, database: string): Promise<string | undefined> {
  const [row] = await server
    .query(`SHOW CREATE DATABASE ${quoteName(database)}`)
    .catch((error: unknown): [] => {
      if (error instanceof DbBackupError && error.code === 'access-denied') return [];
      throw error;
    });
  if (row === undefined) return undefined;
  // How the server quotes the name depends on the session.
  const defaults = String(row['Create Database']).replace(CREATE_AND_NAME, '');
  return `CREATE DATABASE ${quoteName(database)}${defaults}`;
}

const CREATE_AND_NAME = /^CREATE DATABASE (?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\S+)/;

/** In the schema that the session uses. */
export async function describeTable(
  server: Server,
  name: string,
  kind: 'TABLE' | 'SEQUENCE' = 'TABLE',
): Promise<string> {
  const [row] = await server.query(`SHOW CREATE ${kind} ${quoteName(name)}`);
  return String(row?.['Create Table']);
}

/** In the schema that the session uses. undefined: the account may not see it, or it is broken. */
export async function describeView(server: Server, name: string): Promise<string | undefined> {
  try {
    const [row] = await server.query(`SHOW CREATE VIEW ${quoteName(name)}`);
    return String(row?.['Create View']);
  } catch (error) {
    if (error instanceof DbBackupError && SERVER_SAYS.has(error.code)) return undefined;
    throw error;
  }
}

/** Refused, by whatever error; a connection that is lost says nothing of the view. */
const SERVER_SAYS: ReadonlySet<string> = new Set(['failed', 'access-denied', 'not-found']);

/** The default collation of each charset. */
export async function readDefaultCollations(server: Server): Promise<ReadonlyMap<string, string>> {
  const rows = await server.query(
    'SELECT CHARACTER_SET_NAME AS charset, DEFAULT_COLLATE_NAME AS collation FROM information_schema.CHARACTER_SETS',
  );
  return new Map(rows.map(({ charset, collation }) => [String(charset), String(collation)]));
}

/** @returns what makes two names of tables equal that the server takes for the same. */
export async function readNameFolding(server: Server): Promise<(name: string) => string> {
  const [row] = await server.query('SELECT @@lower_case_table_names AS setting');
  return Number(row?.['setting']) === 0 ? (name) => name : (name) => name.toLowerCase();
}
