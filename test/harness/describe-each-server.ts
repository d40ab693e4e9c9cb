import { describe, inject } from 'vitest';
import { TestServer } from './test-server.ts';

/** Every real server of this run. */
export function testServers(): readonly TestServer[] {
  return inject('servers').map((address) => new TestServer(address));
}

/** The same tests against every real server. */
export function describeEachServer(title: string, tests: (server: TestServer) => void): void {
  for (const server of testServers()) {
    describe(`${title} (${server.name})`, () => {
      tests(server);
    });
  }
}
