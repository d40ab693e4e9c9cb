import type { Server } from './server.ts';

/** A foreign key that a table outside of what is replaced has into it: it would follow the old table. */
export interface ForeignReference {
  readonly fromDatabase: string;
  readonly fromTable: string;
  readonly table: string;
}

/**
 * Foreign keys into tables of a database, from other databases and from those tables of its own that stay. Of other
 * databases only those that the account may see.
 */
export async function readForeignReferences(
  server: Server,
  database: string,
  stays: readonly string[],
): Promise<readonly ForeignReference[]> {
  const rows = await server.query(
    `SELECT CONSTRAINT_SCHEMA AS from_database, TABLE_NAME AS from_table, REFERENCED_TABLE_NAME AS to_table
       FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = ?`,
    [database],
  );
  const staying = new Set(stays);
  return rows
    .map((row) => ({
      fromDatabase: String(row['from_database']),
      fromTable: String(row['from_table']),
      table: String(row['to_table']),
    }))
    .filter(({ fromDatabase, fromTable, table }) =>
      fromDatabase === database ? staying.has(fromTable) && !staying.has(table) : true,
    );
}
