// The one place that knows mysql2: our own queries are sent from here.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type {
  Connection as DriverConnection,
  ConnectionOptions,
  ResultSetHeader,
  RowDataPacket,
} from 'mysql2/promise';
import type { Connection } from './connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Flavour } from './flavour.ts';
import { firstQuestion, prepareSession } from '../session/session.ts';
import { dumpStatementFailure, queryFailure } from './server-failures.ts';
import { connectFailure } from './connect-failure.ts';
import { PACKET_ROOM_BYTES, paddedForDriver, sendPacket } from './send-packet.ts';
import { driverOptions, type Purpose, sslOption } from './driver-options.ts';

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
  /** What was set for its purpose: `sql_big_selects = 'ON'`, … */
  readonly settings: readonly string[];
  /**
   * Runs one statement. Numbers come as numbers, everything else as text or null.
   *
   * @throws {DbBackupError} by the server's error number; see `server-failures.ts`.
   */
  query(sql: string, values?: readonly (string | number)[]): Promise<readonly Row[]>;
  /**
   * Runs one statement of a dump, as the bytes it is; a string stands for bytes as latin1. Only on a connection for
   * loading.
   *
   * @returns of a plain INSERT, how many rows it put in. Of one that passes over rows, or replaces them, something
   *   else.
   * @throws {DumpStatementError} without row data; `unreachable`.
   */
  run(statement: Buffer | string): Promise<number>;
  /**
   * As `run`, of an INSERT that need not be copied.
   *
   * @param packet `PACKET_ROOM_BYTES` that are written to, then the statement; not to be touched until it has run.
   */
  runPacket(packet: Buffer): Promise<number>;
  /** Called once when the connection is lost, not when it is closed by us. */
  onLost(listener: () => void): void;
  /** Ends it immediately, for a statement that is waiting. */
  destroy(): void;
}

/**
 * Connects, by default for questions of our own.
 *
 * @throws {DbBackupError} `access-denied`, `unreachable`, `not-found`; an aborted signal's own reason.
 */
export async function connectServer(
  connection: Connection,
  signal: AbortSignal,
  purpose: Purpose = 'questions',
): Promise<Server> {
  signal.throwIfAborted();
  const ssl = await sslOption(connection);
  try {
    return await login(connection, ssl, signal, purpose);
  } catch (error) {
    // PREFERRED means TLS where the server has it, which the driver does not know.
    const refusedTls = (error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!refusedTls || connection.ssl.mode !== 'PREFERRED') throw failureOf(error, connection, signal);
  }
  try {
    return await login(connection, undefined, signal, purpose);
  } catch (error) {
    throw failureOf(error, connection, signal);
  }
}

function failureOf(error: unknown, connection: Connection, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return error instanceof DbBackupError ? error : connectFailure(error, connection);
}

async function login(
  connection: Connection,
  ssl: ConnectionOptions['ssl'] | undefined,
  signal: AbortSignal,
  purpose: Purpose,
): Promise<Server> {
  const [{ createConnection, format }, { authPlugins: plugins }] = await Promise.all([
    import('mysql2/promise'),
    import('mysql2'),
  ]);
  const { endpoint } = connection;
  // The socket is ours, because only then can a server that does not answer be left immediately: the driver says
  // goodbye first, and leaves what waits for an answer waiting.
  const socket =
    endpoint.kind === 'socket'
      ? connect(endpoint.path)
      : connect({ ...endpoint, keepAlive: true, noDelay: true });
  const abort = (): void => {
    socket.destroy(new Error('aborted'));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const driver = await createConnection({
      ...driverOptions(connection, purpose, { format, plugins }),
      stream: () => socket,
      ...(ssl === undefined ? {} : { ssl }),
    });
    const server = new MysqlServer(driver, socket, connection, ssl !== undefined, signal);
    server.beforeClose(() => {
      signal.removeEventListener('abort', abort);
    });
    await server.begin(purpose);
    return server;
  } catch (error) {
    signal.removeEventListener('abort', abort);
    socket.destroy();
    throw error;
  }
}

class MysqlServer implements Server {
  flavour: Flavour = 'mysql';
  version = '';
  connectionId = 0;
  settings: readonly string[] = [];
  readonly encrypted: boolean;
  readonly #driver: DriverConnection;
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #cleanups: (() => void)[] = [];
  readonly #lostListeners: (() => void)[] = [];
  #closing = false;

  constructor(
    driver: DriverConnection,
    socket: Socket,
    connection: Connection,
    encrypted: boolean,
    signal: AbortSignal,
  ) {
    this.#driver = driver;
    this.#socket = socket;
    this.#connection = connection;
    this.#signal = signal;
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

  /** Asks for version and id, and prepares the session for its purpose. */
  async begin(purpose: Purpose): Promise<void> {
    const [row] = await this.query(firstQuestion('VERSION() AS version, CONNECTION_ID() AS id'));
    this.version = String(row?.['version']);
    this.flavour = this.version.includes('MariaDB') ? 'mariadb' : 'mysql';
    this.connectionId = Number(row?.['id']);
    if (purpose !== 'bare') this.settings = await prepareSession(this, purpose);
  }

  async query(sql: string, values: readonly (string | number)[] = []): Promise<readonly Row[]> {
    try {
      const [rows] = await this.#driver.query<RowDataPacket[]>(sql, [...values]);
      return Array.isArray(rows) ? rows : [];
    } catch (error) {
      throw this.#signal.aborted ? this.#signal.reason : queryFailure(error, this.#connection);
    }
  }

  async run(statement: Buffer | string): Promise<number> {
    try {
      const text = paddedForDriver(typeof statement === 'string' ? statement : statement.toString('latin1'));
      const [result] = await this.#driver.query<ResultSetHeader>(text);
      return result.affectedRows; // not out of its words, which servers say in their own languages
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      const bytes = typeof statement === 'string' ? Buffer.from(statement, 'latin1') : statement;
      throw dumpStatementFailure(error, this.#connection, bytes);
    }
  }

  async runPacket(packet: Buffer): Promise<number> {
    try {
      return await sendPacket(this.#driver, packet);
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      throw dumpStatementFailure(error, this.#connection, packet.subarray(PACKET_ROOM_BYTES));
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
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // A server that does not answer the goodbye must not block us.
    await Promise.race([this.#driver.end().catch(() => undefined), sleepUnreferenced(1_000)]);
    this.destroy();
  }
}

function sleepUnreferenced(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
