// Finds what a database holds and a restore could not make again.
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { RefusedKind, RefusedObject } from './object-kinds.ts';
import type { Row, Server } from '../connect/server.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

/** All of a database that our account may see. */
export async function readRefusedObjects(
  server: Server,
  database: string,
  views: readonly string[],
): Promise<readonly RefusedObject[]> {
  const found: RefusedObject[] = [];
  for (const [kind, find] of Object.entries(FINDERS) as [RefusedKind, Finder][]) {
    for (const name of await find(server, database, views)) found.push({ kind, name });
  }
  return found;
}

type Finder = (server: Server, database: string, views: readonly string[]) => Promise<readonly string[]>;

/** Each kind that `OBJECT_KINDS` says is refused. */
const FINDERS: Readonly<Record<RefusedKind, Finder>> = {
  library: (server, database) =>
    namesIn(
      server,
      'SELECT LIBRARY_NAME AS name FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = ?',
      database,
    ),
  // Their text stands between dollar signs, which MySQL alone takes for quotes.
  'routine in another language than SQL': (server, database) =>
    namesIn(
      server,
      `SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES
        WHERE ROUTINE_SCHEMA = ? AND ROUTINE_BODY = 'EXTERNAL' ORDER BY 1`,
      database,
    ),
  // The dump tool writes it as a comment inside a comment. Nothing but its definition tells that a view is one.
  'materialized view': async (server, database, views) => {
    if (views.length === 0 || !(await knowsWord(server, 'MATERIALIZED'))) return [];
    const found: string[] = [];
    for (const view of views) {
      const text = await viewDefinition(server, database, view);
      if (/^CREATE (?:\w+=\w+ )*MATERIALIZED\b/.test(text)) found.push(view);
    }
    return found;
  },
};

async function namesIn(server: Server, sql: string, database: string): Promise<readonly string[]> {
  const rows = await unlessUnknown(() => server.query(sql, [database]));
  return rows.map(({ name }) => String(name));
}

async function knowsWord(server: Server, word: string): Promise<boolean> {
  const sql = 'SELECT WORD AS name FROM information_schema.KEYWORDS WHERE WORD = ?';
  return (await unlessUnknown(() => server.query(sql, [word]))).length > 0;
}

/** Empty for a view that is broken, or not for our account to read: others tell of that. */
async function viewDefinition(server: Server, database: string, view: string): Promise<string> {
  try {
    const [row] = await server.query(`SHOW CREATE VIEW ${quoteName(database)}.${quoteName(view)}`);
    return String(row?.['Create View'] ?? '');
  } catch (error) {
    const told =
      error instanceof ServerStatementError ||
      (error instanceof DbBackupError && error.code === 'access-denied');
    if (told) return '';
    throw error;
  }
}

/** A server that has no such table of the catalogue has nothing of the kind. */
async function unlessUnknown(query: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof ServerStatementError && error.errno === UNKNOWN_TABLE) return [];
    throw error;
  }
}

const UNKNOWN_TABLE = 1109;
