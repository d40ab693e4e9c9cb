import type { BrokenObject } from '../../sql/definitions/broken-object.ts';
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { ServerStatementError } from '../connect/server-failures.ts';
import type { Server } from '../connect/server.ts';
import { readUnreadableViews } from './unreadable-views.ts';

/**
 * The tables and views that no dump tool can dump: crashed tables, tables without their file or their engine, views
 * whose tables, columns, functions or definer no longer exist. It opens each of them, as the tools do first, and
 * reads one row at most: a discarded tablespace is only noticed then.
 */
export async function readBrokenObjects(
  server: Server,
  {
    database,
    tables,
    views,
  }: Pick<DatabaseFacts, 'database' | 'views'> & { readonly tables: readonly { readonly name: string }[] },
): Promise<readonly BrokenObject[]> {
  const broken: BrokenObject[] = [];
  const open = async (kind: BrokenObject['kind'], name: string): Promise<void> => {
    const from = `${quoteName(database)}.${quoteName(name)}`;
    const sql = kind === 'view' ? `SHOW FIELDS FROM ${from}` : `SELECT 1 FROM ${from} LIMIT 1`;
    try {
      await server.query(sql);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      broken.push({ kind, name, reason: saidBy(error) });
    }
  };
  for (const { name } of tables) await open('table', name);
  for (const name of views) await open('view', name);
  const found = new Set(broken.map(({ name }) => name));
  const others = views.filter((name) => !found.has(name));
  return [...broken, ...(await readUnreadableViews(server, { database, views: others }))];
}

/** A connection that is lost, a lock that is held and a limit of time say nothing of the object. */
function isRefusal(error: unknown): error is DbBackupError {
  if (error instanceof ServerStatementError) return !PASSING.has(error.errno);
  return error instanceof DbBackupError && (error.code === 'access-denied' || error.code === 'not-found');
}

function saidBy(error: DbBackupError): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/**
 * Lock wait timeout, deadlock, query interrupted, time limit (MariaDB, MySQL), out of memory, too many open files.
 */
const PASSING: ReadonlySet<number> = new Set([1205, 1213, 1317, 1969, 3024, 1037, 1038, 1041, 1135, 23, 24]);
