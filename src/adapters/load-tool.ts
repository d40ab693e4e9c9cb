// The one place that knows the flags of mysql and mariadb, the clients that load a dump.
import { redactServerMessage } from '../model/server-message.ts';
import type { ProgramEnd } from './child-program.ts';
import type { ClientProgram } from './client-programs.ts';

/**
 * Arguments with which the client loads a dump into one database, and can do nothing but that.
 *
 * `--binary-mode` keeps every byte and switches the client's own commands off; `--sandbox` (MariaDB) switches off
 * `system` and `source` as well; measured in CLIENTS.md, section 4. Never `--force`, which exits 0 whatever failed.
 */
export function buildLoadArgs(database: string, tool: ClientProgram): string[] {
  const ifKnown = (option: string, argument: string): string[] =>
    tool.options.has(option) ? [argument] : [];
  return [
    '--defaults-file=/dev/fd/3', // must come first, or the client refuses it
    '--batch',
    '--binary-mode',
    ...ifKnown('sandbox', '--sandbox'),
    ...ifKnown('system-command', '--skip-system-command'),
    ...ifKnown('commands', '--skip-commands'),
    // Else comments in the bodies of routines, triggers and events are lost (MariaDB, MySQL before 8.0.40).
    ...ifKnown('comments', '--comments'),
    // MariaDB prints failing statements, rows and all, unless told not to.
    ...ifKnown('print-query-on-error', '--skip-print-query-on-error'),
    '--local-infile=0',
    '--skip-reconnect',
    '--max-allowed-packet=1G',
    '--default-character-set=utf8mb4',
    `--database=${database}`, // as an option, so that no name can be taken for one
  ];
}

/** What a client said when it failed, without row data. */
export interface LoadFailure {
  /** Line of the dump, 1-based; undefined when it is not about a statement. */
  readonly line: number | undefined;
  /** The server's error number; undefined when there is none. */
  readonly errno: number | undefined;
  /** Ready to be shown. */
  readonly message: string;
  readonly hint: string | undefined;
}

/** Reads `ERROR 1062 (23000) at line 45: Duplicate entry 'x' for key 'y'` out of a client's stderr. */
export function parseLoadFailure(end: ProgramEnd, program: string): LoadFailure {
  const match = /^ERROR (\d+)(?: \((\w+)\))?(?: at line (\d+))?(?: in file: '[^']*')?: ([^]*)/m.exec(
    end.stderr,
  );
  if (match === null) {
    const how =
      end.signal === undefined ? `exited with ${String(end.exitCode)}` : `was killed (${end.signal})`;
    return { line: undefined, errno: undefined, message: `${program} ${how}`, hint: undefined };
  }
  const [, number = '', state, line, text = ''] = match;
  const errno = Number(number);
  return {
    line: line === undefined ? undefined : Number(line),
    errno,
    message: `ERROR ${number}${state === undefined ? '' : ` (${state})`}: ${firstLine(redactServerMessage(errno, text))}`,
    hint: HINTS[errno],
  };
}

/** Of a message whose row data, which may go over lines, is hidden already; behind it other messages may follow. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** What to do about the errors that restores meet most. */
const HINTS: Readonly<Record<number, string>> = {
  1071: 'The index is too long for this server: was the dump made by another version?',
  1114: "The server's disk is full.",
  1153: 'Raise max_allowed_packet on the server.',
  1227: 'The dump names a DEFINER that is not this account: restore with an account that may set definers (SUPER, SET USER or SET_ANY_DEFINER).',
  1231: 'The dump sets what this server does not know: it was made by another version, or by the other of MySQL and MariaDB.',
  1273: 'The dump uses a collation that this server does not have: restore to a server of the version it came from, or newer.',
  1419: 'Binary logging is on: SET GLOBAL log_bin_trust_function_creators = 1, or use an account with SUPER.',
  1449: 'Create the account that the DEFINER names first.',
  2006: 'The server closed the connection: its log says why. Often max_allowed_packet is too small.',
  2013: 'The server closed the connection: its log says why.',
  2026: 'TLS failed, or the server closed the connection: its log says why.',
  3105: "The dump was made from MySQL by MariaDB's tool, which writes values of generated columns.",
  3546: 'The dump sets GTID_PURGED.',
  3750: 'The server wants a primary key on every table: SET GLOBAL sql_require_primary_key = OFF.',
  6125: 'SET GLOBAL restrict_fk_on_non_standard_key = OFF.',
};
