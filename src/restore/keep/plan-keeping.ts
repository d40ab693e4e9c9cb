import { DbBackupError } from '../../run/errors.ts';
import { readBrokenObjects } from '../../server/catalog/broken-objects.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import { readReferencesFrom } from '../../server/catalog/outgoing-foreign-keys.ts';
import type { Server } from '../../server/connect/server.ts';
import { readSizeOfTables } from '../../server/change/scratch-schemas.ts';
import { namedBroken } from '../../sql/definitions/broken-object.ts';
import { isEmpty, type ObjectNames } from '../../sql/definitions/object-names.ts';
import { unlessHeld } from './unless-held.ts';
import type { KeepingPlan, RestorePlan } from '../plan/restore-plan.ts';

/**
 * What `--keep-old` keeps, and how much room that takes.
 *
 * @param keepOldMs undefined, or 0: nothing is to be kept.
 * @param goes What the restore replaces or removes.
 * @returns undefined when nothing is kept.
 * @throws {DbBackupError} `usage` when it cannot be kept, with the reason.
 */
export async function planKeeping(
  { keepOldMs = 0 }: { readonly keepOldMs?: number | undefined },
  {
    plan,
    facts,
    goes,
  }: {
    readonly plan: Pick<RestorePlan, 'method' | 'methodReason' | 'target'>;
    readonly facts: DatabaseFacts | undefined;
    readonly goes: ObjectNames;
  },
  server: Server,
): Promise<KeepingPlan | undefined> {
  if (keepOldMs === 0 || facts === undefined || isEmpty(goes)) return undefined;
  const { database } = plan.target;
  const reason =
    plan.method === 'in-place'
      ? `the restore is made in place: ${plan.methodReason ?? ''}`
      : await whyNotKept(server, facts, goes);
  if (reason === undefined)
    return { forMs: keepOldMs, sizeBytes: await readSizeOfTables(server, database, goes.tables) };
  throw new DbBackupError(
    'usage',
    `The previous tables of ${database} cannot be kept (--keep-old), because ${reason}. Nothing was touched.`,
    { hint: 'Restore without --keep-old (or with --keep-old 0): undo then restores the safety backup.' },
  );
}

/** Why what leaves a database could not be swapped back into it; undefined: it could. */
export async function whyNotKept(
  server: Server,
  facts: DatabaseFacts,
  goes: ObjectNames,
): Promise<string | undefined> {
  const { database } = facts;
  const [reference] = await readReferencesFrom(server, database, goes.tables);
  if (reference !== undefined) {
    const { table, toDatabase, toTable } = reference;
    const to = toDatabase === database ? toTable : `${toDatabase}.${toTable}`;
    return `${table} has a foreign key to ${to}, which is not kept with it`;
  }
  const unreadable = facts.routines.find(
    ({ type, name, bodyVisible }) => !bodyVisible && goes.routines.includes(`${type} ${name}`),
  );
  if (unreadable !== undefined)
    return `the account may not read the text of the ${unreadable.type} ${unreadable.name}`;
  const views = facts.views.filter((name) => goes.views.includes(name));
  const broken = await unlessHeld(server, database, () =>
    // Tables are moved, not made again.
    readBrokenObjects(server, { database, tables: [], views }),
  );
  return broken.length === 0 ? undefined : `the server cannot open ${namedBroken(broken)}`;
}
