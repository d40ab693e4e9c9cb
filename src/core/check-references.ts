import { connectServer } from '../adapters/server.ts';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { quoteName } from '../model/names.ts';
import { foreignKeysOf } from '../model/single-tables.ts';
import type { ForeignKey } from '../model/single-tables.ts';

/**
 * Looks whether the foreign keys of staged tables to tables that stay in the target will hold.
 *
 * @throws {DbBackupError} `restore-failed`, naming the key that does not.
 */
export async function checkReferences(
  request: {
    readonly connection: Connection;
    readonly stage: string;
    readonly target: string;
    /** By the name of the table, as the dump has them. */
    readonly definitions: ReadonlyMap<string, Buffer>;
  },
  signal: AbortSignal,
): Promise<void> {
  const { connection, stage, target, definitions } = request;
  const staged = new Set(Array.from(definitions.keys(), quoteName));
  await using server = await connectServer(connection, signal);
  for (const [name, definition] of definitions) {
    for (const key of foreignKeysOf(definition.toString('utf8'))) {
      if (staged.has(key.table)) continue;
      const from = `${quoteName(stage)}.${quoteName(name)}`;
      const orphans = await server.query(orphansSql(from, `${quoteName(target)}.${key.table}`, key));
      if (orphans.length === 0) continue;
      const parent = key.table.slice(1, -1).replaceAll('``', '`');
      throw new DbBackupError(
        'restore-failed',
        `The foreign key ${key.name} of ${name} would not hold: it has rows that refer to rows which ${parent}, as it is in ${target} now, does not have.`,
        { hint: `Restore both: --table ${name} --table ${parent}` },
      );
    }
  }
}

function orphansSql(from: string, to: string, { columns, references }: ForeignKey): string {
  const same = columns.map((column, index) => `p.${references[index] ?? column} = c.${column}`).join(' AND ');
  const given = columns.map((column) => `c.${column} IS NOT NULL`).join(' AND ');
  return `SELECT 1 FROM ${from} c WHERE ${given} AND NOT EXISTS (SELECT 1 FROM ${to} p WHERE ${same}) LIMIT 1`;
}
