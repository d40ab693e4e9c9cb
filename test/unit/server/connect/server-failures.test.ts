import { describe, expect, test } from 'vitest';
import { queryFailure, ServerStatementError } from '../../../../src/server/connect/server-failures.ts';
import { connectFailure } from '../../../../src/server/connect/connect-failure.ts';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import { Secret } from '../../../../src/run/secret.ts';

function connection(changes: Partial<Connection> = {}): Connection {
  return {
    endpoint: { kind: 'tcp', host: 'db', port: 3306 },
    user: 'backup',
    password: new Secret('s3cret'),
    ssl: { mode: 'REQUIRED', ca: undefined, cert: undefined, key: undefined },
    database: undefined,
    sources: { password: 'DBBACKUP_PASSWORD_FILE' },
    ...changes,
  };
}

const SOCKET = { endpoint: { kind: 'socket', path: '/run/s.sock' } } as const;

/** As mysql2 and Node make them. */
function driverError(code: string, message = '', errno = 0): Error {
  return Object.assign(new Error(message), { code, errno });
}

describe('connectFailure', () => {
  test.each<{
    title: string;
    error: Error;
    changes?: Partial<Connection>;
    code?: string;
    message: string;
    hint: string;
  }>([
    {
      title: 'a wrong password, and where it came from',
      error: driverError(
        'ER_ACCESS_DENIED_ERROR',
        "Access denied for user 'backup'@'h' (using password: YES)",
        1045,
      ),
      code: 'access-denied',
      message:
        "The server at db:3306 refused the login of 'backup' (password from DBBACKUP_PASSWORD_FILE): Access denied for user 'backup'@'h' (using password: YES)",
      hint: 'Check the user and password; `dbbackup … -v` shows where each came from.',
    },
    {
      title: 'no password',
      error: driverError('ER_ACCESS_DENIED_ERROR', 'Access denied', 1045),
      changes: { password: undefined },
      code: 'access-denied',
      message: "The server at db:3306 refused the login of 'backup' (no password was given): Access denied",
      hint: 'Provide one with --ask-password, --password-file, DBBACKUP_PASSWORD_FILE or ~/.my.cnf.',
    },
    {
      title: 'a locked account',
      error: driverError('ER_ACCOUNT_HAS_BEEN_LOCKED', 'Account is locked.', 3118),
      changes: { sources: {} },
      code: 'access-denied',
      message:
        "The server at db:3306 refused the login of 'backup' (password from the settings): Account is locked.",
      hint: 'Check the user and password; `dbbackup … -v` shows where each came from.',
    },
    {
      title: 'a socket that is not there, and what localhost means',
      error: driverError('ENOENT'),
      changes: SOCKET,
      message: 'There is no socket /run/s.sock: the server is not running, or its socket is elsewhere.',
      hint: 'Without a host (or with localhost) the connection uses a socket file. Use --socket <path>, or --host 127.0.0.1 for TCP.',
    },
    {
      title: 'a socket on which nobody listens',
      error: driverError('ECONNREFUSED'),
      changes: SOCKET,
      message: 'No server answers at /run/s.sock.',
      hint: 'The socket file exists but nothing is listening: start the server.',
    },
    {
      title: 'a closed port',
      error: driverError('ECONNREFUSED'),
      message: 'No server answers at db:3306.',
      hint: 'Check that it is running, and check --host and --port.',
    },
    {
      title: 'an unknown host',
      error: driverError('ENOTFOUND'),
      message: 'The host name of db:3306 cannot be resolved.',
      hint: 'Check --host for a typo.',
    },
    {
      title: 'no answer',
      error: driverError('ETIMEDOUT'),
      message: 'The server at db:3306 did not answer in time.',
      hint: 'Check --host, --port and the firewall.',
    },
    {
      title: 'no way there',
      error: driverError('EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:3306'),
      message: 'No route to db:3306.',
      hint: 'Check --host, the VPN and the firewall.',
    },
    {
      title: 'a full server',
      error: driverError('ER_CON_COUNT_ERROR', 'Too many connections', 1040),
      message: 'The server at db:3306 accepts no more connections: Too many connections',
      hint: 'Try again later, or raise max_connections on the server or the limit of the account.',
    },
    {
      title: 'a socket that may not be used',
      error: driverError('EACCES'),
      changes: SOCKET,
      message: 'Permission denied for the socket /run/s.sock.',
      hint: 'Check the permissions of its directory.',
    },
    {
      title: 'a server without TLS',
      error: driverError('HANDSHAKE_NO_SSL_SUPPORT'),
      message: 'The server at db:3306 does not offer TLS, but --ssl-mode=REQUIRED requires it.',
      hint: 'Set up TLS on the server, or use --ssl-mode=DISABLED if the network is safe.',
    },
    {
      title: 'a certificate of nobody known',
      error: driverError('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
      message: 'TLS to db:3306 failed: self-signed certificate in certificate chain',
      hint: 'Name the authority that signed the certificate with --ssl-ca, or use --ssl-mode=REQUIRED to encrypt without verifying.',
    },
    {
      title: 'a certificate for another host',
      error: driverError('ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"),
      message: "TLS to db:3306 failed: Hostname/IP does not match certificate's altnames",
      hint: 'Use a host name listed in the certificate, or --ssl-mode=VERIFY_CA, which does not check the name.',
    },
    {
      title: 'anything else, without the password',
      error: driverError('EWEIRD', 'cannot greet with s3cret'),
      message: 'No connection to db:3306: cannot greet with [hidden]',
      hint: 'Check that it is a MySQL or MariaDB server, and that it is running.',
    },
    {
      title: 'an error that says nothing',
      error: driverError('EWEIRD'),
      message: 'No connection to db:3306: EWEIRD',
      hint: 'Check that it is a MySQL or MariaDB server, and that it is running.',
    },
  ])('$title', ({ error, changes, code = 'unreachable', message, hint }) => {
    expect(connectFailure(error, connection(changes))).toMatchObject({ code, message, hint, cause: error });
  });
});

describe('queryFailure', () => {
  test.each([
    driverError('PROTOCOL_CONNECTION_LOST', 'Connection lost: The server closed the connection.'),
    driverError('ECONNRESET', 'read ECONNRESET'),
    driverError('ER_SERVER_SHUTDOWN', 'Server shutdown in progress', 1053),
    new Error("Can't add new command when connection is in closed state"),
  ])('a lost connection: $message', (error) => {
    expect(queryFailure(error, connection())).toMatchObject({
      code: 'unreachable',
      message: 'The connection to db:3306 was lost.',
      hint: 'Check that the server is still running; its log says why it closed the connection.',
    });
  });

  test('a missing privilege', () => {
    const error = driverError(
      'ER_TABLEACCESS_DENIED_ERROR',
      "DROP command denied to user 'backup'@'h'",
      1142,
    );

    expect(queryFailure(error, connection())).toMatchObject({
      code: 'access-denied',
      message: "DROP command denied to user 'backup'@'h'",
      hint: 'Grant the account the privilege named above.',
    });
  });

  test('an unknown database', () => {
    expect(
      queryFailure(driverError('ER_BAD_DB_ERROR', "Unknown database 'x'", 1049), connection()),
    ).toMatchObject({
      code: 'not-found',
      message: "Unknown database 'x'",
    });
  });

  test('any other refusal keeps its number, and never shows the password', () => {
    const error = queryFailure(driverError('ER_X', 'Lock wait timeout; s3cret', 1205), connection());

    expect(error).toBeInstanceOf(ServerStatementError);
    expect(error).toMatchObject({
      code: 'failed',
      errno: 1205,
      message: 'The server refused a statement: Lock wait timeout; [hidden]',
    });
  });
});
