// Asks the server itself what an account may do in a database, by statements that change nothing: they name what does
// not exist, and the server looks at privileges first. Its answer is the number of its error.
import { DbBackupError } from '../../run/errors.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { Privileges } from './privileges.ts';
import type { Server } from '../connect/server.ts';

const NOTHING = '`dbbackup_no_such_name`';

/** Of what else matters (TRIGGER, DROP, …) no server tells without an attempt to change something. */
const QUESTIONS: Readonly<Record<string, (schema: string) => string>> = {
  SELECT: (schema) => `SELECT 1 FROM ${schema}.${NOTHING}`,
  INSERT: (schema) => `EXPLAIN INSERT INTO ${schema}.${NOTHING} VALUES (1)`,
  UPDATE: (schema) => `EXPLAIN UPDATE ${schema}.${NOTHING} SET a = 1`,
  DELETE: (schema) => `EXPLAIN DELETE FROM ${schema}.${NOTHING}`,
  EXECUTE: (schema) => `SELECT ${schema}.${NOTHING}()`,
  EVENT: (schema) => `SHOW CREATE EVENT ${schema}.${NOTHING}`,
};

/** For the database, the table, the routine. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1370]);

/** No such database, table, routine, event. */
const ALLOWED: ReadonlySet<number> = new Set([1049, 1146, 1305, 1539]);

/** @returns the same privileges, with what the server says of a database. */
export async function askPrivileges(
  server: Server,
  privileges: Privileges,
  {
    database,
    wanted = Object.keys(QUESTIONS),
  }: { readonly database: string; readonly wanted: readonly string[] | undefined },
): Promise<Privileges> {
  // What holds on the whole server no grant on a database takes away, whether it is shown or not.
  if (wanted.every((privilege) => privileges.globalFor(database, privilege))) return privileges;
  const answers = new Map<string, boolean>();
  for (const [privilege, question] of Object.entries(QUESTIONS)) {
    const errno = await errorOf(server, question(quoteName(database)));
    if (DENIED.has(errno)) answers.set(privilege, false);
    else if (ALLOWED.has(errno)) answers.set(privilege, true);
  }
  return privileges.answered(database, answers);
}

/** @returns the number of the server's error; 0: none. @throws {DbBackupError} `unreachable`. */
async function errorOf(server: Server, statement: string): Promise<number> {
  try {
    await server.query(statement);
    return 0;
  } catch (error) {
    if (!(error instanceof DbBackupError) || error.code === 'unreachable') throw error;
    const { errno } = (error.cause ?? {}) as { readonly errno?: number };
    return errno ?? 0;
  }
}
