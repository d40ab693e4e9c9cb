import type { Server } from '../connect/server.ts';

export interface Session {
  readonly id: number;
  readonly user: string;
  /** Its default database. */
  readonly database: string | undefined;
}

/**
 * The sessions on the server that the account may see.
 *
 * Never from information_schema: MySQL fills that table first, on a disk that may be full, and fails (3854) while any
 * session runs a statement with a character outside utf8mb3.
 */
export async function listSessions(server: Server): Promise<readonly Session[]> {
  const rows = await server.query('SHOW PROCESSLIST');
  return rows.map(({ Id, User, db }) => ({
    id: Number(Id),
    user: String(User),
    database: typeof db === 'string' ? db : undefined,
  }));
}
