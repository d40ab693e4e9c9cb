import { memoryFolder } from '../servers/memory-folder.ts';
import { findServers } from '../servers/server-programs.ts';
import { startServer } from '../servers/throw-away-server.ts';
import type { ThrowAwayServer } from '../servers/throw-away-server.ts';
import { TestServer } from './test-server.ts';

/** A server that belongs to one test or one `describe`: with its own options, and free to be killed. */
export interface OwnServer extends AsyncDisposable, Pick<ThrowAwayServer, 'kill' | 'startAgain'> {
  /** Its pid is that of the first start. */
  readonly server: TestServer;
}

/**
 * Starts a further server from the same programs as `like`. Dispose it when done; it dies with this process in any case.
 *
 * @param parent Where its data lie; in memory by default, see `memoryFolder`.
 *
 * Its databases are none of the leak guard's business: it asks only the servers that all tests share.
 */
export async function ownServer(
  like: TestServer,
  options: readonly string[] = [],
  parent?: string,
): Promise<OwnServer> {
  const programs = (await findServers()).find(({ name }) => name === like.name);
  if (programs === undefined) throw new Error(`There are no programs of ${like.name} any more.`);
  const started = await startServer(programs, options, parent ?? (await memoryFolder()));
  return {
    server: new TestServer(started.address),
    kill: () => started.kill(),
    startAgain: () => started.startAgain(),
    [Symbol.asyncDispose]: () => started.stop(),
  };
}
