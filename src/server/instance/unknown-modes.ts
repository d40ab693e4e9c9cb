import { ServerStatementError } from '../connect/server-failures.ts';
import type { Server } from '../connect/server.ts';

const WRONG_VALUE = 1231;

/** Those of these names of `sql_mode`s that the server does not have. */
export async function readUnknownModes(server: Server, names: readonly string[]): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const name of names) {
    try {
      await server.query(`SET SESSION sql_mode = '${name}'`);
    } catch (error) {
      if (!(error instanceof ServerStatementError) || error.errno !== WRONG_VALUE) throw error;
      unknown.push(name);
    }
  }
  if (names.length > 0) await server.query("SET SESSION sql_mode = ''"); // as all our sessions that ask
  return unknown;
}
