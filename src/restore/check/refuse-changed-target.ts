import { DbBackupError } from '../../run/errors.ts';
import { type DatabaseFacts, findDatabaseFacts, objectNames } from '../../server/catalog/database-facts.ts';
import { readForeignReferences } from '../../server/catalog/incoming-foreign-keys.ts';
import type { Server } from '../../server/connect/server.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { isEmpty, type ObjectNames, without, countObjects } from '../../sql/definitions/object-names.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { WayBack } from '../replace/way-back.ts';

/**
 * Refuses a target that was empty when the plan was made and is no longer, with the lock held: nobody has confirmed
 * that what was added since may be replaced, and there would be no safety backup of it.
 *
 * @throws {DbBackupError} `not-confirmed`.
 */
export async function refuseFilledTarget(
  { target, safetyBackup }: RestorePlan,
  session: SharedSession,
): Promise<void> {
  if (safetyBackup !== 'not-needed') return;
  const { database } = target;
  const facts = await findDatabaseFacts(await session.open(), database);
  if (facts === undefined || isEmpty(objectNames(facts))) return;
  throw new DbBackupError(
    'not-confirmed',
    `${database} was empty when the plan was made but no longer is. Nothing was touched.`,
    { hint: 'Check its contents; to replace them, run the restore again.' },
  );
}

/**
 * Refuses to remove what has come into the target since the plan was made: nobody has confirmed that it may go, and the
 * safety backup may not have it.
 *
 * @param goes What is about to leave the target, as it is now.
 * @throws {DbBackupError} `restore-failed`, naming it.
 */
export function refuseNewcomers(
  { target }: { readonly target: Pick<RestorePlan['target'], 'database' | 'holds'> },
  goes: ObjectNames,
): void {
  const newcomers = without(goes, target.holds);
  if (isEmpty(newcomers)) return;
  const names = Object.values(newcomers).flat() as string[];
  throw new DbBackupError(
    'restore-failed',
    `Since the plan was made, other sessions have created ${countObjects(newcomers)} in ${target.database}, which would be lost: ${names.slice(0, 5).join(', ')}.`,
    { hint: 'To replace these, too, run the restore again; or restore into another database with --to.' },
  );
}

/**
 * Refuses a target whose definitions are others than when its safety backup was made.
 *
 * @param facts Of the target, as it is now.
 * @throws {DbBackupError} `restore-failed`.
 */
export function refuseNewDefinitions(
  target: string,
  facts: DatabaseFacts | undefined,
  { safety }: WayBack,
): void {
  if (safety === undefined || facts?.fingerprint === safety.fingerprint) return;
  throw new DbBackupError(
    'restore-failed',
    `A definition in ${target} has changed since its safety backup was made (a migration, an ALTER, a dropped, created or renamed table).`,
    { hint: 'Run the restore again when no migration is running.' },
  );
}

/**
 * Refuses to move a table away to which a foreign key has come since the plan was made: it would follow the old table.
 *
 * @throws {DbBackupError} `restore-failed`, naming both.
 */
export async function refuseNewReferences(request: {
  readonly server: Server;
  readonly target: string;
  readonly leaving: readonly string[];
  /** Tables of the target that stay. */
  readonly stays: readonly string[];
  /** The schema whose tables come into the target's. */
  readonly scratch: string;
}): Promise<void> {
  const { server, target, leaving, stays, scratch } = request;
  if (leaving.length === 0) return; // servers open every table that they have to answer
  const [reference] = (await readForeignReferences(server, target, stays)).filter(
    ({ fromDatabase }) => fromDatabase !== scratch,
  );
  if (reference === undefined) return;
  const { fromDatabase, fromTable, table } = reference;
  throw new DbBackupError(
    'restore-failed',
    `Since the plan was made, ${fromDatabase}.${fromTable}, which is kept, now has a foreign key to ${table}.`,
    { hint: 'Run the restore again; the new plan will account for it.' },
  );
}
