import { pause } from '../../run/pause.ts';
import { readSchema, objectNames, readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import { dropDatabase } from '../../server/change/database-changes.ts';
import { readTriggerNames, dropTriggers } from '../../server/change/triggers.ts';
import { connectServer } from '../../server/connect/server.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { isEmpty } from '../../sql/definitions/object-names.ts';
import { loadStoredObjects } from '../load/load-stored-objects.ts';
import { isBusy } from './rename-tables.ts';
import type { Swap } from './table-holdings.ts';

export const LONGEST_PAUSE_MS = 2_000;

/**
 * Makes the triggers again that were dropped for a swap that did not come about; those that are there stay. A database
 * that was created for it is dropped, unless something else was put into it.
 */
export async function rollBackSwap({ connection, script }: Swap, signal: AbortSignal): Promise<void> {
  const { database, createsDatabase } = script;
  {
    await using server = await connectServer(connection, signal);
    if ((await readSchema(server, database)) === undefined) return;
    if (createsDatabase) {
      if (isEmpty(objectNames(await readDatabaseFacts(server, database))))
        await dropDatabase(server, database);
      return;
    }
  }
  await recreateMissingTriggers({ connection, script }, signal);
}

/** Makes those triggers again that were dropped. Waits as long as it takes for sessions that use their tables. */
export async function recreateMissingTriggers(
  { connection, script: { database, triggers } }: Pick<Swap, 'connection' | 'script'>,
  signal: AbortSignal,
): Promise<void> {
  if (triggers.length === 0) return; // without a login, of which the account may have few
  await using session = new SharedSession(connection, signal);
  for (;;) {
    const server = await session.open();
    const there = new Set(await readTriggerNames(server, database));
    const missing = triggers.filter(({ name }) => !there.has(name));
    // A MariaDB that was killed while it dropped one may know its name still.
    await dropTriggers(
      server,
      database,
      missing.map(({ name }) => name),
    );
    await session.close(); // of the few connections that the account may have, the swap itself has one
    try {
      const preset = ['SET SESSION lock_wait_timeout = 1'];
      await loadStoredObjects({ connection, schema: database, preset, programs: missing }, session, signal);
      return;
    } catch (error) {
      if (!(error instanceof Error && isBusy(error.cause))) throw error;
      await pause(LONGEST_PAUSE_MS, signal);
    }
  }
}
