import { foreignKeysOf, keyTo, unquoted } from '../../sql/definitions/foreign-keys.ts';
import type { ForeignKey } from '../../sql/definitions/foreign-keys.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { isStage, jobOfScratchSchema } from '../../run/scratch-names.ts';
import type { Server } from '../connect/server.ts';
import { describeTable, readAsDumpTools } from './show-create.ts';

/** A foreign key that an earlier restore left leading into its own schema. Names are without quotes. */
export interface LeftKey {
  readonly table: string;
  readonly name: string;
  /** `dbbackup_stage_….parents` */
  readonly leadsTo: string;
  /** It referred to a table of its own database; else to one of another, which does not say which that was. */
  readonly isOwn: boolean;
  /** Statements that make it lead to the table again that it referred to, in this order. */
  readonly fix: readonly string[];
}

/**
 * Foreign keys of a database's tables that lead into a schema that a restore makes for itself.
 *
 * @param tables All of the database.
 */
export async function readLeftKeys(
  server: Server,
  database: string,
  tables: readonly string[],
): Promise<readonly LeftKey[]> {
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
      // A staging schema has the keys of its own database; foreign keys of other databases follow into a schema of
      // old tables.
      const isOwn = isStage(unquoted(key.database)) || tables.includes(unquoted(key.table));
      left.push({
        table,
        name: unquoted(key.name),
        leadsTo: `${unquoted(key.database)}.${unquoted(key.table)}`,
        isOwn,
        fix: fixOf(database, table, key, isOwn ? quoteName(database) : '`<the database that has it>`'),
      });
    }
  }
  return left;
}

function fixOf(database: string, table: string, key: ForeignKey, parents: string): readonly string[] {
  const alter = `ALTER TABLE ${quoteName(database)}.${quoteName(table)}`;
  return [
    'SET SESSION foreign_key_checks = 0;',
    `${alter} DROP FOREIGN KEY ${key.name};`,
    `${alter} ADD ${keyTo(parents, key)};`,
  ];
}
