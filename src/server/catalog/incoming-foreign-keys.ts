import { setTimeout as sleep } from 'node:timers/promises';
import { DbBackupError } from '../../run/errors.ts';
import { quoteAccount } from '../privileges/missing-privileges.ts';
import { readPrivileges } from '../privileges/account-privileges.ts';
import type { Row, Server } from '../connect/server.ts';

/** A foreign key that a table outside of what is replaced has into it: it would follow the old table. */
export interface ForeignReference {
  readonly fromDatabase: string;
  readonly fromTable: string;
  readonly table: string;
}

/**
 * Foreign keys into tables of a database, from other databases and from its own tables that stay. Of other
 * databases only those that the account may see.
 *
 * @throws {DbBackupError} `failed` when other sessions hold tables that would have to be opened to tell.
 */
export async function readForeignReferences(
  server: Server,
  database: string,
  stays: readonly string[],
): Promise<readonly ForeignReference[]> {
  const staying = new Set(stays);
  return (await readReferences(server, database))
    .map((row) => ({
      fromDatabase: String(row['from_database']),
      fromTable: String(row['from_table']),
      table: String(row['to_table']),
    }))
    .filter(({ fromDatabase, fromTable, table }) =>
      fromDatabase === database ? staying.has(fromTable) && !staying.has(table) : true,
    );
}

/** Tables of a database that have foreign keys to others of it, or others to them. */
export async function readRelatedTables(server: Server, database: string): Promise<ReadonlySet<string>> {
  const rows = await readReferences(server, database);
  return new Set(
    rows.flatMap((row) => [
      ...(row['from_database'] === database ? [String(row['from_table'])] : []),
      String(row['to_table']),
    ]),
  );
}

/**
 * Whether tables of a database may have foreign keys. It opens no table, as it takes to read them: where that would be
 * needed to tell, they may.
 */
export async function mayHaveForeignKeys(server: Server, database: string): Promise<boolean> {
  if (server.flavour === 'mysql') return true; // whose catalogue gives them without opening a table
  const rows = await unlessRefused(() => server.query(HAS_KEYS, [database, database]));
  return rows === undefined || rows.length > 0;
}

async function readReferences(server: Server, database: string): Promise<readonly Row[]> {
  if (server.flavour === 'mysql') return server.query(CONSTRAINTS, [database]);
  return (await readFromInnodb(server, database)) ?? (await readByOpening(server, database));
}

const CONSTRAINTS = `SELECT CONSTRAINT_SCHEMA AS from_database, TABLE_NAME AS from_table,
    REFERENCED_TABLE_NAME AS to_table
  FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = ?`;

/**
 * Asks MariaDB's InnoDB, which opens no table to tell.
 *
 * @returns undefined when it the account may not know (PROCESS), or a name was too long for that catalogue.
 */
async function readFromInnodb(server: Server, database: string): Promise<readonly Row[] | undefined> {
  const rows = await unlessRefused(() => server.query(INNODB, [database, database]));
  return rows?.some((row) => Number(row['cut_off']) === 1) === true ? undefined : rows;
}

async function unlessRefused(ask: () => Promise<readonly Row[]>): Promise<readonly Row[] | undefined> {
  try {
    return await ask();
  } catch (error) {
    const refused =
      error instanceof DbBackupError && (error.code === 'access-denied' || error.code === 'failed');
    if (refused) return undefined;
    throw error;
  }
}

// Its names are those of files: `o@002dne/table`. A column holds 193 characters of them.
const decoded = (column: string, part: 1 | -1): string =>
  `CONVERT(CAST(CONVERT(SUBSTRING_INDEX(${column}, '/', ${part}) USING binary) AS CHAR CHARACTER SET filename) USING utf8mb4)`;
const isOf = (column: string): string =>
  `(CAST(${decoded(column, 1)} AS BINARY) = CAST(? AS BINARY)
    OR (@@lower_case_table_names <> 0 AND LOWER(${decoded(column, 1)}) = LOWER(?)))`;
const HAS_KEYS = `SELECT 1 FROM information_schema.INNODB_SYS_FOREIGN
  WHERE ${isOf('FOR_NAME')} OR CHAR_LENGTH(FOR_NAME) >= 193 LIMIT 1`;
const INNODB = `SELECT ${decoded('FOR_NAME', 1)} AS from_database, ${decoded('FOR_NAME', -1)} AS from_table,
    ${decoded('REF_NAME', -1)} AS to_table, GREATEST(CHAR_LENGTH(FOR_NAME), CHAR_LENGTH(REF_NAME)) >= 193 AS cut_off
  FROM information_schema.INNODB_SYS_FOREIGN
  WHERE ${isOf('REF_NAME')} OR GREATEST(CHAR_LENGTH(FOR_NAME), CHAR_LENGTH(REF_NAME)) >= 193`;

const TRIES = 5;

/**
 * Asks MariaDB's catalogue, for which the server opens every table that the account may see. It waits for each that
 * another session is altering, and leaves it out with a warning when that takes too long.
 */
async function readByOpening(server: Server, database: string): Promise<readonly Row[]> {
  for (let tries = 1; ; tries += 1) {
    const rows = await server.query(`SET STATEMENT lock_wait_timeout = 1 FOR ${CONSTRAINTS}`, [database]);
    const warnings = await server.query('SHOW WARNINGS');
    if (!warnings.some((warning) => Number(warning['Code']) === LOCK_WAIT_TIMEOUT)) return rows;
    if (tries === TRIES) break;
    await sleep(1_000);
  }
  const { account } = await readPrivileges(server);
  throw new DbBackupError(
    'failed',
    `Other sessions are changing tables on the server, so it cannot be determined whether tables of other databases have foreign keys to ${database}.`,
    {
      hint: `Find them with SHOW PROCESSLIST and try again when they have finished, or allow the account to see foreign keys without opening tables: GRANT PROCESS ON *.* TO ${quoteAccount(account)};`,
    },
  );
}

const LOCK_WAIT_TIMEOUT = 1205;
