import { readTablesWithStatistics } from '../../server/catalog/persistent-statistics.ts';
import type { Server } from '../../server/connect/server.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { listed } from '../../server/privileges/routine-grants.ts';

/** Statistics that go with the tables that a restore replaces: collecting them again reads all rows. */
export async function warnOfStatistics(
  server: Server,
  database: string,
  leaving: readonly string[],
): Promise<readonly string[]> {
  if (leaving.length === 0) return [];
  const tables = (await readTablesWithStatistics(server, database)).filter((name) => leaving.includes(name));
  const [first] = tables;
  if (first === undefined) return [];
  return [
    `Persistent statistics of tables of ${database} will be lost: ${listed(tables)}. To collect them again afterwards: ANALYZE TABLE ${quoteName(database)}.${quoteName(first)} PERSISTENT FOR ALL;`,
  ];
}
