import type { Backup } from '../../backups/record/backup.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Server } from '../../server/connect/server.ts';
import { readReach } from '../../server/privileges/account-reach.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { RestoreRequest } from '../request.ts';

/**
 * Refuses statements that were allowed where nothing but the guard would limit what they do: they are run by the account
 * that loads rows, or by an account that can reach nothing but its database anyway.
 *
 * @throws {DbBackupError} `unsafe`, with what keeps the account from being made.
 */
export async function refuseUnconfined(
  { loadAccount: mode }: Pick<RestoreRequest, 'loadAccount'>,
  {
    plan: { allowedCount, loadAccount, target },
    backup,
  }: {
    readonly plan: Pick<RestorePlan, 'allowedCount' | 'loadAccount' | 'target'>;
    readonly backup: Backup;
  },
  server: Server,
): Promise<void> {
  if (allowedCount === 0 || loadAccount.made) return;
  const reach = await readReach(server, target.database);
  if (reach === undefined) return;
  throw new DbBackupError(
    'unsafe',
    `${backup.path} contains statements that no dump program writes. Only an account that can do nothing else may run them, and none can be made: ${loadAccount.reason}. Your own ${reach}. Nothing was touched.`,
    {
      hint:
        mode === 'off'
          ? 'Leave out --load-account off.'
          : (loadAccount.hint ?? `Restore with an account whose privileges are on ${target.database} alone.`),
    },
  );
}
