import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  databaseOfLogin,
  errorPacket,
  fileRequestPacket,
  greetingPacket,
  LONGEST_PACKET,
  NO_BACKSLASH_ESCAPES,
  okPacket,
  resultSet,
} from './mysql-packets.ts';

/** What a fake server has been asked, for "nothing reached the target". */
export interface FakeServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Leads dbbackup and the stock clients' environment here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Logins so far. */
  readonly connections: number;
  /** Every statement that was received whole, in order; bytes that are not UTF-8 are replaced. */
  readonly queries: readonly string[];
  /** Statements other than SELECT, SHOW, SET and USE: those that could change something. */
  readonly changes: readonly string[];
  /** Databases chosen at login or with COM_INIT_DB. */
  readonly databases: readonly string[];
  /** Contents of files that a client gave away when `askForFile` was set. */
  readonly filesReceived: readonly Buffer[];
  close(): Promise<void>;
}

export interface FakeServerOptions {
  /** As the greeting says it: `5.5.5-10.11.19-MariaDB` by default. */
  readonly version?: string;
  /** Answers the queries that it matches; the others get OK. One column of text, NULL is `null`. */
  readonly answer?: (query: string) => FakeAnswer | undefined;
  /** Plays the rogue: answers every query by asking for this local file. */
  readonly askForFile?: string;
}

export type FakeAnswer =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly error: { readonly code: number; readonly state: string; readonly message: string } }
  | { readonly cut: 'fin' | 'rst' | 'stall' };

const COM_QUIT = 1;
const COM_INIT_DB = 2;
const COM_QUERY = 3;

/** `openFakeServer` for a test, after which it is closed. */
export async function fakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  const server = await openFakeServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A server on loopback that takes any login, writes down what it is asked and says OK to everything. */
export async function openFakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  const seen = { connections: 0, queries: [] as string[], databases: [] as string[], files: [] as Buffer[] };
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // clients of failing programs go away as they like
    socket.on('close', () => sockets.delete(socket));
    seen.connections += 1;
    converse(socket, seen, options);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  return {
    host: '127.0.0.1',
    port,
    environment: {
      DBBACKUP_HOST: '127.0.0.1',
      DBBACKUP_PORT: String(port),
      DBBACKUP_USER: 'anyone',
      DBBACKUP_SSL_MODE: 'DISABLED',
    },
    get connections() {
      return seen.connections;
    },
    queries: seen.queries,
    get changes() {
      return seen.queries.filter(
        (query) => !/^\s*(?:\/\*.*?\*\/\s*)?(?:SELECT|SHOW|SET|USE)\b/is.test(query),
      );
    },
    databases: seen.databases,
    filesReceived: seen.files,
    close,
  };
}

function converse(
  socket: Socket,
  seen: { queries: string[]; databases: string[]; files: Buffer[] },
  options: FakeServerOptions,
): void {
  let state: 'login' | 'commands' | 'file' = 'login';
  let unread = Buffer.alloc(0);
  let parts: Buffer[] = [];
  const mode = new SessionMode();
  socket.write(greetingPacket(options.version ?? '5.5.5-10.11.19-MariaDB'));

  const take = (sequence: number, payload: Buffer): void => {
    if (state === 'login') {
      state = 'commands';
      seen.databases.push(...databaseOfLogin(payload));
      socket.write(okPacket(sequence + 1));
    } else if (state === 'file') {
      if (payload.length > 0) return void seen.files.push(payload);
      state = 'commands';
      socket.write(okPacket(sequence + 1));
    } else if (payload[0] === COM_QUIT) {
      socket.end();
    } else if (payload[0] === COM_INIT_DB) {
      seen.databases.push(payload.subarray(1).toString());
      socket.write(okPacket(1));
    } else if (payload[0] === COM_QUERY) {
      const query = payload.subarray(1).toString();
      seen.queries.push(query);
      mode.follow(query);
      if (options.askForFile === undefined) reply(socket, options.answer?.(query), mode.status);
      else {
        state = 'file';
        socket.write(fileRequestPacket(options.askForFile));
      }
    } else {
      socket.write(okPacket(1));
    }
  };

  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 4) {
      const length = unread.readUIntLE(0, 3);
      if (unread.length < 4 + length) return;
      const sequence = unread[3]!;
      parts.push(unread.subarray(4, 4 + length));
      unread = unread.subarray(4 + length);
      if (length === LONGEST_PACKET) continue; // a longer statement goes on in the next packet
      const payload = Buffer.concat(parts);
      parts = [];
      take(sequence, payload);
    }
  });
}

/** The one thing about its session that clients are told with each answer. */
class SessionMode {
  #escapes = true;
  readonly #saved = new Map<string, boolean>();

  get status(): number {
    return this.#escapes ? 0 : NO_BACKSLASH_ESCAPES;
  }

  follow(query: string): void {
    const settings = /@(\w+)\s*=\s*@@(?:session\.)?sql_mode|sql_mode\s*=\s*(?:'([^']*)'|@(\w+))/gi;
    for (const [, saved, mode, restored] of query.matchAll(settings)) {
      if (saved !== undefined) this.#saved.set(saved.toLowerCase(), this.#escapes);
      else if (mode !== undefined) this.#escapes = !/NO_BACKSLASH_ESCAPES/i.test(mode);
      else this.#escapes = this.#saved.get(restored?.toLowerCase() ?? '') ?? true;
    }
  }
}

function reply(socket: Socket, answer: FakeAnswer | undefined, status: number): void {
  if (answer === undefined) socket.write(okPacket(1, status));
  else if ('error' in answer) socket.write(errorPacket(answer.error));
  else if ('rows' in answer) socket.write(resultSet(answer.columns, answer.rows));
  else if (answer.cut === 'fin') socket.end();
  else if (answer.cut === 'rst') socket.resetAndDestroy();
  // A stall says nothing at all.
}
