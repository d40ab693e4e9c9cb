import type { Backup } from '../backups/record/backup.ts';
import { shownReference } from '../backups/record/backup.ts';
import { lockDatabase, refuseIfLocked } from '../jobs/lock-database.ts';
import type { DatabaseLock } from '../jobs/lock-database.ts';
import { cancelledWith } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { findDatabaseFacts, objectNames } from '../server/catalog/database-facts.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { SharedSession } from '../server/session/shared-session.ts';
import { isEmpty } from '../sql/definitions/object-names.ts';
import { PREPARING, prepareConfirmed } from './prepare-restore.ts';
import type { Prepared, ToPrepare } from './prepare-restore.ts';
import { readInterruptedRestores } from './recover/interrupted-restores.ts';
import { recoverRestores } from './recover/recover-restores.ts';
import type { RestoreRequest } from './request.ts';

/** The database that is restored into, and by which job. */
export interface Place {
  readonly connection: Connection;
  /** The backup directory of this run. */
  readonly directory: string;
  readonly database: string;
  readonly job: string;
}

/** What the user has agreed to, with the right to do it. */
export interface Agreed {
  readonly prepared: Prepared;
  /** For the caller to give back. */
  readonly lock: DatabaseLock;
  /** By the clock, in milliseconds. */
  readonly confirmedAt: number;
  /** How long the question waited for its answer. */
  readonly waitedMs: number;
}

/**
 * Takes the lock of the target and asks the user, in one of two orders, which is chosen here alone.
 *
 * At a terminal the question comes first: reading the backup and waiting for the answer may take hours, in which
 * backups of the database go on. A detached run takes the lock first: its user waits only for what can be checked at
 * once, and is to hear of another run as long as somebody reads it.
 *
 * All that follows asks the server again, with the lock held. The safety backup is made under this very lock.
 *
 * @throws {DbBackupError} `locked`, `not-confirmed`, and whatever keeps the backup from being restored.
 */
export async function lockAndAsk(
  request: RestoreRequest,
  place: Place,
  opened: ToPrepare,
  session: SharedSession,
  runtime: Runtime,
): Promise<Agreed> {
  const { lockWaitMs } = request;
  const take = (): Promise<DatabaseLock> => lockTarget(place, lockWaitMs, runtime);
  const ask = async (): Promise<Omit<Agreed, 'lock'>> => {
    let askedAt = 0;
    const confirm: RestoreRequest['confirm'] = (plan) => {
      askedAt = runtime.now().getTime();
      return request.confirm(plan);
    };
    const prepared = await asItWas(
      place,
      prepareConfirmed({ ...request, confirm }, opened, session, runtime),
    );
    const confirmedAt = runtime.now().getTime();
    return { prepared, confirmedAt, waitedMs: Math.max(0, confirmedAt - askedAt) };
  };
  if (request.confirmFirst === undefined) {
    if (lockWaitMs === 0) await asItWas(place, refuseIfLocked(place, runtime));
    await recoverFirst(place, take, session, runtime);
    const agreed = await ask();
    return { ...agreed, lock: await asItWas(place, take()) };
  }
  const lock = await asItWas(place, take());
  try {
    await asItWas(place, confirmAtOnce(request, place, opened.backup, session));
    runtime.onProgress({ kind: 'accepted', job: place.job, directory: place.directory });
    await recoverInterrupted(place, session, runtime);
    return { ...(await ask()), lock };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** Before anything of the target is changed: a cancellation says that it is unchanged. */
export async function asItWas<T>({ database }: Pick<Place, 'database'>, step: Promise<T>): Promise<T> {
  return step.catch((error: unknown) => {
    throw cancelledWith(error, `${database} is unchanged.`);
  });
}

export function lockTarget(place: Place, waitMs: number, runtime: Runtime): Promise<DatabaseLock> {
  return lockDatabase({ ...place, operation: 'restore', waitMs, step: PREPARING }, runtime);
}

/** What an earlier run left half done is put right before the target is looked at. */
export async function recoverFirst(
  place: Place,
  take: () => Promise<DatabaseLock>,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  if (!(await hasInterrupted(place, runtime))) return;
  await using _lock = await take();
  await recoverInterrupted(place, session, runtime);
}

/**
 * Brings to an end what dead restores have left half done; the lock of the target is held.
 *
 * @param session Closed for it: that may need all connections that the account may have.
 */
export async function recoverInterrupted(
  place: Place,
  session: SharedSession,
  runtime: Runtime,
): Promise<void> {
  if (!(await hasInterrupted(place, runtime))) return;
  await session.close();
  await recoverRestores({ ...place, own: place.job }, runtime);
}

async function hasInterrupted({ directory, database, job }: Place, { userId }: Runtime): Promise<boolean> {
  return (await readInterruptedRestores(directory, database, userId)).some(({ id }) => id !== job);
}

async function confirmAtOnce(
  { confirmFirst, directory }: Pick<RestoreRequest, 'confirmFirst' | 'directory'>,
  { database }: Place,
  backup: Backup,
  session: SharedSession,
): Promise<void> {
  const facts = await findDatabaseFacts(await session.open(), database);
  await confirmFirst?.({
    backup: { reference: shownReference(backup, directory) },
    target: { database },
    needsConfirmation: facts !== undefined && !isEmpty(objectNames(facts)),
  });
}
