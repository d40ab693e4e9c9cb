import { databaseFolder } from '../backups/directory/layout.ts';
import { readBackups } from '../backups/directory/read-backups.ts';
import { linksAmong, removeBackup } from '../backups/directory/remove-backup.ts';
import { type Backup, backupReference } from '../backups/record/backup.ts';
import { lockManifests } from '../jobs/lock-folder.ts';
import { DbBackupError } from '../run/errors.ts';
import type { Runtime } from '../run/runtime.ts';
import { planPrune, type PrunePlan } from './plan-prune.ts';
import type { Policy } from './policy.ts';
import type { PrunedDatabase } from './request.ts';
import { restoresThatNeed } from './restores-that-need.ts';
import { wallClock } from './wall-time.ts';

/** Whose backups are pruned, and by what. */
export interface PruneTask {
  readonly directory: string;
  readonly database: string;
  readonly policy: Policy;
  readonly timeZone: string;
}

/** The plan as things are now. Changes nothing. @throws {DbBackupError} `no-space` for a folder that cannot be read. */
export async function planFor(
  { directory, database, policy, timeZone }: PruneTask,
  runtime: Runtime,
): Promise<PrunePlan> {
  const backups = await readBackups(directory, database);
  return planPrune(policy, {
    backups,
    now: runtime.now(),
    clock: wallClock(timeZone),
    links: linksAmong(backups.map(({ path }) => path)),
    neededBy: await restoresThatNeed(backups, directory, runtime),
  });
}

/** What was removed, and what kept the rest from being removed. */
export interface Pruned {
  readonly done: PrunedDatabase;
  readonly failure: DbBackupError | undefined;
}

/**
 * Removes what the policy does not keep, the oldest first. To be called with the lock of the database held, whose run
 * has the id `job`.
 *
 * @throws {DbBackupError} before anything is removed.
 */
export async function pruneDatabase(
  task: PruneTask & { readonly job: string },
  runtime: Runtime,
): Promise<Pruned> {
  const { directory, database, job } = task;
  // A pin that is being set is either seen here, or finds that there is nothing left to pin.
  const holder = { database, operation: 'prune', job } as const;
  await using _lock = await lockManifests(databaseFolder(directory, database), holder, runtime);
  const plan = await planFor(task, runtime);
  const removed: Backup[] = [];
  try {
    for (const backup of plan.removed.toReversed()) {
      runtime.signal.throwIfAborted();
      await removeBackup(backup.path);
      removed.unshift(backup);
      const message = `Removed ${backupReference(backup)}, which no rule keeps.`;
      runtime.onProgress({ kind: 'detail', message });
    }
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    return { done: prunedDatabase(database, plan, removed), failure: error };
  }
  return { done: prunedDatabase(database, plan, removed), failure: undefined };
}

export function prunedDatabase(
  database: string,
  { kept }: PrunePlan,
  removed: readonly Backup[],
): PrunedDatabase {
  return { database, kept, removed, freedBytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
