import { DbBackupError } from '../../run/errors.ts';
import type { ServerIdentity } from './server-identity.ts';
import type { Row, Server } from '../connect/server.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

/**
 * What a server says of itself. MySQL keeps a `server_uuid` with its data. MariaDB keeps none: its `server_uid` (since
 * 10.11) is a hash of the network card's address and the port, which containers on two machines may share. So host name
 * and data directory count as well, and a MariaDB that moves to another machine is another server.
 *
 * @returns Nothing of a server, or a proxy before it, that does not say.
 */
export async function readServerIdentity(server: Pick<Server, 'flavour' | 'query'>): Promise<ServerIdentity> {
  const named = await readVariables(server, ['hostname', 'port', 'datadir']);
  const own = await readVariables(server, [server.flavour === 'mysql' ? 'server_uuid' : 'server_uid']);
  const host = text(named?.['hostname']);
  const name = host === undefined ? undefined : `${host}:${text(named?.['port']) ?? '0'}`;
  if (server.flavour === 'mysql') return { identity: text(own?.['server_uuid']), name };
  const parts = [text(own?.['server_uid']), name, text(named?.['datadir'])].filter(
    (part) => part !== undefined,
  );
  return { identity: parts.length > 1 ? parts.join(' ') : undefined, name };
}

async function readVariables(
  server: Pick<Server, 'query'>,
  names: readonly string[],
): Promise<Row | undefined> {
  try {
    const [row] = await server.query(
      `SELECT ${names.map((name) => `@@GLOBAL.${name} AS ${name}`).join(', ')}`,
    );
    return row;
  } catch (error) {
    const isUnknown = error instanceof ServerStatementError;
    if (!isUnknown && !(error instanceof DbBackupError && error.code === 'access-denied')) throw error;
    return undefined;
  }
}

function text(value: string | number | null | undefined): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
