import type { Server } from '../connect/server.ts';
import type { SharedSession } from '../session/shared-session.ts';
import { describeTable, readAsDumpTools } from './show-create.ts';

/** From so many tables on it is worth further logins. */
const MANY_TABLES = 100;
/** Each waits for the server while others wait for us; more were no faster on two cores. */
const FURTHER_SESSIONS = 2;

export interface TableToDescribe {
  readonly name: string;
  readonly kind: 'TABLE' | 'SEQUENCE';
}

/**
 * Asks how the server describes tables of a schema, as dump tools do; about many of them in several sessions at once.
 *
 * @param server Reads as dump tools do from then on, and uses the schema.
 * @param session Of which `server` is one.
 * @param onDescribed Called for each, in no order.
 * @throws {DbBackupError} at the first table that cannot be described; by then no session asks any more.
 */
export async function describeTables(
  server: Server,
  session: Pick<SharedSession, 'openBeside'>,
  { schema, tables }: { readonly schema: string; readonly tables: readonly TableToDescribe[] },
  onDescribed: (name: string, description: string) => void,
): Promise<void> {
  const others = tables.length < MANY_TABLES ? [] : await session.openBeside(FURTHER_SESSIONS);
  const left = tables.values(); // one iterator for all: who is free takes the next
  let isStopped = false;
  const ask = async (by: Server): Promise<void> => {
    await readAsDumpTools(by, schema);
    for (const { name, kind } of left) {
      if (isStopped) return;
      onDescribed(name, await describeTable(by, name, kind));
    }
  };
  const asking = [server, ...others].map(ask);
  try {
    await Promise.all(asking);
  } catch (error) {
    isStopped = true;
    await Promise.allSettled(asking);
    throw error;
  } finally {
    await Promise.all(others.map((other) => other[Symbol.asyncDispose]()));
  }
}
