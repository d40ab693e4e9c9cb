import { DbBackupError } from '../../run/errors.ts';
import { Secret } from '../../run/secret.ts';
import { readUrlSsl, type UrlSsl } from './connection-url-ssl.ts';

/** The content of a connection URL. Nothing is filled in: an absent user is `undefined`, not a default. */
export interface ConnectionUrl {
  /** `local`: the URL names no host, or `localhost` without a port, so the server's default socket is meant. */
  readonly target:
    | { readonly kind: 'local' }
    | { readonly kind: 'socket'; readonly path: string }
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number };
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly database: string | undefined;
  readonly ssl: UrlSsl;
}

const EXAMPLE = 'a connection URL looks like mysql://user@host:3306/database';
const DEFAULT_PORT = 3306;

/** mysql:, mariadb:, mysql2: (Rails), jdbc: in front of them, and +driver behind (SQLAlchemy), but not a DNS +srv. */
const SCHEME = /^(?:jdbc:)?(?:mysql2?|mariadb)(?:\+(?!srv:)[a-z0-9_.-]+)?:\/\//i;
const OTHER_DATABASES =
  /^(?:jdbc:)?(postgres(?:ql)?|sqlite3?|file|mongodb(?:\+srv)?|sqlserver|mssql|oracle|redis)[+:]/i;

/** Parameters that name the socket file: Prisma and sqlx, PyMySQL and PHP, mysql2. Compared without `-` and `_`. */
const SOCKET_PARAMETERS = ['socket', 'unixsocket', 'socketpath'];

/**
 * Reads a connection URL as other libraries do, but strictly: what is ambiguous is refused rather than guessed,
 * because a wrong guess backs up, or overwrites, the wrong server.
 *
 * No message repeats any part of the URL but its scheme and the names of ssl parameters: it holds a password.
 *
 * @param source Where the URL came from, for messages: `--url`, `DATABASE_URL`.
 * @throws {DbBackupError} `usage`.
 */
export function parseConnectionUrl(text: string, source: string): ConnectionUrl {
  const url = text.trim();
  const scheme = SCHEME.exec(url)?.[0];
  if (scheme === undefined) throw refuseScheme(url, source);

  const { authority, path, query, fragment } = split(url.slice(scheme.length));
  const parameters = readParameters(query, source);
  if ([path, fragment, ...parameters.keys()].some((part) => part.includes('@'))) {
    // A raw / ? or # in a password: what stands before it would be taken for host and port.
    throw bad(source, 'has an @ after the host', PERCENT_HINT);
  }
  const at = authority.lastIndexOf('@');
  const [user, password] = splitOnce(authority.slice(0, Math.max(at, 0)), ':');
  const database = decode(path, source);
  if (database.includes('/')) {
    throw bad(source, 'has more than one / after the host', 'write %2F for a / inside a name or a password');
  }

  // JDBC carries the login as parameters.
  const userName = decode(user, source) || parameters.get('user');
  const secret = password === undefined ? parameters.get('password') : decode(password, source);
  return {
    target: readTarget(authority.slice(at + 1), parameters, source),
    user: userName === '' ? undefined : userName,
    password: secret === undefined || secret === '' ? undefined : new Secret(secret),
    database: database === '' ? undefined : database,
    ssl: readUrlSsl(parameters, source),
  };
}

/** The three parts behind the scheme. A `(/socket/path)` host, as mysqlsh writes it, may hold slashes. */
function split(rest: string): { authority: string; path: string; query: string; fragment: string } {
  const match = /^((?:[^/?#(]|\([^)]*\))*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#(.*))?/.exec(rest);
  return {
    authority: match?.[1] ?? '',
    path: match?.[2] ?? '',
    query: match?.[3] ?? '',
    fragment: match?.[4] ?? '',
  };
}

function readTarget(
  hostAndPort: string,
  parameters: ReadonlyMap<string, string>,
  source: string,
): ConnectionUrl['target'] {
  const [, bracketed, plain = '', portText] =
    /^(?:\[([0-9A-Fa-f:.]+(?:%25[\w.-]+)?)\]|([^:[\]]*))(?::([^:]*))?$/.exec(hostAndPort) ??
    fail(bad(source, 'has an ambiguous host', 'put an IPv6 address in brackets: mysql://user@[::1]:3306/'));
  const host = bracketed === undefined ? decode(plain, source) : bracketed.replace('%25', '%');

  const inParentheses = /^\((.*)\)$/.exec(host)?.[1] ?? host;
  const socket = inParentheses.startsWith('/') ? inParentheses : socketParameter(parameters);
  if (socket !== undefined && socket !== '') {
    if (socket !== inParentheses && !['', 'localhost'].includes(host.toLowerCase())) {
      throw bad(source, 'names a host and a socket file', 'leave the host out, or write localhost');
    }
    return { kind: 'socket', path: socket };
  }

  if (host.includes(','))
    throw bad(source, 'names several hosts', 'name one: the server to back up or restore');
  if (/[\s()/\\@?#]/.test(host)) throw bad(source, 'has an ambiguous host', EXAMPLE);
  const port = portText === undefined || portText === '' ? undefined : readPort(portText, source);
  if (host === '' || host.toLowerCase() === 'localhost') {
    // As with --host localhost --port: naming a port means TCP.
    return port === undefined ? { kind: 'local' } : { kind: 'tcp', host: '127.0.0.1', port };
  }
  return { kind: 'tcp', host, port: port ?? DEFAULT_PORT };
}

function socketParameter(parameters: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of parameters) {
    if (SOCKET_PARAMETERS.includes(name.replace(/[-_]/g, ''))) return value;
  }
  return undefined;
}

function readPort(text: string, source: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    // Not "port x is wrong": behind a raw @ or : in the password, x is a piece of the password.
    throw bad(source, 'has a port that is not a number from 1 to 65535', PERCENT_HINT);
  }
  return port;
}

/** By lower-case name. The last of two equal names wins, as in most libraries. */
function readParameters(query: string, source: string): ReadonlyMap<string, string> {
  return new Map(
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name, value = ''] = splitOnce(pair, '=');
        return [decode(name, source).toLowerCase(), decode(value, source)] as const;
      }),
  );
}

const PERCENT_HINT =
  'in a URL, write the characters % @ : / ? # of a user name or password as %25 %40 %3A %2F %3F %23';

function decode(text: string, source: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(source, 'has a % that is not followed by two hexadecimal digits', PERCENT_HINT);
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function refuseScheme(url: string, source: string): DbBackupError {
  const other = OTHER_DATABASES.exec(url)?.[1];
  if (other === undefined) return bad(source, 'is not a MySQL or MariaDB URL', EXAMPLE);
  return bad(
    source,
    `is for another kind of database (${other.toLowerCase()})`,
    'dbbackup backs up MySQL and MariaDB; name the server with --url, --host or --socket',
  );
}

function bad(source: string, what: string, hint: string): DbBackupError {
  return new DbBackupError('usage', `The URL from ${source} ${what}.`, { hint });
}

function fail(error: DbBackupError): never {
  throw error;
}
