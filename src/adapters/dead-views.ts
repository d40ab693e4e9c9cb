import { quoteName } from '../model/names.ts';
import { DbBackupError } from '../model/errors.ts';
import type { Server } from './server.ts';

/** A view that no dump tool can dump: what it names is gone, or the account that it runs as. */
export interface DeadView {
  readonly name: string;
  /** The server's own words. */
  readonly reason: string;
}

/** Asks of each view what the dump tools ask first: its columns. */
export async function readDeadViews(
  server: Server,
  database: string,
  views: readonly string[],
): Promise<readonly DeadView[]> {
  const dead: DeadView[] = [];
  for (const name of views) {
    try {
      await server.query(`SHOW FIELDS FROM ${quoteName(database)}.${quoteName(name)}`);
    } catch (error) {
      if (!(error instanceof DbBackupError) || !SERVER_SAYS.has(error.code)) throw error;
      dead.push({ name, reason: error.message });
    }
  }
  return dead;
}

/** Refused, by whatever error; a connection that is lost says nothing of the view. */
const SERVER_SAYS: ReadonlySet<string> = new Set(['failed', 'access-denied', 'not-found']);
