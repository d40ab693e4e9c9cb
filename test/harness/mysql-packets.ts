// MySQL's wire protocol, as far as a fake server speaks it.

/** Long password and column flags, protocol 4.1, transactions, secure connection, plugin auth, local files, CONNECT_WITH_DB. */
const CAPABILITIES = 0x1 | 0x4 | 0x8 | 0x80 | 0x200 | 0x2000 | 0x8000 | 0x80000;
/** A longer payload goes on in the next packet. */
export const LONGEST_PACKET = 0xffffff;

/** What a server says first. @param capabilities That it offers. */
export function greetingPacket(version: string, capabilities = CAPABILITIES): Buffer {
  const low = Buffer.alloc(2);
  const high = Buffer.alloc(2);
  low.writeUInt16LE(capabilities & 0xffff);
  high.writeUInt16LE(capabilities >>> 16);
  const payload = Buffer.concat([
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
  return packet(0, payload);
}

/** Of clients in their logins; see `mysql_com.h`. */
const FLAGS = {
  LONG_PASSWORD: 0x1,
  FOUND_ROWS: 0x2,
  LONG_FLAG: 0x4,
  CONNECT_WITH_DB: 0x8,
  NO_SCHEMA: 0x10,
  COMPRESS: 0x20,
  ODBC: 0x40,
  LOCAL_FILES: 0x80,
  IGNORE_SPACE: 0x100,
  PROTOCOL_41: 0x200,
  INTERACTIVE: 0x400,
  SSL: 0x800,
  IGNORE_SIGPIPE: 0x1000,
  TRANSACTIONS: 0x2000,
  RESERVED: 0x4000,
  SECURE_CONNECTION: 0x8000,
  MULTI_STATEMENTS: 0x10000,
  MULTI_RESULTS: 0x20000,
  PS_MULTI_RESULTS: 0x40000,
  PLUGIN_AUTH: 0x80000,
  CONNECT_ATTRS: 0x100000,
  PLUGIN_AUTH_LENENC_CLIENT_DATA: 0x200000,
  CAN_HANDLE_EXPIRED_PASSWORDS: 0x400000,
  SESSION_TRACK: 0x800000,
  DEPRECATE_EOF: 0x1000000,
  OPTIONAL_RESULTSET_METADATA: 0x2000000,
  ZSTD_COMPRESSION: 0x4000000,
  QUERY_ATTRIBUTES: 0x8000000,
  MULTI_FACTOR_AUTHENTICATION: 0x10000000,
} as const;
/** Without TLS and compression, after which nothing could be read. */
export const EVERYTHING = 0x1fffffff & ~FLAGS.COMPRESS & ~FLAGS.SSL & ~FLAGS.ZSTD_COMPRESSION;

/** The names of what a client says of itself in its login. */
export function flagsOfLogin(payload: Buffer): string[] {
  const flags = payload.readUInt32LE(0);
  return Object.entries(FLAGS).flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name]));
}

/** The login names a database after the user and the password's answer; none is an empty list. */
export function databaseOfLogin(payload: Buffer): string[] {
  const CONNECT_WITH_DB = 0x8;
  if (payload.length < 33 || (payload.readUInt32LE(0) & CONNECT_WITH_DB) === 0) return [];
  const afterUser = payload.indexOf(0, 32) + 1;
  const start = afterUser + 1 + (payload[afterUser] ?? 0);
  return [payload.subarray(start, payload.indexOf(0, start)).toString()];
}

/** Text columns and their rows, as the whole answer to a query. */
export function resultSet(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): Buffer {
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

/** Refuses a query. */
export function errorPacket({
  code,
  state,
  message,
}: {
  code: number;
  state: string;
  message: string;
}): Buffer {
  return packet(
    1,
    Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(`#${state}${message}`)]),
  );
}

/** Asks the client for a file of its own. */
export function fileRequestPacket(path: string): Buffer {
  return packet(1, Buffer.concat([Buffer.from([0xfb]), Buffer.from(path)]));
}

/** The session reads a backslash as any other character; clients go by it where they look for the end of a string. */
export const NO_BACKSLASH_ESCAPES = 0x200;
const AUTOCOMMIT = 2;

/** Says that a query has changed nothing. */
export function okPacket(sequence: number, status = 0): Buffer {
  const flags = AUTOCOMMIT | status;
  return packet(sequence, Buffer.from([0, 0, 0, flags & 0xff, flags >> 8, 0, 0]));
}

function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence & 0xff;
  return Buffer.concat([head, payload]);
}
