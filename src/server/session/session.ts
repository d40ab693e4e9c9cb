// Prepares a session for its use, whatever the server's defaults for new sessions are.
import { DbBackupError } from '../../run/errors.ts';
import { assignment, setStatement, suits, variablesFor } from './session-variables.ts';
import type { SessionUse, SessionVariable } from './session-variables.ts';
import type { Flavour } from '../connect/flavour.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

interface Asked {
  readonly flavour: Flavour;
  readonly version: string;
  query(sql: string): Promise<readonly Readonly<Record<string, string | number | null>>[]>;
}

/**
 * Asks a session that may be as the server made it: with any limit, on how long it may take and how much it may give.
 */
export function firstQuestion(columns: string): string {
  return `/*M!100100 SET STATEMENT max_statement_time = 60 FOR */ SELECT /*+ MAX_EXECUTION_TIME(60000) */ ${columns} LIMIT 1`;
}

/**
 * Sets what the session relies on. What the server does not know, or does not let the account set, stays as it is.
 *
 * @returns what was set, for a further session that needs the same.
 */
export async function prepareSession(server: Asked, use: SessionUse): Promise<readonly string[]> {
  const variables = variablesFor(use, server);
  const isPrivileged = ({ privileged }: SessionVariable): boolean => privileged === server.flavour;
  const open = await setAll(
    server,
    variables.filter((variable) => !isPrivileged(variable)),
  );
  const others = variables.filter(isPrivileged);
  if (others.length === 0) return open;
  const values = await readValues(server, others);
  const differing = others.filter((variable) => {
    const shown = values.get(variable.name);
    return shown !== undefined && !suits(variable, shown);
  });
  return [...open, ...(await setAll(server, differing))];
}

/** In one statement, if the server takes it. */
async function setAll(server: Asked, variables: readonly SessionVariable[]): Promise<readonly string[]> {
  const all = variables.map(assignment);
  if (all.length === 0 || (await isSet(server, all))) return all;
  const set: string[] = [];
  for (const each of all) if (await isSet(server, [each])) set.push(each);
  return set;
}

async function isSet(server: Asked, assignments: readonly string[]): Promise<boolean> {
  try {
    await server.query(setStatement(assignments));
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  if (error instanceof ServerStatementError) return NOT_TO_BE_SET.has(error.errno);
  return error instanceof DbBackupError && error.code === 'access-denied';
}

/** Unknown, for the whole server only, no such value, no such type, read only, unknown word of a list. */
const NOT_TO_BE_SET: ReadonlySet<number> = new Set([1193, 1229, 1231, 1232, 1238, 1064]);

/**
 * What a new session of this account lacks for a use: variables that the server, or its init_connect, sets to
 * something else. Not what this session was prepared with, so it must be a bare one.
 */
export async function readLacking(server: Asked, use: SessionUse): Promise<readonly SessionVariable[]> {
  const variables = variablesFor(use, server);
  const values = await readValues(server, variables);
  return variables.filter((variable) => {
    const shown = values.get(variable.name);
    return shown !== undefined && !suits(variable, shown);
  });
}

/** Of those that the server has. */
async function readValues(
  server: Asked,
  variables: readonly SessionVariable[],
): Promise<ReadonlyMap<string, string | null>> {
  const read = async (names: readonly string[]): Promise<readonly (readonly [string, string | null])[]> => {
    // Not SHOW VARIABLES, nor from a table: both obey more of the variables.
    const columns = names.map((name) => `CAST(@@SESSION.${name} AS CHAR) AS ${name}`).join(', ');
    const [row] = await server.query(firstQuestion(columns));
    return names.map((name) => {
      const value = row?.[name];
      return [name, value === undefined || value === null ? null : String(value)] as const;
    });
  };
  const names = variables.map(({ name }) => name);
  try {
    return new Map(await read(names));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const values: (readonly [string, string | null])[] = [];
  for (const name of names) {
    try {
      values.push(...(await read([name])));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return new Map(values);
}
