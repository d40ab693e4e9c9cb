import { describeEndpoint } from './connection.ts';
import type { Connection } from './connection.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { LOAD_HINTS, redactServerMessage } from './server-messages.ts';
import { redact } from '../../run/secret.ts';
import { headOf } from '../../sql/lexer/statement-head.ts';

export interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  readonly message?: string;
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
        hint: 'Check that the server is still running; its log says why it closed the connection.',
        cause: error,
      },
    );
  }
  if (PRIVILEGE.has(errno)) {
    return new DbBackupError('access-denied', said, {
      hint: 'Grant the account the privilege named above.',
      cause: error,
    });
  }
  if (errno === 1049) return new DbBackupError('not-found', said, { cause: error });
  return new ServerStatementError(errno, said, error);
}

/** A statement that the server refused for a reason without its own exit code. */
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

/** The connection, or its current statement, was ended from outside; the server did not refuse it. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ServerStatementError) return error.errno === QUERY_INTERRUPTED;
  return error instanceof DbBackupError && error.code === 'unreachable';
}

/** The server itself refused the statement, so it had no effect. */
export function wasRefused(error: unknown): boolean {
  return error instanceof DbBackupError && !isConnectionLost(error) && !isCancellation(error);
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
