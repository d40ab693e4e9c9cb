// Databases with one object of every kind, and what an account really can do there: found out by trying, not by reading.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type * as servers from '../../src/server/connect/server.ts';
import type * as secrets from '../../src/run/secret.ts';
import type { Server } from '../../src/server/connect/server.ts';
import type { TestServer } from '../harness/test-server.ts';
import type { Program } from './family.ts';
import { DATABASES, NAMED_TABLES } from './grant-sets.ts';

/** No grant names the table `planted`, so that what an account may do with it holds on the database. */
export function plantedSql(): string {
  return DATABASES.map(
    (database) => `CREATE DATABASE \`${database}\`; USE \`${database}\`;
      CREATE TABLE planted (id INT PRIMARY KEY) ENGINE = InnoDB;
      ${NAMED_TABLES.map((name) => `CREATE TABLE ${name} (id INT PRIMARY KEY) ENGINE = InnoDB;`).join('\n')}
      CREATE VIEW planted_view AS SELECT id FROM planted;
      CREATE TRIGGER planted_trigger BEFORE INSERT ON planted FOR EACH ROW SET NEW.id = NEW.id;
      CREATE PROCEDURE planted_procedure() SELECT 1;
      CREATE FUNCTION planted_function() RETURNS INT DETERMINISTIC RETURN 1;
      CREATE EVENT planted_event ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;`,
  ).join('\n');
}

/** A module of the program that is put to the test. */
export async function moduleOf<T>({ dist }: Program, path: string): Promise<T> {
  return (await import(pathToFileURL(join(dist, path)).href)) as T;
}

export async function login(
  program: Program,
  server: TestServer,
  as: { readonly user: string; readonly password?: string },
): Promise<Server> {
  const { connectServer } = await moduleOf<typeof servers>(program, 'server/connect/server.js');
  const { Secret } = await moduleOf<typeof secrets>(program, 'run/secret.js');
  const connection = {
    endpoint: { kind: 'tcp', host: server.host, port: server.port } as const,
    user: as.user,
    password: as.password === undefined ? undefined : new Secret(as.password),
    ssl: { mode: 'PREFERRED' } as const,
    database: undefined,
    sources: {},
  };
  return connectServer(connection, new AbortController().signal);
}

/** What the server refuses for want of a privilege. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143, 1227, 1370]);

/** @returns whether the server lets the account do it; that it fails for another reason does not matter. */
async function mayDo(server: Server, statement: string): Promise<boolean> {
  try {
    await server.query(statement);
    return true;
  } catch (error) {
    const { errno } = ((error as Error).cause ?? {}) as { readonly errno?: number };
    if (errno === undefined) throw error;
    return !DENIED.has(errno);
  }
}

/** Each is refused, or fails because of a name that is there or is not: none changes anything. */
const ATTEMPTS: Readonly<Record<string, (schema: string) => string>> = {
  SELECT: (schema) => `SELECT 1 FROM ${schema}.planted LIMIT 0`,
  INSERT: (schema) => `INSERT INTO ${schema}.absent VALUES (1)`,
  UPDATE: (schema) => `UPDATE ${schema}.absent SET id = 1`,
  DELETE: (schema) => `DELETE FROM ${schema}.absent`,
  CREATE: (schema) => `CREATE TABLE ${schema}.planted (id INT)`,
  DROP: (schema) => `DROP TABLE ${schema}.absent`,
  ALTER: (schema) => `ALTER TABLE ${schema}.absent ADD a INT`,
  INDEX: (schema) => `CREATE INDEX i ON ${schema}.absent (a)`,
  'CREATE VIEW': (schema) => `CREATE VIEW ${schema}.planted AS SELECT 1`,
  'CREATE ROUTINE': (schema) => `CREATE PROCEDURE ${schema}.planted_procedure() SELECT 1`,
  'ALTER ROUTINE': (schema) => `DROP PROCEDURE ${schema}.absent`,
  EXECUTE: (schema) => `CALL ${schema}.absent()`,
  EVENT: (schema) => `DROP EVENT ${schema}.absent`,
  'SHOW VIEW': (schema) => `SHOW CREATE VIEW ${schema}.planted_view`,
  'LOCK TABLES': (schema) => `LOCK TABLES ${schema}.absent READ`,
  REFERENCES: (schema) =>
    `CREATE TABLE ${schema}.planted (id INT, FOREIGN KEY (id) REFERENCES ${schema}.planted (id))`,
};
/** What can only be tried together with another privilege. */
export const TRIED_WITH: Readonly<Record<string, string>> = {
  'SHOW VIEW': 'SELECT',
  'LOCK TABLES': 'SELECT',
  REFERENCES: 'CREATE',
};

/** What an account really can do in a database. */
export interface Sight {
  /** By privilege, on everything in the database. */
  readonly may: ReadonlyMap<string, boolean>;
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly routines: readonly { readonly name: string; readonly bodyVisible: boolean }[];
  readonly unreadableTriggers: readonly string[];
  /** All of the database can be read: every kind, with every definition. */
  readonly isWhole: boolean;
}

export async function look(server: Server, database: string): Promise<Sight> {
  const schema = `\`${database}\``;
  const may = new Map<string, boolean>();
  for (const [privilege, attempt] of Object.entries(ATTEMPTS)) {
    // MariaDB takes any privilege on the parent's columns for it.
    if (privilege === 'REFERENCES' && server.flavour === 'mariadb') continue;
    may.set(privilege, await mayDo(server, attempt(schema)));
  }
  const ask = (sql: string) => server.query(sql, [database, database]);
  const where = (column: string): string =>
    `WHERE ${column} = ? AND CAST(${column} AS BINARY) = CAST(? AS BINARY)`;
  const triggers = await ask(
    `SELECT TRIGGER_NAME AS name, ACTION_STATEMENT AS body FROM information_schema.TRIGGERS ${where('EVENT_OBJECT_SCHEMA')}`,
  );
  may.set(
    'TRIGGER',
    triggers.some(({ body }) => body !== null),
  );
  const tables = await ask(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES ${where('TABLE_SCHEMA')}`,
  );
  const namesOf = (isView: boolean): string[] =>
    tables.filter(({ type }) => (type === 'VIEW') === isView).map(({ name }) => String(name));
  const routines = await ask(
    `SELECT ROUTINE_NAME AS name, ROUTINE_DEFINITION AS body FROM information_schema.ROUTINES ${where('ROUTINE_SCHEMA')}`,
  );
  return {
    may,
    tables: namesOf(false),
    views: namesOf(true),
    routines: routines.map(({ name, body }) => ({ name: String(name), bodyVisible: body !== null })),
    unreadableTriggers: triggers.filter(({ body }) => body === null).map(({ name }) => String(name)),
    isWhole:
      ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'].every((privilege) => may.get(privilege)) &&
      routines.filter(({ body }) => body !== null).length === 2,
  };
}
