import { connectServer } from '../adapters/server.ts';
import { readServerIdentity } from '../adapters/server-identity.ts';
import { backupReference } from '../model/backup.ts';
import type { Backup } from '../model/backup.ts';
import { describeEndpoint } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import { SAFETY_LABEL } from '../model/names.ts';
import { isAnotherServer, serverText } from '../model/server-identity.ts';
import type { RestoreRequest } from './restore.ts';
import type { Runtime } from './runtime.ts';

/**
 * A safety backup is to bring back what one server held: on another it is nothing that anybody had there.
 *
 * @throws {DbBackupError} `not-confirmed`, before the backup is read.
 */
export async function refuseOtherServer(
  { connection, fromOtherServer }: Pick<RestoreRequest, 'connection' | 'fromOtherServer'>,
  backup: Backup,
  { signal }: Runtime,
): Promise<void> {
  const { manifest } = backup;
  if (fromOtherServer === true || manifest?.label !== SAFETY_LABEL || manifest.server.identity === undefined)
    return;
  await using server = await connectServer(connection, signal);
  const here = await readServerIdentity(server);
  if (!isAnotherServer(manifest.server, here)) return;
  const own = here.name === undefined ? '' : ` (${here.name})`;
  throw new DbBackupError(
    'not-confirmed',
    `${backupReference(backup)} is the safety backup of another server, ${serverText(manifest.server)}; this is ${describeEndpoint(connection.endpoint)}${own}. Nothing was touched.`,
    { hint: 'Connect to that server, or, if it is meant for this one, add --from-other-server.' },
  );
}
