import { STDIN } from '../../core/choose-backups.ts';
import type { VerifyBackupsRequest } from '../../core/verify-backups.ts';
import { commandText } from '../../model/further-command.ts';
import { DbBackupError } from '../../model/errors.ts';
import { refuseNonName } from '../values/database-names.ts';
import type { LongRun } from '../long-run.ts';
import { parseDirectory } from '../values/destination.ts';
import { isOn, type Lookup } from '../values/given.ts';
import { parseJobs } from '../values/jobs.ts';

/**
 * What the user asked `verify` for, checked. Pure.
 *
 * @param server For a rehearsal; undefined: none is wanted.
 * @throws {DbBackupError} `usage`.
 */
export function verifyRequest(
  references: readonly string[],
  server: Pick<LongRun, 'connection' | 'sameServer'> | undefined,
  given: Lookup,
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
  return {
    directory: parseDirectory(given('dir'), place.cwd),
    references,
    all,
    allowIncomplete: isOn(given('allow-incomplete')),
    skipAccounts: isOn(given('skip-accounts')),
    rehearsal: server && {
      connection: server.connection,
      connections: parseJobs(given('jobs'), place.cores),
      sameServer: server.sameServer,
    },
  };
}
