import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { current } from './current-test.ts';
import { quoted } from './test-server.ts';
import type { TestServer } from './test-server.ts';

/**
 * An empty database of the current test alone, dropped after it. The leak guard checks that nothing holds
 * dbbackup's lock on it then.
 *
 * @param options.name Only where the name is what is tested; otherwise a unique one is made up.
 * @param options.as What follows `CREATE DATABASE name`, e.g. `CHARACTER SET latin1`.
 * @param options.sql A script to fill it with.
 */
export async function freshDatabase(
  server: TestServer,
  options: { name?: string; as?: string; sql?: string | Uint8Array } = {},
): Promise<string> {
  const name = options.name ?? unusedName();
  await server.sql(
    `DROP DATABASE IF EXISTS ${quoted(name)}; CREATE DATABASE ${quoted(name)} ${options.as ?? ''};`,
  );
  databaseToBeMade(server, name);
  if (options.sql !== undefined) await server.sql(options.sql, name);
  return name;
}

/** A database name that no other test has, also in a run beside this one. It is not created; drop it when you made it. */
export function unusedName(prefix = 'test'): string {
  return `${prefix}_${randomBytes(5).toString('hex')}`;
}

/** A name for a database that the code under test will make: dropped after the test, watched by the leak guard. */
export function databaseToBeMade(server: TestServer, name: string = unusedName()): string {
  current().databases.push({ server, name });
  onTestFinished(async () => {
    await server.sql(`SET FOREIGN_KEY_CHECKS=0; DROP DATABASE IF EXISTS ${quoted(name)};`);
  });
  return name;
}
