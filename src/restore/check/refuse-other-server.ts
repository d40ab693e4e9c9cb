import type { SharedSession } from '../../server/session/shared-session.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import { backupReference } from '../../backups/record/backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import { isAnotherServer, serverText } from '../../server/instance/server-identity.ts';
import type { RestoreRequest } from '../request.ts';

/**
 * A safety backup brings back what one server held; on another server nobody ever had that data.
 *
 * @throws {DbBackupError} `not-confirmed`, before the backup is read.
 */
export async function refuseOtherServer(
  { connection, fromOtherServer }: Pick<RestoreRequest, 'connection' | 'fromOtherServer'>,
  backup: Backup,
  session: SharedSession,
): Promise<void> {
  const { manifest } = backup;
  if (fromOtherServer === true || manifest?.label !== SAFETY_LABEL || manifest.server.identity === undefined)
    return;
  const here = await readServerIdentity(await session.open());
  if (!isAnotherServer(manifest.server, here)) return;
  const own = here.name === undefined ? '' : ` (${here.name})`;
  throw new DbBackupError(
    'not-confirmed',
    `${backupReference(backup)} is the safety backup of another server, ${serverText(manifest.server)}; this is ${describeEndpoint(connection.endpoint)}${own}. Nothing was touched.`,
    { hint: 'Connect to that server. If the backup is meant for this one, add --from-other-server.' },
  );
}
