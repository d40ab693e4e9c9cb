import { DbBackupError } from '../../run/errors.ts';
import { readSchema } from '../../server/catalog/database-facts.ts';
import { readReferencesFrom } from '../../server/catalog/outgoing-foreign-keys.ts';
import { readServerTime } from '../../server/catalog/table-write-times.ts';
import type { Server } from '../../server/connect/server.ts';
import { readStoredObjects } from '../../server/definitions/read-stored-objects.ts';
import { readRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import { grantsOn } from '../../server/privileges/routine-grants.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import { unlessHeld } from './unless-held.ts';
import { namesOf, OLD_STATE_SCHEMA, type OldState } from './old-state.ts';

/**
 * What a swap is about to replace, so that it can be swapped back.
 *
 * @param server Uses the database afterwards.
 * @param isWhole See `OldState`.
 * @throws {DbBackupError} as `readStoredObjects`; `restore-failed` when a table cannot be kept any more.
 */
export async function makeOldState(server: Server, script: SwapScript, isWhole: boolean): Promise<OldState> {
  const { database, leaving, drops, triggers } = script;
  const [reference] = await readReferencesFrom(server, database, leaving);
  if (reference !== undefined) {
    const { table, toDatabase, toTable } = reference;
    throw new DbBackupError(
      'restore-failed',
      `Since the plan was made, ${table} has got a foreign key to ${toDatabase}.${toTable}, so it cannot be kept.`,
      { hint: 'Run it again; the new plan will account for it.' },
    );
  }
  const defaults = (await readSchema(server, database)) ?? {};
  const granted = (await readRoutineGrants(server, database)) ?? [];
  const stored = await unlessHeld(server, database, () => readStoredObjects(server, database, drops));
  return {
    schema: OLD_STATE_SCHEMA,
    database,
    at: await readServerTime(server),
    tables: leaving,
    programs: [...triggers, ...stored],
    defaults,
    grants: grantsOn(granted, drops.routines),
    isWhole,
    brought: namesOf({ tables: script.arriving, programs: script.programs }),
  };
}
