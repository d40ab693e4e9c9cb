import { createHash } from 'node:crypto';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { connectServer } from './server.ts';

/** Below every sensible wait_timeout and every firewall's patience. */
const KEEP_ALIVE_MS = 20_000;
/** MySQL since 5.7 refuses longer names. */
const LONGEST_NAME = 64;

/** The lock on the server, which other hosts and other backup directories see too. */
export interface ServerLock extends AsyncDisposable {
  /** Why the server could not lock; then there is no lock, and the run goes on with the lock file alone. */
  readonly refusal: string | undefined;
  /** Called once if the lock is lost while it is held. */
  onLost(listener: () => void): void;
}

/**
 * Takes `GET_LOCK('dbbackup:<database>')` on a connection of its own. The server frees it when that connection
 * ends, however it ends.
 *
 * @throws {DbBackupError} `locked`, naming the connection that holds it; connection failures.
 */
export async function takeServerLock(
  connection: Connection,
  database: string,
  signal: AbortSignal,
): Promise<ServerLock> {
  const server = await connectServer(connection, signal);
  const name = serverLockName(database);
  try {
    const keepAlive = setInterval(() => void server.query('DO 0').catch(() => undefined), KEEP_ALIVE_MS);
    keepAlive.unref();
    const listeners: (() => void)[] = [];
    server.onLost(() => {
      clearInterval(keepAlive);
      for (const listener of listeners) listener();
    });
    let taken: unknown;
    let refusal: string | undefined;
    try {
      const [row] = await server.query('SELECT GET_LOCK(?, 0) AS taken', [name]);
      taken = row?.['taken'];
    } catch (error) {
      // Some clusters and proxies refuse user locks; a lost connection is another matter.
      if (error instanceof DbBackupError && error.code === 'unreachable') throw error;
      refusal = (error as Error).message;
    }
    if (taken === 0) {
      clearInterval(keepAlive);
      const [row] = await server.query('SELECT IS_USED_LOCK(?) AS id', [name]);
      throw new DbBackupError(
        'locked',
        `A backup or restore of ${database} is already running, from another host or another backup directory: connection ${String(row?.['id'] ?? '(just ended)')} of the server holds the lock '${name}'.`,
        { hint: 'Wait for it (--lock-wait 10m), or look at SHOW PROCESSLIST on the server.' },
      );
    }
    if (taken !== 1) refusal ??= 'the server could not take the lock';
    return {
      refusal,
      onLost: (listener) => listeners.push(listener),
      async [Symbol.asyncDispose]() {
        clearInterval(keepAlive);
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    server.destroy();
    throw error;
  }
}

/** Names over the server's limit are hashed; two databases never share one. */
export function serverLockName(database: string): string {
  const name = `dbbackup:${database}`;
  if (name.length <= LONGEST_NAME) return name;
  return `dbbackup:${createHash('sha256').update(database).digest('hex').slice(0, 40)}`;
}
