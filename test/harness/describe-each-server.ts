import { describe, inject } from 'vitest';
import { TestServer } from './test-server.ts';

/** Every real server of this run. */
export function testServers(): readonly TestServer[] {
  return inject('servers').map((address) => new TestServer(address));
}

/** The same tests against every real server: for what servers and their client programs do in different ways. */
export function describeEachServer(title: string, tests: (server: TestServer) => void): void {
  describeOn(testServers(), title, tests);
}

/**
 * Tests of what is dbbackup's own doing, whatever the server: against one of this run's servers, which the title
 * chooses, so that none is left out altogether. `npm run test:matrix` runs them against every one.
 */
export function describeOneServer(title: string, tests: (server: TestServer) => void): void {
  describeOn(
    testServers().filter((server) => isTurnOf(title, server)),
    title,
    tests,
  );
}

/** For tests like those of `describeOneServer` that share what they stand on with others: whether they run on this one. */
export function isTurnOf(title: string, server: TestServer): boolean {
  if (process.env['DBBACKUP_TEST_MATRIX'] !== undefined) return true;
  const servers = testServers();
  const turn = Buffer.from(title).reduce((sum, byte) => sum + byte, 0) % servers.length;
  return servers[turn]?.name === server.name;
}

function describeOn(
  servers: readonly TestServer[],
  title: string,
  tests: (server: TestServer) => void,
): void {
  for (const server of servers) {
    describe(`${title} (${server.name})`, () => {
      tests(server);
    });
  }
}
