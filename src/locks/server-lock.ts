import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../server/connect/connection.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Flavour } from '../server/connect/flavour.ts';
import { connectServer } from '../server/connect/server.ts';
import type { Server } from '../server/connect/server.ts';

/** Below every sensible wait_timeout and every firewall's patience. */
const KEEP_ALIVE_MS = 20_000;

/** A server that does not answer must not hold us. */
const RELEASE_MS = 1_000;

/** MySQL since 5.7 refuses longer names. */
const LONGEST_NAME = 64;

/** The lock on the server, which runs on other hosts and in other backup directories see, too. */
export interface ServerLock extends AsyncDisposable {
  /** Why the server could not lock; then the run continues with the lock file alone. */
  readonly refusal: string | undefined;
  /** Called once if the lock is lost while it is held. */
  onLost(listener: () => void): void;
}

/**
 * Takes locks with `GET_LOCK()`, all of them, on a dedicated connection. The server frees them when that connection
 * ends, however it ends.
 *
 * @param locks.of What is locked, for the message of a refused run.
 * @param locks.names See `databaseLockName` and `jobLockName`.
 * @throws {DbBackupError} `locked`, naming the connection that holds one of them; connection failures.
 */
export async function takeServerLock(
  connection: Connection,
  locks: { readonly of: string; readonly names: (flavour: Flavour) => readonly string[] },
  signal: AbortSignal,
): Promise<ServerLock> {
  // The run's signal ends the attempt to take it, not the lock: cleaning up still needs it.
  const taking = new AbortController();
  const abort = (): void => {
    taking.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const server = await connectServer(connection, taking.signal).catch((error: unknown) => {
    signal.removeEventListener('abort', abort);
    throw error;
  });
  try {
    const keepAlive = setInterval(() => void server.query('DO 0').catch(() => undefined), KEEP_ALIVE_MS);
    keepAlive.unref();
    const listeners: (() => void)[] = [];
    server.onLost(() => {
      clearInterval(keepAlive);
      for (const listener of listeners) listener();
    });
    let refusal: string | undefined;
    const names = locks.names(server.flavour);
    for (const name of names) {
      const taken = await takeOne(server, name, taking.signal);
      if (taken === 'held') {
        clearInterval(keepAlive);
        const [row] = await server.query('SELECT IS_USED_LOCK(?) AS id', [name]);
        throw new DbBackupError(
          'locked',
          `A backup or restore of ${locks.of} is already running, from another host or another backup directory: connection ${String(row?.['id'] ?? '(just ended)')} of the server holds the lock '${name}'.`,
          { hint: 'Wait for it (--lock-wait 10m), or find the connection with SHOW PROCESSLIST.' },
        );
      }
      if (taken !== 'taken') refusal ??= taken.refusal;
    }
    return {
      refusal,
      onLost: (listener) => listeners.push(listener),
      async [Symbol.asyncDispose]() {
        clearInterval(keepAlive);
        // Released explicitly, so that the lock is free when this returns; closing alone takes the server a moment.
        const released = server
          .query(`SELECT ${names.map(() => 'RELEASE_LOCK(?)').join(', ')}`, names)
          .catch(() => undefined);
        await Promise.race([released, sleep(RELEASE_MS, undefined, { ref: false })]);
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    server.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** @returns the reason, where the server does not support locks. */
async function takeOne(
  server: Server,
  name: string,
  signal: AbortSignal,
): Promise<'taken' | 'held' | { readonly refusal: string }> {
  try {
    const [row] = await server.query('SELECT GET_LOCK(?, 0) AS taken', [name]);
    if (row?.['taken'] === 1) return 'taken';
    return row?.['taken'] === 0 ? 'held' : { refusal: 'the server could not take the lock' };
  } catch (error) {
    // Some clusters and proxies refuse user locks; a lost connection is a different case.
    signal.throwIfAborted();
    if (error instanceof DbBackupError && error.code === 'unreachable') throw error;
    return { refusal: (error as Error).message };
  }
}

/** The lock of one job: other runs that find its schemas on the server can tell whether it is alive. */
export function jobLockName(job: string): string {
  return `dbbackup:job:${job}`;
}

/** Whether no run with this id holds a lock on the server: it is dead. False where the server does not say. */
export async function isJobLockFree(server: Server, job: string): Promise<boolean> {
  const rows = await server.query('SELECT IS_FREE_LOCK(?) AS free', [jobLockName(job)]).catch(() => []);
  return rows[0]?.['free'] === 1;
}

/**
 * Names over the server's limit are hashed; two databases never share one. So are those with a capital letter on
 * MySQL, for which locks whose names differ only in case are one.
 */
export function databaseLockName(database: string, flavour: Flavour): string {
  const name = `dbbackup:${database}`;
  const isExact = flavour === 'mariadb' || database === database.toLowerCase();
  if (isExact && name.length <= LONGEST_NAME) return name;
  return `dbbackup:${createHash('sha256').update(database).digest('hex').slice(0, 40)}`;
}
