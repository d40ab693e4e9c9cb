import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'mysql2';
import { isIP } from 'node:net';
import { DbBackupError } from '../../run/errors.ts';
import type { Connection } from './connection.ts';
import { loginPlugins, type KeyedPlugins } from './login-plugins.ts';
import { driverSsl } from './ssl-options.ts';

export const CONNECT_TIMEOUT_MS = 10_000;
export type Values = (string | number)[];

/**
 * Our own queries are sent as UTF-8; for loading, statements are sent as raw bytes. A bare session has the server's
 * defaults.
 */
export type Purpose = 'questions' | 'loading' | 'bare';

export function driverOptions(
  connection: Connection,
  purpose: Purpose,
  {
    format,
    plugins,
  }: {
    readonly format: (sql: string, values: Values) => string;
    readonly plugins: KeyedPlugins;
  },
): ConnectionOptions {
  const { endpoint, user, password, ssl } = connection;
  return {
    ...(endpoint.kind === 'tcp'
      ? { host: certificateHost(endpoint.host, ssl) }
      : { socketPath: endpoint.path }), // not to connect: to the driver's login plugins it means a safe way
    user,
    ...(password === undefined ? {} : { password: password.reveal() }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: purpose === 'loading' ? 'BINARY' : 'utf8mb4',
    supportBigNumbers: true,
    dateStrings: true,
    flags: [...NOT_OF_STOCK_CLIENTS, ...(purpose === 'loading' ? NOT_OF_LOADING : [])],
    // Statements of a dump have no placeholders, and looking for them would take longer than sending them.
    queryFormat: (sql: string, values: Values) => (values.length === 0 ? sql : format(sql, values)),
    authPlugins: loginPlugins(password, plugins, endpoint.kind === 'socket' || ssl.mode === 'DISABLED'),
  };
}

/**
 * What the driver says of itself by default and the stock clients do not. The server makes a mode of its sessions of
 * IGNORE_SPACE, which routines and triggers keep, and in which a table may not be called `position`; it counts rows
 * otherwise after FOUND_ROWS. LOCAL_FILES: a server may ask any client for a file, and none is ever given.
 */
const NOT_OF_STOCK_CLIENTS = [
  '-IGNORE_SPACE',
  '-FOUND_ROWS',
  '-LOCAL_FILES',
  '-ODBC',
  '-IGNORE_SIGPIPE',
  '-RESERVED',
];

/**
 * With session tracking the driver would see a dump's SET NAMES, and encode its bytes again. With attributes of queries
 * more would stand before a statement than `sendPacket` has room for.
 */
const NOT_OF_LOADING = ['-SESSION_TRACK', '-CLIENT_QUERY_ATTRIBUTES'];

/**
 * The name that the certificate must be for. mysql2 names an address to Node not at all, which then checks that the
 * certificate is for `localhost`. With a final dot it is a name to mysql2; Node takes the dot off before it checks.
 */
function certificateHost(host: string, { mode }: Connection['ssl']): string {
  return mode === 'VERIFY_IDENTITY' && isIP(host) !== 0 ? `${host}.` : host;
}

export async function sslOption(connection: Connection): Promise<ConnectionOptions['ssl'] | undefined> {
  const ssl = driverSsl(connection.ssl, connection.endpoint);
  if (ssl === undefined) return undefined;
  const pem = async (path: string | undefined): Promise<Buffer | undefined> => {
    if (path === undefined) return undefined;
    try {
      return await readFile(path);
    } catch (cause) {
      throw new DbBackupError('usage', `${path} cannot be read.`, {
        hint: 'See --ssl-ca, --ssl-cert and --ssl-key.',
        cause,
      });
    }
  };
  const [ca, cert, key] = await Promise.all([pem(ssl.ca), pem(ssl.cert), pem(ssl.key)]);
  return {
    rejectUnauthorized: ssl.rejectUnauthorized,
    ...(ssl.verifyIdentity ? { verifyIdentity: true } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
