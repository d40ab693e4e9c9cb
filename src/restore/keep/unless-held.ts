import type { Server } from '../../server/connect/server.ts';
import { busyTables, isBusy } from '../swap/rename-tables.ts';

const PATIENCE_SECONDS = 60;

/**
 * Asks what opens tables; servers would wait for a day and longer for a session that has locked one.
 *
 * @throws {DbBackupError} `restore-failed` when other sessions hold on to one of them.
 */
export async function unlessHeld<T>(server: Server, database: string, ask: () => Promise<T>): Promise<T> {
  await server.query(`SET SESSION lock_wait_timeout = ${PATIENCE_SECONDS}`);
  try {
    return await ask();
  } catch (error) {
    throw isBusy(error) ? busyTables(database, PATIENCE_SECONDS) : error;
  }
}
