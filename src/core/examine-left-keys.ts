import { readLeftKeys } from '../adapters/stray-keys.ts';
import type { Server } from '../adapters/server.ts';
import type { Finding } from '../model/finding.ts';

/** Foreign keys that an earlier restore left leading into its own schema. */
export async function examineLeftKeys(server: Server, database: string): Promise<readonly Finding[]> {
  return (await readLeftKeys(server, database)).map(({ table, name, leadsTo, fix }) => ({
    level: 'warning',
    check: 'definitions',
    database,
    message: `The foreign key ${name} of ${table} refers to ${leadsTo}, a schema of an earlier restore.`,
    why: `Rows that need what it refers to cannot be written to ${table}. A restore of a backup repairs it.`,
    fix,
  }));
}
