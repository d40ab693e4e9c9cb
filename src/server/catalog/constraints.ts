import type { ConstraintName } from '../../sql/script/table-clauses.ts';
import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';

export interface TableConstraint extends ConstraintName {
  readonly table: string;
}

/** From here on MariaDB's foreign keys have names of their own in each table. */
const MARIADB_NAMES_PER_TABLE = '12.1';

/** Kinds of constraints whose names may stand only once in a database; in any case of letters. */
export function kindsNamedOnce({ flavour, version }: Server): readonly ConstraintName['kind'][] {
  if (flavour === 'mysql') return ['foreign key', 'check'];
  return isOlder(version, MARIADB_NAMES_PER_TABLE) ? ['foreign key'] : [];
}

/** Foreign keys and checks of all tables of a database that the account may see. */
export async function readConstraints(server: Server, database: string): Promise<readonly TableConstraint[]> {
  const rows = await server.query(
    `SELECT CONSTRAINT_NAME AS name, TABLE_NAME AS of_table, CONSTRAINT_TYPE AS kind
       FROM information_schema.TABLE_CONSTRAINTS
       WHERE TABLE_SCHEMA = ? AND CONSTRAINT_TYPE IN ('FOREIGN KEY', 'CHECK')`,
    [database],
  );
  return rows.map((row) => ({
    name: String(row['name']),
    table: String(row['of_table']),
    kind: row['kind'] === 'CHECK' ? 'check' : 'foreign key',
  }));
}
