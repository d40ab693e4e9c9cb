import { STDIN } from '../../verify/choose-backups.ts';
import type { VerifyBackupsRequest } from '../../verify/verify-backups.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { DbBackupError } from '../../run/errors.ts';
import { refuseNonName } from '../../settings/values/database-names.ts';
import type { ServerRun } from '../runs/server-run.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { isOn, type Lookup } from '../../settings/values/given-text.ts';
import { parseLoadAccount } from '../../settings/values/load-account.ts';
import { parseJobs } from '../../settings/values/connections.ts';

/**
 * What the user asked `verify` for, checked. Pure.
 *
 * @param server For a rehearsal; undefined: none is wanted.
 * @throws {DbBackupError} `usage`.
 */
export function verifyRequest(
  references: readonly string[],
  server: Pick<ServerRun, 'connection' | 'sameServer'> | undefined,
  given: Lookup,
  place: {
    readonly cwd: string;
    readonly program: string;
    readonly stdinIsTty: boolean;
    readonly cores: number;
  },
): VerifyBackupsRequest {
  const directory = parseDirectory(given('dir'), place.cwd);
  const all = isOn(given('all'));
  for (const reference of references) refuseNonName(reference, 'The backup to verify');
  if (all && references.length > 0) {
    throw new DbBackupError(
      'usage',
      'Backups were named, but --all means every backup. Use one or the other.',
      {
        hint: `${furtherCommand(directory, 'verify', references, [], place.program)}
${furtherCommand(directory, 'verify', [], ['--all'], place.program)}`,
      },
    );
  }
  if (references.includes(STDIN) && place.stdinIsTty) {
    throw new DbBackupError('usage', 'stdin is a terminal: no backup was piped in.', {
      hint: `${place.program} verify - < dump.sql`,
    });
  }
  return {
    directory,
    references,
    all,
    allowIncomplete: isOn(given('allow-incomplete')),
    skipAccounts: isOn(given('skip-accounts')),
    rehearsal: server && {
      connection: server.connection,
      connections: parseJobs(given('jobs'), place.cores),
      loadAccount: parseLoadAccount(given('load-account')),
      sameServer: server.sameServer,
    },
  };
}
