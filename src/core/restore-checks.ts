import { readPrivileges } from '../adapters/database-facts.ts';
import type { Server } from '../adapters/server.ts';
import { DbBackupError } from '../model/errors.ts';
import { missingForRestore, quoteAccount } from '../model/grants.ts';
import { quoteName } from '../model/names.ts';
import type { RestorePlan } from '../model/restore-plan.ts';
import type { Verified } from './verify.ts';

/**
 * Refuses, before anything is touched, what would fail half-way: a missing privilege, a server that takes only
 * shorter statements than the dump's longest.
 *
 * @throws {DbBackupError} `access-denied` with the GRANT; `restore-failed`.
 */
export async function refuseUnfitServer(request: {
  readonly plan: RestorePlan;
  readonly verified: Verified;
  readonly server: Server;
}): Promise<void> {
  const { plan, verified, server } = request;
  const { database } = plan.target;
  const { account, privileges } = await readPrivileges(server);
  const missing = missingForRestore(privileges, plan);
  if (missing.length > 0) {
    const who = quoteAccount(account);
    throw new DbBackupError(
      'access-denied',
      `The account ${who} may not restore ${database}: it lacks ${missing.join(', ')}. Nothing was touched.`,
      {
        hint: `GRANT ${missing.join(', ')} ON ${quoteName(database)}.* TO ${who};`,
      },
    );
  }
  const [row] = await server.query('SELECT @@GLOBAL.max_allowed_packet AS bytes');
  const allowedBytes = Number(row?.['bytes']);
  const { longestStatementBytes } = verified.findings;
  if (longestStatementBytes > allowedBytes) {
    throw new DbBackupError(
      'restore-failed',
      `The dump's longest statement has ${longestStatementBytes} bytes; the server takes ${allowedBytes} at most (max_allowed_packet). Nothing was touched.`,
      {
        hint: `SET GLOBAL max_allowed_packet = ${Math.min(1024 ** 3, 2 ** Math.ceil(Math.log2(longestStatementBytes + 1024)))};`,
      },
    );
  }
}
