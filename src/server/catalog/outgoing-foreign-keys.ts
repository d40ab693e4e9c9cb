import type { Server } from '../connect/server.ts';

/** A foreign key of one table of a database to another table. */
export interface OutgoingReference {
  readonly table: string;
  readonly toDatabase: string;
  readonly toTable: string;
}

/**
 * Foreign keys of tables of a database to any other than these: moved elsewhere, the tables would go on refusing and
 * following changes of those that stay.
 */
export async function readReferencesFrom(
  server: Server,
  database: string,
  tables: readonly string[],
): Promise<readonly OutgoingReference[]> {
  if (tables.length === 0) return [];
  const rows = await server.query(
    `SELECT TABLE_NAME AS from_table, UNIQUE_CONSTRAINT_SCHEMA AS to_database, REFERENCED_TABLE_NAME AS to_table
       FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?`,
    [database],
  );
  const among = new Set(tables.map((name) => name.toLowerCase()));
  return rows
    .map((row) => ({
      table: String(row['from_table']),
      toDatabase: String(row['to_database']),
      toTable: String(row['to_table']),
    }))
    .filter(
      ({ table, toDatabase, toTable }) =>
        among.has(table.toLowerCase()) &&
        !(toDatabase.toLowerCase() === database.toLowerCase() && among.has(toTable.toLowerCase())),
    );
}
