// The one place that knows mysql2: our own questions to the server go through here.
import { readFile } from 'node:fs/promises';
import type { Connection as DriverConnection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { describeEndpoint } from '../model/connection.ts';
import type { Connection } from '../model/connection.ts';
import { DbBackupError } from '../model/errors.ts';
import type { Flavour } from '../model/manifest.ts';
import { driverSsl } from '../model/ssl-options.ts';
import { connectFailure, queryFailure } from './server-errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export type Row = Readonly<Record<string, string | number | null>>;

/** One open connection to the server. */
export interface Server extends AsyncDisposable {
  readonly flavour: Flavour;
  /** e.g. `10.11.19-MariaDB-0+deb12u1`, `9.7.4`. */
  readonly version: string;
  /** The server's number for this connection, as `SHOW PROCESSLIST` shows it. */
  readonly connectionId: number;
  /** Whether TLS protects it. */
  readonly encrypted: boolean;
  /**
   * Runs one statement. Numbers come as numbers, everything else as text or null.
   *
   * @throws {DbBackupError} by the server's error number; see `server-errors.ts`.
   */
  query(sql: string, values?: readonly (string | number)[]): Promise<readonly Row[]>;
  /** Called once when the connection is lost, not when it is closed by us. */
  onLost(listener: () => void): void;
  /** Ends it at once: for a statement that waits. */
  destroy(): void;
}

/**
 * Connects for questions of our own.
 *
 * @throws {DbBackupError} `access-denied`, `unreachable`, `not-found`; an aborted signal's own reason.
 */
export async function connectServer(connection: Connection, signal: AbortSignal): Promise<Server> {
  signal.throwIfAborted();
  const { createConnection } = await import('mysql2/promise');
  const ssl = await sslOption(connection);
  const options = driverOptions(connection);
  let driver: DriverConnection;
  let encrypted = ssl !== undefined;
  try {
    driver = await createConnection(ssl === undefined ? options : { ...options, ssl });
  } catch (error) {
    // PREFERRED means TLS where the server has it, which the driver does not know.
    const refusedTls = (error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!refusedTls || connection.ssl.mode !== 'PREFERRED') throw connectFailure(error, connection);
    encrypted = false;
    driver = await createConnection(options).catch((again: unknown) => {
      throw connectFailure(again, connection);
    });
  }
  return describeServer(new MysqlServer(driver, connection, encrypted), signal);
}

async function describeServer(server: MysqlServer, signal: AbortSignal): Promise<Server> {
  const abort = (): void => {
    server.destroy();
  };
  signal.addEventListener('abort', abort, { once: true });
  server.beforeClose(() => {
    signal.removeEventListener('abort', abort);
  });
  try {
    signal.throwIfAborted();
    const [row] = await server.query('SELECT VERSION() AS version, CONNECTION_ID() AS id');
    server.version = String(row?.['version']);
    server.flavour = server.version.includes('MariaDB') ? 'mariadb' : 'mysql';
    server.connectionId = Number(row?.['id']);
    // Our questions are about the catalogue: they may take long on a large server, and must not be cached.
    await server.query(
      server.flavour === 'mariadb'
        ? 'SET SESSION max_statement_time = 0'
        : 'SET SESSION max_execution_time = 0',
    );
    if (server.flavour === 'mysql') {
      // Since 8.0; 5.7 has no such cache and refuses the variable.
      await server.query('SET SESSION information_schema_stats_expiry = 0').catch(() => undefined);
    }
    return server;
  } catch (error) {
    server.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

class MysqlServer implements Server {
  flavour: Flavour = 'mysql';
  version = '';
  connectionId = 0;
  readonly encrypted: boolean;
  readonly #driver: DriverConnection;
  readonly #connection: Connection;
  readonly #cleanups: (() => void)[] = [];
  readonly #lostListeners: (() => void)[] = [];
  #closing = false;

  constructor(driver: DriverConnection, connection: Connection, encrypted: boolean) {
    this.#driver = driver;
    this.#connection = connection;
    this.encrypted = encrypted;
    const lost = (): void => {
      if (this.#closing) return;
      this.#closing = true;
      for (const listener of this.#lostListeners) listener();
    };
    // Without a listener a lost connection would end the process.
    driver.on('error', lost);
    driver.on('end', lost);
  }

  async query(sql: string, values: readonly (string | number)[] = []): Promise<readonly Row[]> {
    try {
      const [rows] = await this.#driver.query<RowDataPacket[]>(sql, [...values]);
      return Array.isArray(rows) ? rows : [];
    } catch (error) {
      throw queryFailure(error, this.#connection);
    }
  }

  onLost(listener: () => void): void {
    this.#lostListeners.push(listener);
  }

  beforeClose(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  destroy(): void {
    this.#closing = true;
    for (const cleanup of this.#cleanups) cleanup();
    this.#driver.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    for (const cleanup of this.#cleanups) cleanup();
    // A server that does not answer the goodbye must not hold us.
    await Promise.race([this.#driver.end().catch(() => undefined), sleepUnreferenced(1_000)]);
    this.#driver.destroy();
  }
}

function sleepUnreferenced(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function driverOptions(connection: Connection): ConnectionOptions {
  const { endpoint, user, password } = connection;
  return {
    ...(endpoint.kind === 'socket'
      ? { socketPath: endpoint.path }
      : { host: endpoint.host, port: endpoint.port, enableKeepAlive: true }),
    user,
    ...(password === undefined ? {} : { password: password.reveal() }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    dateStrings: true,
    // A server may ask any client for a local file: never give one.
    flags: ['-LOCAL_FILES'],
    // Socket logins of the operating system's user: the server asks for nothing but an answer.
    authPlugins: Object.fromEntries(
      ['unix_socket', 'auth_socket'].map((plugin) => [plugin, () => () => Buffer.from([0])]),
    ),
  };
}

async function sslOption(connection: Connection): Promise<ConnectionOptions['ssl'] | undefined> {
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

/** For messages: `127.0.0.1:3306` or the socket's path. */
export function serverName(connection: Connection): string {
  return describeEndpoint(connection.endpoint);
}
