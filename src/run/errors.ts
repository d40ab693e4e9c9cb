import { sentence } from './sentence.ts';

/**
 * Every way a run can end, with the exit code scripts may rely on and the sentence that help and docs/exit-codes.md
 * show. Add rows; never renumber one.
 */
export const EXIT_CODES = {
  ok: { exitCode: 0, when: 'everything that was requested is done' },
  failed: { exitCode: 1, when: 'any failure without a code of its own; a bug' },
  usage: { exitCode: 2, when: 'unknown option, bad value, invalid configuration' },
  partial: {
    exitCode: 3,
    when: 'some of several databases failed; or the backed-up database was only partly restored',
  },
  'not-found': { exitCode: 10, when: 'no such backup, job, table or database' },
  locked: {
    exitCode: 11,
    when: 'another run holds this database: a create, restore, undo, prune, pin or verify',
  },
  'access-denied': { exitCode: 12, when: 'login refused, or a privilege is missing (the GRANT is shown)' },
  'not-confirmed': {
    exitCode: 13,
    when: 'a confirmation is needed and there is no terminal to prompt on, or it was refused',
  },
  unreachable: { exitCode: 14, when: 'no connection, TLS failed, or the connection was lost' },
  'tool-missing': { exitCode: 15, when: 'a client program is missing or too old (the package is named)' },
  damaged: { exitCode: 16, when: 'the backup fails its checks; nothing was touched' },
  'no-space': { exitCode: 17, when: 'the backup directory is full or not writable' },
  'safety-backup-failed': { exitCode: 18, when: 'the safety backup failed, so nothing was restored' },
  unsafe: {
    exitCode: 19,
    when: 'the file would reach outside its target, or anyone may write there; nothing was touched',
  },
  'restore-failed': { exitCode: 20, when: 'the restore failed; the target is unchanged' },
  'restore-incomplete': {
    exitCode: 21,
    when: 'the restore failed and the target was changed; the command that brings it back is shown',
  },
  'dump-failed': {
    exitCode: 22,
    when: 'the dump tool failed or its output is incomplete; no backup was made',
  },
  unhealthy: { exitCode: 23, when: '`health` found something wrong' },
  timeout: { exitCode: 124, when: '--timeout passed' },
  hangup: { exitCode: 129, when: 'cancelled by SIGHUP' },
  interrupted: { exitCode: 130, when: 'cancelled by SIGINT (Ctrl-C)' },
  terminated: { exitCode: 143, when: 'cancelled by SIGTERM' },
} as const satisfies Record<string, { exitCode: number; when: string }>;

export type ExitName = keyof typeof EXIT_CODES;
export type ErrorCode = Exclude<ExitName, 'ok'>;

/**
 * A failure the user can understand and act on.
 *
 * `message` says what went wrong, `hint` what to do about it; both are shown as they are, so neither may hold a
 * password or row data. Anything that is not a `DbBackupError` is a bug and is shown with its stack.
 */
export class DbBackupError extends Error {
  override readonly name = 'DbBackupError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** Keeps an expected failure as it is; gives any other the meaning the caller knows it has. */
  static wrap(error: unknown, code: ErrorCode, message: string, hint?: string): DbBackupError {
    return error instanceof DbBackupError ? error : new DbBackupError(code, message, { hint, cause: error });
  }

  get exitCode(): number {
    return EXIT_CODES[this.code].exitCode;
  }
}

/** The message and its hint as one line, for where a hint cannot be shown separately. */
export function inOneLine({ message, hint }: Pick<DbBackupError, 'message' | 'hint'>): string {
  if (hint === undefined) return message; // which may be a clause
  return [sentence(message), ...hint.split('\n')].join(' ');
}

const CANCELLED: ReadonlySet<ErrorCode> = new Set(['timeout', 'hangup', 'interrupted', 'terminated']);

/** Whether the run was ended from outside (a signal or `--timeout`) rather than by something that went wrong. */
export function isCancellation(error: unknown): error is DbBackupError {
  return error instanceof DbBackupError && CANCELLED.has(error.code);
}

/** A cancellation that also says in which state it leaves things; any other error unchanged. */
export function cancelledWith(error: unknown, state: string): unknown {
  if (!isCancellation(error)) return error;
  return new DbBackupError(error.code, `${error.message} ${state}`, { hint: error.hint, cause: error });
}
