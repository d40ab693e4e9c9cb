import type { ResolvedSettings } from '../../core/connection.ts';
import { STDIN } from '../../core/choose-backups.ts';
import type { VerifyBackupsRequest } from '../../core/verify-backups.ts';
import type { FlagValues } from '../../model/settings.ts';
import { commandText } from '../../model/further-command.ts';
import { DbBackupError } from '../../model/errors.ts';
import { refuseNonName } from '../values/database-names.ts';
import { parseDirectory } from '../values/destination.ts';
import { isOn, type Lookup } from '../values/given.ts';
import { parseJobs } from '../values/jobs.ts';
import { sameServer } from '../same-server.ts';

/**
 * What the user asked `verify` for, checked. Pure.
 *
 * @param connection For a rehearsal; undefined: none is wanted.
 * @throws {DbBackupError} `usage`.
 */
export function verifyRequest(
  references: readonly string[],
  connection: ResolvedSettings['connection'] | undefined,
  given: Lookup,
  flags: FlagValues,
  place: { readonly cwd: string; readonly stdinIsTty: boolean; readonly cores: number },
): VerifyBackupsRequest {
  const all = isOn(given('all'));
  for (const reference of references) refuseNonName(reference, 'The backup to verify');
  if (all && references.length > 0) {
    throw new DbBackupError('usage', 'Backups are named, and --all means every one.', {
      hint: `${commandText('verify', [], ['--all'])}, or ${commandText('verify', references)}`,
    });
  }
  if (references.includes(STDIN) && place.stdinIsTty) {
    throw new DbBackupError('usage', 'stdin is a terminal: no backup is piped in.', {
      hint: 'dbbackup verify - < dump.sql',
    });
  }
  const directory = parseDirectory(given('dir'), place.cwd);
  return {
    directory,
    references,
    all,
    allowIncomplete: isOn(given('allow-incomplete')),
    rehearsal: connection && {
      connection,
      connections: parseJobs(given('jobs'), place.cores),
      sameServer: sameServer(flags, directory),
    },
  };
}
