import { processRuntime } from '../cli/process/process-context.ts';
import { keepPolicy } from '../cli/commands/prune/keep-policy.ts';
import { type PinOutcome, pinBackup as pin } from '../prune/pin-backup.ts';
import { pruneBackups as prune } from '../prune/prune-backups.ts';
import type { PruneFollower, PruneOutcome } from '../prune/request.ts';
import { localTimeZone } from '../prune/wall-time.ts';
import type { Runtime } from '../run/runtime.ts';
import { refuseNonName } from '../settings/values/database-names.ts';
import { absoluteDirectory, given } from './checked-values.ts';
import type { PinBackupRequest, PruneBackupsRequest } from './requests.ts';

/**
 * Removes the backups that no keep rule keeps, and tells why the others stay. Needs no server.
 *
 * @throws {DbBackupError} `usage` when no rule keeps anything; `no-space` when the backup directory cannot be read.
 *   What fails of a database is in the outcome.
 */
export async function pruneBackups(
  request: PruneBackupsRequest,
  runtime: Runtime = processRuntime(),
  follower?: PruneFollower,
): Promise<PruneOutcome> {
  const { keep } = request;
  const policy = keepPolicy((key) => {
    if (key === 'require-copy') return keep.requiresCopy === true ? given('requiresCopy', '') : undefined;
    const value = keep[key.replace('keep-', '') as keyof typeof keep];
    return value === undefined ? undefined : given(key.replace('keep-', ''), String(value));
  });
  return prune(
    {
      directory: absoluteDirectory(request.directory, runtime.cwd),
      databases: request.databases ?? [],
      policy,
      timeZone: request.timeZone ?? localTimeZone(),
      dryRun: request.dryRun ?? false,
      lockWaitMs: request.lockWaitMs ?? 0,
    },
    runtime,
    follower,
  );
}

/**
 * Keeps a backup whatever the rules say, or with `remove` no longer.
 *
 * @throws {DbBackupError} `not-found`, `usage`, `damaged`, `no-space`, `locked`.
 */
export async function pinBackup(
  request: PinBackupRequest,
  runtime: Runtime = processRuntime(),
): Promise<PinOutcome> {
  const { reference, database, until, reason, remove = false } = request;
  refuseNonName(reference, 'reference');
  const directory = absoluteDirectory(request.directory, runtime.cwd);
  return pin({ reference, directory, database, pin: remove ? undefined : { until, reason } }, runtime);
}
