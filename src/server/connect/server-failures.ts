import { UnknownLoginPlugin } from './login-plugins.ts';
import { describeEndpoint } from './connection.ts';
import type { Connection } from './connection.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { LOAD_HINTS, redactServerMessage } from './server-messages.ts';
import { redact } from '../../run/secret.ts';
import { headOf } from '../../sql/lexer/statement-head.ts';

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly message?: string;
}

/** Says in the user's words why no connection was had. */
export function connectFailure(error: unknown, connection: Connection): DbBackupError {
  const { code = '', errno = 0, message = '' } = error as DriverError;
  const { endpoint, user, password, sources } = connection;
  const where = describeEndpoint(endpoint);
  const said = redact(message, [password]);
  const fail = (as: 'access-denied' | 'unreachable', text: string, hint: string): DbBackupError =>
    new DbBackupError(as, text, { hint, cause: error });

  if (error instanceof UnknownLoginPlugin) {
    return fail(
      'access-denied',
      `The account '${user}' logs in to ${where} through the plugin ${error.plugin}, which dbbackup does not have.`,
      'Use an account that logs in by password or socket: caching_sha2_password, sha256_password, mysql_native_password, ed25519, unix_socket, auth_socket.',
    );
  }
  if (ACCESS_DENIED.has(errno)) {
    const given =
      password === undefined
        ? 'no password was given'
        : `password from ${sources['password'] ?? 'the settings'}`;
    return fail(
      'access-denied',
      `The server at ${where} refused the login of '${user}' (${given}): ${said}`,
      password === undefined
        ? 'Give one with --ask-password, --password-file, DBBACKUP_PASSWORD_FILE or ~/.my.cnf.'
        : 'Check user and password; `dbbackup … -v` shows where each came from.',
    );
  }
  if (code === 'ENOENT' && endpoint.kind === 'socket') {
    return fail(
      'unreachable',
      `There is no socket ${where}: the server is not running, or its socket is elsewhere.`,
      'Without a host (or with localhost) the connection goes through a socket file. Give --socket <path>, or --host 127.0.0.1 for TCP.',
    );
  }
  if (code === 'ECONNREFUSED') {
    return fail(
      'unreachable',
      `No server answers at ${where}.`,
      endpoint.kind === 'socket'
        ? 'The socket file is there but nobody listens: start the server.'
        : 'Is it running, and is the port right? Give --host and --port.',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail('unreachable', `The host name of ${where} is not known.`, 'Check --host for a typing error.');
  }
  if (code === 'ETIMEDOUT') {
    return fail(
      'unreachable',
      `The server at ${where} did not answer in time.`,
      'Check --host, --port and the firewall.',
    );
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return fail(
      'unreachable',
      `The network knows no way to ${where}.`,
      'Check --host, the VPN and the firewall.',
    );
  }
  if (TOO_MANY.has(errno)) {
    return fail(
      'unreachable',
      `The server at ${where} takes no more connections: ${said}`,
      'Run it again later, or raise max_connections on the server or the limit of the account.',
    );
  }
  if (code === 'EACCES') {
    return fail(
      'unreachable',
      `The socket ${where} may not be used by this login.`,
      'Check the modes of its folder.',
    );
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return fail(
      'unreachable',
      `The server at ${where} does not offer TLS, and --ssl-mode=${connection.ssl.mode} demands it.`,
      'Set up TLS on the server, or say --ssl-mode=DISABLED if the network is safe.',
    );
  }
  if (message.includes("does not match certificate's altnames")) {
    return fail(
      'unreachable',
      `TLS to ${where} failed: ${said}`,
      'Connect by a name that the certificate is for, or use --ssl-mode=VERIFY_CA, which asks for no name.',
    );
  }
  // A server that dies during the handshake is no matter of certificates.
  const broken = /ECONNRESET|EPIPE|socket hang up|disconnected/.test(message);
  if ((code === 'HANDSHAKE_SSL_ERROR' && !broken) || isCertificateError(code, message)) {
    return fail(
      'unreachable',
      `TLS to ${where} failed: ${said}`,
      'Give the authority that signed the certificate with --ssl-ca, or use --ssl-mode=REQUIRED to encrypt without verifying.',
    );
  }
  return fail(
    'unreachable',
    `No connection to ${where}: ${said || code}`,
    'Is it a MySQL or MariaDB server, and running?',
  );
}

/** Says in the user's words why a statement failed. The statement itself is ours and holds no data. */
export function queryFailure(error: unknown, connection: Connection): DbBackupError {
  const { code = '', errno = 0, message = '' } = error as DriverError;
  const said = redact(message, [connection.password]);
  if (LOST.has(code) || message.includes('connection is in closed state')) {
    return new DbBackupError(
      'unreachable',
      `The connection to ${describeEndpoint(connection.endpoint)} was lost.`,
      {
        hint: 'Is the server still running? Its log tells why it closed the connection.',
        cause: error,
      },
    );
  }
  if (PRIVILEGE.has(errno)) {
    return new DbBackupError('access-denied', said, {
      hint: 'Give the account the privilege that the message names.',
      cause: error,
    });
  }
  if (errno === 1049) return new DbBackupError('not-found', said, { cause: error });
  return new ServerStatementError(errno, said, error);
}

/** A statement that the server refused for a reason without a code of its own. */
export class ServerStatementError extends DbBackupError {
  /** The server's error number, e.g. 1146. */
  readonly errno: number;

  constructor(errno: number, message: string, cause: unknown) {
    super('failed', `The server refused a statement: ${message}`, {
      hint: errno === OPTION_PREVENTS ? LOAD_HINTS[errno] : undefined,
      cause,
    });
    this.errno = errno;
  }
}

/** Somebody or something ended the connection, or the statement that it was at. Not the server's own refusal. */
export function wasCutOff(error: unknown): boolean {
  if (error instanceof ServerStatementError) return error.errno === QUERY_INTERRUPTED;
  return error instanceof DbBackupError && error.code === 'unreachable';
}

/** The server itself said no, so that nothing came of the statement. */
export function wasRefused(error: unknown): boolean {
  return error instanceof DbBackupError && !wasCutOff(error) && !isCancellation(error);
}

/** Says why the server refused a statement of a dump, which may hold row data. */
export function dumpStatementFailure(
  error: unknown,
  connection: Connection,
  statement: Buffer,
): DbBackupError {
  const { code = '', errno = 0, message = '' } = error as DriverError;
  if (LOST.has(code) || message.includes('connection is in closed state'))
    return queryFailure(error, connection);
  const { text, hasRows } = headOf(statement);
  const said = redactServerMessage(errno, redact(message, [connection.password]), hasRows);
  return new DumpStatementError(errno, errno === SYNTAX_ERROR ? `${said} (${text})` : said);
}

/** A statement of a dump that the server refused. Its cause is not kept: the driver's error holds the statement. */
export class DumpStatementError extends DbBackupError {
  /** The server's error number, e.g. 1062. */
  readonly errno: number;

  constructor(errno: number, said: string) {
    super('restore-failed', `ERROR ${errno}: ${said}`, { hint: LOAD_HINTS[errno] });
    this.errno = errno;
  }
}

/** An option that the server runs with forbids it. */
const OPTION_PREVENTS = 1290;
/** Its text quotes the statement, which is hidden; so the statement's head is shown. */
const SYNTAX_ERROR = 1064;
/** Bad password, no such host or account, locked account (MySQL 3118, MariaDB 4151), expired password. */
const ACCESS_DENIED: ReadonlySet<number> = new Set([
  1044, 1045, 1129, 1130, 1251, 1396, 1698, 1820, 1862, 3118, 4151,
]);
/** max_connections, max_user_connections, and the account's own limits. */
const TOO_MANY: ReadonlySet<number> = new Set([1040, 1203, 1226]);
/** By KILL: the statement ends, and the connection may end after it. */
const QUERY_INTERRUPTED = 1317;
const PRIVILEGE: ReadonlySet<number> = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1419, 1820]);
const LOST: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'ECONNRESET',
  'EPIPE',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
]);

function isCertificateError(code: string, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|^ERR_TLS|^ERR_SSL/.test(code) || /certificate/i.test(message);
}
