import { readTableNames } from '../../server/change/scratch-schemas.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { DbBackupError } from '../../run/errors.ts';
import { foreignKeysOf, unquoted } from '../../sql/definitions/foreign-keys.ts';
import type { ForeignKey } from '../../sql/definitions/foreign-keys.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { Descriptions } from './compare-definitions.ts';
import { shellWord } from '../../run/shell-command.ts';
import type { Runtime } from '../../run/runtime.ts';

/**
 * Looks whether the foreign keys of staged tables to tables that stay in the target will hold. One that leads nowhere
 * is reported.
 *
 * @throws {DbBackupError} `restore-failed`, naming the key that does not hold, where it must.
 */
export async function checkReferences(
  request: {
    readonly stage: string;
    readonly target: string;
    /** Of the staged tables. */
    readonly descriptions: Descriptions;
    /** Otherwise it is reported. */
    readonly mustHold: boolean;
  },
  session: SharedSession,
  { onProgress }: Pick<Runtime, 'onProgress'>,
): Promise<void> {
  const { stage, target, descriptions, mustHold } = request;
  const warn = (message: string): void => {
    onProgress({ kind: 'warning', message });
  };
  const server = await session.open();
  const there = await readTableNames(server, target);
  for (const [name, description] of descriptions) {
    for (const key of foreignKeysOf(description)) {
      if (key.database !== quoteName(target)) continue;
      const parent = unquoted(key.table);
      if (!there.has(parent)) {
        warn(`The foreign key ${key.name} of ${name} refers to ${parent}, which is not in ${target}.`);
        continue;
      }
      const from = `${quoteName(stage)}.${quoteName(name)}`;
      const orphans = await server.query(orphansSql(from, `${quoteName(target)}.${key.table}`, key));
      if (orphans.length === 0) continue;
      const rows = `it has rows that refer to rows that are missing in ${parent} as it is in ${target} now.`;
      if (mustHold) {
        throw new DbBackupError(
          'restore-failed',
          `The foreign key ${key.name} of ${name} would not hold: ${rows}`,
          { hint: `Restore both: ${shellWord(`--table=${name}`)} ${shellWord(`--table=${parent}`)}` },
        );
      }
      warn(`The foreign key ${key.name} of ${name} does not hold: ${rows}`);
    }
  }
}

function orphansSql(from: string, to: string, { columns, references }: ForeignKey): string {
  const same = columns.map((column, index) => `p.${references[index] ?? column} = c.${column}`).join(' AND ');
  const given = columns.map((column) => `c.${column} IS NOT NULL`).join(' AND ');
  return `SELECT 1 FROM ${from} c WHERE ${given} AND NOT EXISTS (SELECT 1 FROM ${to} p WHERE ${same}) LIMIT 1`;
}
