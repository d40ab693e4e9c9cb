import { DbBackupError } from '../../run/errors.ts';
import { constraintsOn } from '../../sql/definitions/inexact-columns.ts';
import type { InexactColumn } from '../../sql/definitions/inexact-columns.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { DatabaseFacts, TableFacts } from '../catalog/database-facts.ts';
import type { Server } from '../connect/server.ts';
import { describeTable, readAsDumpTools } from './show-create.ts';

/** One value is enough, so most tables take milliseconds; one that is not read to its end in time is named. */
const TABLE_PATIENCE_MS = 1_000;
const DATABASE_PATIENCE_MS = 5_000;

/**
 * The FLOAT columns with a value that six digits do not hold: all that a server prints of a FLOAT, and so all that a
 * dump has of it. FLOAT(m,d) is printed with d decimals, and comes back as it was.
 *
 * A column whose values cannot be read in time is among them.
 */
export async function readInexactColumns(
  server: Server,
  { database, tables }: Pick<DatabaseFacts, 'database' | 'tables'>,
  now: () => Date,
): Promise<readonly InexactColumn[]> {
  const since = now().getTime();
  const inexact: InexactColumn[] = [];
  for (const { name, floatColumns } of tables.filter(hasFloats)) {
    const isLate = now().getTime() - since > DATABASE_PATIENCE_MS;
    const exact = isLate ? [] : await exactColumns(server, database, name, floatColumns);
    inexact.push(
      ...floatColumns.filter((column) => !exact.includes(column)).map((column) => ({ table: name, column })),
    );
  }
  return withConstraints(server, database, inexact);
}

async function withConstraints(
  server: Server,
  database: string,
  columns: readonly InexactColumn[],
): Promise<readonly InexactColumn[]> {
  if (columns.length === 0) return [];
  await readAsDumpTools(server, database);
  const definitions = new Map<string, string>();
  for (const table of new Set(columns.map((column) => column.table)))
    definitions.set(table, await answeredOr('', () => describeTable(server, table)));
  return columns.map(({ table, column }) => {
    const partOf = constraintsOn(definitions.get(table) ?? '', column);
    return partOf.length === 0 ? { table, column } : { table, column, partOf };
  });
}

function hasFloats({ floatColumns }: TableFacts): boolean {
  return floatColumns.length > 0;
}

async function exactColumns(
  server: Server,
  database: string,
  table: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  const from = `${quoteName(database)}.${quoteName(table)}`;
  const asked = columns.map((column, index) => {
    const value = quoteName(column);
    return `EXISTS(SELECT 1 FROM ${from} WHERE ${value} <> CAST(CAST(${value} AS CHAR) AS FLOAT)) AS c${index}`;
  });
  return answeredOr([], async () => {
    const [row] = await server.query(withinTime(server, asked.join(', ')));
    return columns.filter((_, index) => Number(row?.[`c${index}`]) === 0);
  });
}

/** A table that the server cannot open, or not in time, is for others to complain of. */
async function answeredOr<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DbBackupError && error.code !== 'unreachable') return otherwise;
    throw error;
  }
}

function withinTime({ flavour }: Server, selected: string): string {
  return flavour === 'mariadb'
    ? `SET STATEMENT max_statement_time=${TABLE_PATIENCE_MS / 1_000} FOR SELECT ${selected}`
    : `SELECT /*+ MAX_EXECUTION_TIME(${TABLE_PATIENCE_MS}) */ ${selected}`;
}
