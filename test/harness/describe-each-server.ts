import { describe, inject } from 'vitest';
import { TestServer } from './test-server.ts';

/** Every real server of this run. */
export function testServers(): readonly TestServer[] {
  return inject('servers').map((address) => new TestServer(address));
}

/**
 * The same tests against every real server: for what their releases and client programs do in different ways (what they
 * print of definitions, which privileges they have, what is in a dump).
 */
export function describeEachServer(title: string, tests: (server: TestServer) => void): void {
  describeOn(testServers(), title, tests);
}

/**
 * Tests of what MySQL and MariaDB do in different ways, and all releases of each in the same (locks, transactions, the
 * swap): see `oneOfEachFlavour`. `npm run test:matrix` runs them against every server.
 *
 * @param tests Is given the server, and all those that the tests are run on.
 */
export function describeEachFlavour(
  title: string,
  tests: (server: TestServer, servers: readonly TestServer[]) => void,
): void {
  describeOn(oneOfEachFlavour(title), title, tests);
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

/** One of this run's MariaDB servers and one of its MySQL servers, which the title chooses. */
export function oneOfEachFlavour(title: string): readonly TestServer[] {
  const servers = testServers();
  const alike = ({ flavour }: TestServer) => servers.filter((other) => other.flavour === flavour);
  return servers.filter((server) => isTurnOf(title, server, alike(server)));
}

/**
 * For tests like those of `describeOneServer` that share what they stand on with others: whether they run on this one.
 *
 * @param servers Those that the others run on.
 */
export function isTurnOf(
  title: string,
  server: TestServer,
  servers: readonly TestServer[] = testServers(),
): boolean {
  if (isWholeMatrix()) return true;
  const turn = Buffer.from(title).reduce((sum, byte) => sum + byte, 0) % servers.length;
  return servers[turn]?.name === server.name;
}

/** Whether this is `npm run test:matrix`. */
export function isWholeMatrix(): boolean {
  return process.env['DBBACKUP_TEST_MATRIX'] !== undefined;
}

function describeOn(
  servers: readonly TestServer[],
  title: string,
  tests: (server: TestServer, servers: readonly TestServer[]) => void,
): void {
  for (const server of servers) {
    describe(`${title} (${server.name})`, () => {
      tests(server, servers);
    });
  }
}
