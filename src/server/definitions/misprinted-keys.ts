import { quoteName } from '../../sql/definitions/quote-name.ts';
import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';
import { describeTable, readAsDumpTools } from './show-create.ts';

/** From here on MariaDB doubles backticks in what it prints of foreign keys. */
const PRINTS_ALL_KEYS = '11.8';

/** A foreign key that the server prints in a way that no client and no server can read. Names are without quotes. */
export interface MisprintedKey {
  readonly table: string;
  readonly name: string;
}

/** Foreign keys that have a backtick in their name or in that of a column, on a server that does not double it. */
export async function readMisprintedKeys(
  server: Server,
  database: string,
): Promise<readonly MisprintedKey[]> {
  if (server.flavour !== 'mariadb' || !isOlder(server.version, PRINTS_ALL_KEYS)) return [];
  const rows = await server.query(
    `SELECT TABLE_NAME AS of_table, CONSTRAINT_NAME AS name, COLUMN_NAME AS from_column,
        REFERENCED_COLUMN_NAME AS to_column
      FROM information_schema.KEY_COLUMN_USAGE
      WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL
        AND CONCAT(CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME) LIKE '%\`%'
      ORDER BY 1, 2`,
    [database],
  );
  if (rows.length === 0) return [];
  await readAsDumpTools(server, database);
  const found = new Map<string, MisprintedKey>();
  for (const row of rows) {
    const key = { table: String(row['of_table']), name: String(row['name']) };
    const keys = constraintLines(await describeTable(server, key.table));
    const names = [key.name, String(row['from_column']), String(row['to_column'])];
    if (names.some((name) => !keys.includes(quoteName(name)))) found.set(`${key.table} ${key.name}`, key);
  }
  return [...found.values()];
}

function constraintLines(definition: string): string {
  return definition
    .split('\n')
    .filter((line) => line.startsWith('  CONSTRAINT '))
    .join('\n');
}
