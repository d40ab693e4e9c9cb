import type { ResolvedSettings } from '../../core/connection.ts';
import type { RestoreRequest } from '../../core/restore.ts';
import { DbBackupError } from '../../model/errors.ts';
import type { FlagValues } from '../../model/settings.ts';
import { sameServer } from '../same-server.ts';
import { refuseNonName } from '../values/database-names.ts';
import { parseDirectory } from '../values/destination.ts';
import { parseDuration } from '../values/duration.ts';
import { parseJobs } from '../values/jobs.ts';
import { isOn, type Lookup } from '../values/given.ts';

/**
 * What the user asked `restore` for, checked, but for the confirmation. Pure.
 *
 * @throws {DbBackupError} `usage`, naming the setting and where it was given.
 */
export function restoreRequest(
  reference: string,
  connection: ResolvedSettings['connection'],
  given: Lookup,
  flags: FlagValues,
  place: { readonly cwd: string; readonly stdinIsTty: boolean; readonly cores: number },
): Omit<RestoreRequest, 'confirm'> {
  refuseNonName(reference, 'The backup to restore');
  const to = given('to')?.text;
  if (to !== undefined) refuseNonName(to, '--to');
  if (reference === '-' && place.stdinIsTty) {
    throw new DbBackupError('usage', 'stdin is a terminal: no backup is piped in.', {
      hint: `dbbackup restore - --to ${to ?? '<database>'} < dump.sql`,
    });
  }
  const directory = parseDirectory(given('dir'), place.cwd);
  return {
    connection,
    directory,
    reference,
    to,
    keepExtra: isOn(given('keep-extra')),
    safetyBackup: !isOn(given('no-safety-backup')),
    inPlace: isOn(given('in-place')),
    connections: parseJobs(given('jobs'), place.cores),
    allowIncomplete: isOn(given('allow-incomplete')),
    lockWaitMs: parseDuration(given('lock-wait')) ?? 0,
    sameServer: sameServer(flags, directory),
  };
}
