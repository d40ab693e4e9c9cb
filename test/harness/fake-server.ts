import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

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
/** Long password and column flags, protocol 4.1, transactions, secure connection, plugin auth, local files, CONNECT_WITH_DB. */
const CAPABILITIES = 0x1 | 0x4 | 0x8 | 0x80 | 0x200 | 0x2000 | 0x8000 | 0x80000;
const LONGEST_PACKET = 0xffffff;

/**
 * A server on loopback that takes any login, writes down what it is asked and says OK to everything.
 * It is closed after the test.
 */
export async function fakeServer(options: FakeServerOptions = {}): Promise<FakeServer> {
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
  onTestFinished(close);
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
      return seen.queries.filter((query) => !/^\s*(SELECT|SHOW|SET|USE)\b/i.test(query));
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
  socket.write(packet(0, greeting(options.version ?? '5.5.5-10.11.19-MariaDB')));

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
      if (options.askForFile === undefined) reply(socket, options.answer?.(query));
      else {
        state = 'file';
        socket.write(packet(1, Buffer.concat([Buffer.from([0xfb]), Buffer.from(options.askForFile)])));
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

function reply(socket: Socket, answer: FakeAnswer | undefined): void {
  if (answer === undefined) socket.write(okPacket(1));
  else if ('error' in answer) socket.write(packet(1, errorPayload(answer.error)));
  else if ('rows' in answer) socket.write(resultSet(answer.columns, answer.rows));
  else if (answer.cut === 'fin') socket.end();
  else if (answer.cut === 'rst') socket.resetAndDestroy();
  // A stall says nothing at all.
}

function greeting(version: string): Buffer {
  const low = Buffer.alloc(2);
  const high = Buffer.alloc(2);
  low.writeUInt16LE(CAPABILITIES & 0xffff);
  high.writeUInt16LE(CAPABILITIES >>> 16);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.from([1, 0, 0, 0]), // connection id
    Buffer.from('abcdefgh\0'),
    low,
    Buffer.from([33, 2, 0]), // utf8, autocommit
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0'),
  ]);
}

/** The login names a database after the user and the password's answer; none is an empty list. */
function databaseOfLogin(payload: Buffer): string[] {
  const CONNECT_WITH_DB = 0x8;
  if (payload.length < 33 || (payload.readUInt32LE(0) & CONNECT_WITH_DB) === 0) return [];
  const afterUser = payload.indexOf(0, 32) + 1;
  const start = afterUser + 1 + (payload[afterUser] ?? 0);
  return [payload.subarray(start, payload.indexOf(0, start)).toString()];
}

function resultSet(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): Buffer {
  const END = Buffer.from([0xfe, 0, 0, 2, 0]);
  const payloads = [
    Buffer.from([columns.length]),
    ...columns.map(columnDefinition),
    END,
    ...rows.map((row) =>
      Buffer.concat(row.map((value) => (value === null ? Buffer.from([0xfb]) : lengthCoded(value)))),
    ),
    END,
  ];
  return Buffer.concat(payloads.map((payload, index) => packet(index + 1, payload)));
}

function columnDefinition(name: string): Buffer {
  const VAR_STRING = 0xfd;
  const texts = ['def', '', '', '', name, name].map(lengthCoded);
  return Buffer.concat([...texts, Buffer.from([0x0c, 45, 0, 0, 4, 0, 0, VAR_STRING, 0, 0, 0, 0, 0])]);
}

function lengthCoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head =
    bytes.length < 251
      ? Buffer.from([bytes.length])
      : Buffer.from([0xfc, bytes.length & 0xff, bytes.length >> 8]);
  return Buffer.concat([head, bytes]);
}

function errorPayload({ code, state, message }: { code: number; state: string; message: string }): Buffer {
  return Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(`#${state}${message}`)]);
}

function okPacket(sequence: number): Buffer {
  return packet(sequence, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
}

function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence & 0xff;
  return Buffer.concat([head, payload]);
}
