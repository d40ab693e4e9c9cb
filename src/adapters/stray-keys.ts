import { foreignKeysOf, keyTo, unquoted } from '../model/foreign-keys.ts';
import type { ForeignKey } from '../model/foreign-keys.ts';
import { quoteName } from '../model/names.ts';
import { jobOfScratchSchema } from '../model/swap.ts';
import type { Server } from './server.ts';
import { describeTable, readAsDumpTools } from './table-definitions.ts';

/** A foreign key that an earlier restore left leading into its own schema. Names are without quotes. */
export interface LeftKey {
  readonly table: string;
  readonly name: string;
  /** `dbbackup_stage_….parents` */
  readonly leadsTo: string;
  /** Statements that make it lead into the database of its table again, in this order. */
  readonly fix: readonly string[];
}

/** Foreign keys of a database's tables that lead into a schema that a restore makes for itself. */
export async function readLeftKeys(server: Server, database: string): Promise<readonly LeftKey[]> {
  const rows = await server.query(
    String.raw`SELECT DISTINCT TABLE_NAME AS name FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE CONSTRAINT_SCHEMA = ? AND UNIQUE_CONSTRAINT_SCHEMA LIKE 'dbbackup\_%' ORDER BY 1`,
    [database],
  );
  if (rows.length === 0) return [];
  await readAsDumpTools(server, database);
  const left: LeftKey[] = [];
  for (const { name } of rows) {
    const table = String(name);
    for (const key of foreignKeysOf(await describeTable(server, table))) {
      if (key.database === undefined || jobOfScratchSchema(unquoted(key.database)) === undefined) continue;
      left.push({
        table,
        name: unquoted(key.name),
        leadsTo: `${unquoted(key.database)}.${unquoted(key.table)}`,
        fix: fixOf(database, table, key),
      });
    }
  }
  return left;
}

function fixOf(database: string, table: string, key: ForeignKey): readonly string[] {
  const alter = `ALTER TABLE ${quoteName(database)}.${quoteName(table)}`;
  return [
    'SET SESSION foreign_key_checks = 0;',
    `${alter} DROP FOREIGN KEY ${key.name};`,
    `${alter} ADD ${keyTo(quoteName(database), key)};`,
  ];
}
