import { isConnectionLost } from '../connect/server-failures.ts';
import type { Server } from '../connect/server.ts';
import type { SharedSession } from '../session/shared-session.ts';
import { workTogether } from '../session/work-together.ts';
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
 * @param session Of which `server` is one. One beside it that is lost fails nothing.
 * @param asked.connections How many loaded the tables: there are no more sessions beside `server`.
 * @param onDescribed Called for each, in no order.
 * @throws {DbBackupError} at the first table that cannot be described; by then no session asks any more.
 */
export async function describeTables(
  server: Server,
  session: Pick<SharedSession, 'openBeside'>,
  asked: {
    readonly schema: string;
    readonly tables: readonly TableToDescribe[];
    readonly connections: number;
  },
  onDescribed: (name: string, description: string) => void,
): Promise<void> {
  const { schema, tables, connections } = asked;
  const left = tables.toReversed(); // of all sessions: who is free takes the next
  const ask = async (by: Server, stop?: AbortSignal): Promise<void> => {
    await readAsDumpTools(by, schema);
    for (let table = left.pop(); table !== undefined && stop?.aborted !== true; table = left.pop()) {
      try {
        onDescribed(table.name, await describeTable(by, table.name, table.kind));
      } catch (error) {
        left.push(table);
        throw error;
      }
    }
  };
  const further = tables.length < MANY_TABLES ? 0 : Math.min(FURTHER_SESSIONS, connections);
  await workTogether(server, session, further, (by, stop) =>
    ask(by, stop).catch((error: unknown) => {
      if (by === server || !isConnectionLost(error)) throw error;
    }),
  );
  if (left.length > 0) await ask(server); // what a lost session has given back
}
