import type { Server } from '../connect/server.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

const UNKNOWN_COLLATION = 1273;

/** Those of these collations that the server does not have. Asked one by one: lists leave aliases out. */
export async function readUnknownCollations(
  server: Server,
  collations: readonly string[],
): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const collation of collations) {
    try {
      await server.query(`SELECT '' COLLATE ${collation} AS known`);
    } catch (error) {
      if (!(error instanceof ServerStatementError)) throw error;
      // Any other refusal is of a collation that it knows: one of another charset.
      if (error.errno === UNKNOWN_COLLATION) unknown.push(collation);
    }
  }
  return unknown;
}
