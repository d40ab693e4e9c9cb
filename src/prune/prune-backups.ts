import { listDatabaseFolders } from '../backups/directory/layout.ts';
import { lockFolder } from '../jobs/lock-folder.ts';
import { DbBackupError, isCancellation } from '../run/errors.ts';
import { newJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import { nearNames } from '../run/similar-names.ts';
import { refuseEmptyPolicy } from './policy.ts';
import { planFor, prunedDatabase, pruneDatabase, type PruneTask } from './prune-database.ts';
import type { PrunedDatabase, PruneFollower, PruneOutcome, PruneRequest } from './request.ts';

/**
 * Removes backups by a policy, one database after the other; if one fails, the next is still pruned.
 *
 * lock → read → plan → hide | remove manifest | remove file → unlock
 *
 * @throws {DbBackupError} `usage` for a policy that keeps nothing; `no-space` when the backup directory cannot be read.
 *   Every other expected failure is in the outcome.
 */
export async function pruneBackups(
  request: PruneRequest,
  runtime: Runtime,
  follower: PruneFollower = { begins: () => undefined },
): Promise<PruneOutcome> {
  const { directory, databases: named, policy, timeZone } = request;
  refuseEmptyPolicy(policy);
  const known = await listDatabaseFolders(directory);
  const databases: PrunedDatabase[] = [];
  const failures: PruneOutcome['failures'][number][] = [];
  for (const database of named.length > 0 ? [...new Set(named)] : known) {
    follower.begins(database);
    try {
      if (!known.includes(database)) throw noBackupsOf(database, known, directory);
      const { done, failure } = await pruneOne(request, { directory, database, policy, timeZone }, runtime);
      databases.push(done);
      if (failure !== undefined) throw failure;
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      failures.push({ database, error });
      if (isCancellation(error)) break;
    }
  }
  return { policy, timeZone, databases, failures };
}

async function pruneOne(
  { dryRun, lockWaitMs }: PruneRequest,
  task: PruneTask,
  runtime: Runtime,
): ReturnType<typeof pruneDatabase> {
  const { directory, database } = task;
  runtime.signal.throwIfAborted();
  if (dryRun) {
    const plan = await planFor(task, runtime);
    return { done: prunedDatabase(database, plan, plan.removed), failure: undefined };
  }
  const job = newJobId();
  const step = `Pruning the backups of ${database}...`;
  await using _lock = await lockFolder(
    { directory, database, operation: 'prune', job, waitMs: lockWaitMs, step },
    runtime,
  );
  return await pruneDatabase({ ...task, job }, runtime);
}

function noBackupsOf(database: string, known: readonly string[], directory: string): DbBackupError {
  const near = nearNames(database, known);
  return new DbBackupError('not-found', `There are no backups of ${database} in ${directory}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'list shows what there is; if the backups are elsewhere, use --dir <folder>.',
  });
}
