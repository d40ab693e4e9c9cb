import { readLeftKeys } from '../../server/definitions/stray-keys.ts';
import type { ExaminedDatabase } from '../finding/examined-database.ts';
import type { Finding } from '../finding/finding.ts';

/** Foreign keys that an earlier restore left pointing into its own schema. */
export async function examineLeftKeys({
  server,
  facts: { database, tables },
}: ExaminedDatabase): Promise<readonly Finding[]> {
  const names = tables.map(({ name }) => name);
  return (await readLeftKeys(server, database, names)).map(({ table, name, leadsTo, isOwn, fix }) => ({
    level: 'warning',
    check: 'definitions',
    database,
    message: `The foreign key ${name} of ${table} refers to ${leadsTo}, a schema of an earlier restore.`,
    why:
      `Rows that depend on the missing table cannot be written to ${table}. ` +
      (isOwn
        ? 'Restoring a backup repairs it.'
        : 'It referred to a table of another database, which has been restored since.'),
    fix,
  }));
}
