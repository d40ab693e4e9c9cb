import { DbBackupError } from '../../run/errors.ts';
import { redact } from '../../run/secret.ts';
import { type Connection, describeEndpoint } from './connection.ts';
import { UnknownLoginPlugin, UnverifiedServerKey } from './login-plugins.ts';
import { type DriverError } from './server-failures.ts';

/** Says in the user's words why the connection failed. */
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
      `The account '${user}' logs in to ${where} with the plugin ${error.plugin}, which dbbackup does not support.`,
      'Use an account that logs in with a password or socket: caching_sha2_password, sha256_password, mysql_native_password, ed25519, unix_socket, auth_socket.',
    );
  }
  if (error instanceof UnverifiedServerKey) {
    return fail(
      'access-denied',
      `The server at ${where} asks for the password of '${user}' over a connection without TLS, and nothing proves that it is your server. The password was not sent.`,
      'Set up TLS on the server, or connect through its socket. On a network that you trust: --ssl-mode=DISABLED',
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
        ? 'Provide one with --ask-password, --password-file, DBBACKUP_PASSWORD_FILE or ~/.my.cnf.'
        : 'Check the user and password; `dbbackup … -v` shows where each came from.',
    );
  }
  if (code === 'ENOENT' && endpoint.kind === 'socket') {
    return fail(
      'unreachable',
      `There is no socket ${where}: the server is not running, or its socket is elsewhere.`,
      'Without a host (or with localhost) the connection uses a socket file. Use --socket <path>, or --host 127.0.0.1 for TCP.',
    );
  }
  if (code === 'ECONNREFUSED') {
    return fail(
      'unreachable',
      `No server answers at ${where}.`,
      endpoint.kind === 'socket'
        ? 'The socket file exists but nothing is listening: start the server.'
        : 'Check that it is running, and check --host and --port.',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail('unreachable', `The host name of ${where} cannot be resolved.`, 'Check --host for a typo.');
  }
  if (code === 'ETIMEDOUT') {
    return fail(
      'unreachable',
      `The server at ${where} did not answer in time.`,
      'Check --host, --port and the firewall.',
    );
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return fail('unreachable', `No route to ${where}.`, 'Check --host, the VPN and the firewall.');
  }
  if (TOO_MANY.has(errno)) {
    return fail(
      'unreachable',
      `The server at ${where} accepts no more connections: ${said}`,
      'Try again later, or raise max_connections on the server or the limit of the account.',
    );
  }
  if (code === 'EACCES') {
    return fail(
      'unreachable',
      `Permission denied for the socket ${where}.`,
      'Check the permissions of its directory.',
    );
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return fail(
      'unreachable',
      `The server at ${where} does not offer TLS, but --ssl-mode=${connection.ssl.mode} requires it.`,
      'Set up TLS on the server, or use --ssl-mode=DISABLED if the network is safe.',
    );
  }
  if (message.includes("does not match certificate's altnames")) {
    return fail(
      'unreachable',
      `TLS to ${where} failed: ${said}`,
      'Use a host name listed in the certificate, or --ssl-mode=VERIFY_CA, which does not check the name.',
    );
  }
  // A server that dies during the handshake is no matter of certificates.
  const broken = /ECONNRESET|EPIPE|socket hang up|disconnected/.test(message);
  if ((code === 'HANDSHAKE_SSL_ERROR' && !broken) || isCertificateError(code, message)) {
    return fail(
      'unreachable',
      `TLS to ${where} failed: ${said}`,
      'Name the authority that signed the certificate with --ssl-ca, or use --ssl-mode=REQUIRED to encrypt without verifying.',
    );
  }
  return fail(
    'unreachable',
    `No connection to ${where}: ${said || code}`,
    'Check that it is a MySQL or MariaDB server, and that it is running.',
  );
}

/** Bad password, no such host or account, locked account (MySQL 3118, MariaDB 4151), expired password. */
export const ACCESS_DENIED: ReadonlySet<number> = new Set([
  1044, 1045, 1129, 1130, 1251, 1396, 1698, 1820, 1862, 3118, 4151,
]);

/** max_connections, max_user_connections, and the account's own limits. */
export const TOO_MANY: ReadonlySet<number> = new Set([1040, 1203, 1226]);

export function isCertificateError(code: string, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|^ERR_TLS|^ERR_SSL/.test(code) || /certificate/i.test(message);
}
