import type { UndoRequest } from '../../restore/undo/request.ts';
import type { ResolvedSettings } from '../../settings/resolve-settings.ts';
import { parseCompression } from '../../settings/values/compression.ts';
import { parseJobs } from '../../settings/values/connections.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { parseDuration } from '../../settings/values/duration.ts';
import type { Lookup } from '../../settings/values/given-text.ts';
import { parseKeepOld } from '../../settings/values/keep-old.ts';
import { parseLoadAccount } from '../../settings/values/load-account.ts';

/**
 * What the user asked `undo` for, checked, but for the confirmation. Pure.
 *
 * @throws {DbBackupError} `usage`, naming the setting and where it was given.
 */
export function undoRequest(
  job: string | undefined,
  connection: ResolvedSettings['connection'],
  given: Lookup,
  sameServer: readonly string[],
  place: { readonly cwd: string; readonly cores: number },
): Omit<UndoRequest, 'confirm'> {
  const safetyCompression = given('safety-compress');
  return {
    connection,
    directory: parseDirectory(given('dir'), place.cwd),
    job,
    keepOldMs: parseKeepOld(given('keep-old')),
    connections: parseJobs(given('jobs'), place.cores),
    loadAccount: parseLoadAccount(given('load-account')),
    safetyCompression: safetyCompression === undefined ? undefined : parseCompression(safetyCompression),
    lockWaitMs: parseDuration(given('lock-wait')) ?? 0,
    sameServer,
  };
}
