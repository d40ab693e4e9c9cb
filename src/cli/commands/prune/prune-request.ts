import type { PruneRequest } from '../../../prune/request.ts';
import { localTimeZone } from '../../../prune/wall-time.ts';
import { parseDatabaseNames } from '../../../settings/values/database-names.ts';
import { parseDirectory } from '../../../settings/values/destination.ts';
import { parseDuration } from '../../../settings/values/duration.ts';
import { isOn, type Lookup } from '../../../settings/values/given-text.ts';
import { keepPolicy } from './keep-policy.ts';

/**
 * What the user asked `prune` for, checked.
 *
 * @throws {DbBackupError} `usage`, naming the setting and where it was given.
 */
export function pruneRequest(
  operands: readonly string[],
  given: Lookup,
  place: { readonly cwd: string },
): PruneRequest {
  return {
    directory: parseDirectory(given('dir'), place.cwd),
    databases: parseDatabaseNames(operands),
    policy: keepPolicy(given),
    timeZone: localTimeZone(),
    dryRun: isOn(given('dry-run')),
    lockWaitMs: parseDuration(given('lock-wait')) ?? 0,
  };
}
