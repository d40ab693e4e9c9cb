import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { BrokenObject } from '../../sql/definitions/broken-object.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { ServerStatementError } from '../connect/server-failures.ts';
import type { Server } from '../connect/server.ts';

/** View invalid: it, or what it reads, cannot be used. */
const INVALID_VIEW = 1356;

/** Ambiguous column, unknown column, duplicate column, syntax error. */
const MEANS_NOTHING: ReadonlySet<number> = new Set([1052, 1054, 1060, 1064]);

/**
 * Views that MySQL describes from its dictionary, although it cannot read their text back: it takes, for instance, the
 * space from the beginning of a column's name, then misses that column. Its dump tool writes them, and no server takes
 * them. MariaDB reads the text to describe a view, so it does not describe these.
 *
 * A view is not one of them because an account may not use it.
 */
export async function readUnreadableViews(
  server: Server,
  { database, views }: Pick<DatabaseFacts, 'database' | 'views'>,
): Promise<readonly BrokenObject[]> {
  if (server.flavour !== 'mysql') return [];
  const broken: BrokenObject[] = [];
  for (const name of views) {
    const view = `${quoteName(database)}.${quoteName(name)}`;
    const refused = await refusalOf(server, `SELECT 1 FROM ${view} LIMIT 0`);
    if (refused?.errno !== INVALID_VIEW) continue;
    const reason = await whyMeaningless(server, database, name);
    if (reason !== undefined) broken.push({ kind: 'view', name, reason });
  }
  return broken;
}

async function whyMeaningless(server: Server, database: string, name: string): Promise<string | undefined> {
  const [view] = await server.query(
    'SELECT VIEW_DEFINITION AS text FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [database, name],
  );
  // The text is prepared, not run.
  const refused = await refusalOf(server, 'PREPARE dbbackup_view FROM ?', [String(view?.['text'])]);
  return refused !== undefined && MEANS_NOTHING.has(refused.errno) ? saidBy(refused) : undefined;
}

/** Not what our account may not do. */
async function refusalOf(
  server: Server,
  sql: string,
  values: readonly string[] = [],
): Promise<ServerStatementError | undefined> {
  try {
    await server.query(sql, values);
    return undefined;
  } catch (error) {
    if (error instanceof ServerStatementError) return error;
    if (error instanceof DbBackupError && error.code === 'access-denied') return undefined;
    throw error;
  }
}

function saidBy({ cause, message }: ServerStatementError): string {
  return cause instanceof Error ? cause.message : message;
}
