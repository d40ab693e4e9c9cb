import type { TestProject } from 'vitest/node';
import { QUICK_OPTIONS } from '../servers/quick-options.ts';
import { memoryFolder } from '../servers/memory-folder.ts';
import { findServers } from '../servers/server-programs.ts';
import { startServer } from '../servers/throw-away-server.ts';
import type { ServerAddress, ThrowAwayServer } from '../servers/throw-away-server.ts';
import { buildWhenStale } from './build.ts';
import { TestServer } from './test-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    servers: readonly ServerAddress[];
  }
}

/**
 * Runs once before all integration tests: builds what they start, and starts every server.
 * A server that does not come up fails the run: tests that did not run must not look like tests that passed.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildWhenStale();
  const programs = await findServers();
  const parent = await memoryFolder();
  const starting = await Promise.allSettled(
    programs.map((each) => startServer(each, QUICK_OPTIONS[each.flavour], parent)),
  );
  const servers = starting.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failures = starting.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0) {
    await Promise.all(servers.map((server) => server.stop()));
    throw new AggregateError(failures, failures.map(String).join('\n'));
  }
  project.provide(
    'servers',
    servers.map((server) => server.address),
  );
  return async () => {
    try {
      await failOnScratchSchemas(servers);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  };
}

/** The guard after each test looks at its own jobs only; this one sees what nobody claims. */
async function failOnScratchSchemas(servers: readonly ThrowAwayServer[]): Promise<void> {
  for (const { address } of servers) {
    const left = await new TestServer(address).query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`);
    if (left !== '')
      throw new Error(`The tests left scratch schemas on ${address.name}: ${left.split('\n').join(', ')}`);
  }
}
