// The one place that knows the flags of mysql and mariadb, the clients that load a dump.
import { LOAD_HINTS, redactServerMessage } from '../server/connect/server-messages.ts';
import type { ProgramEnd } from './child-program.ts';
import type { ClientProgram } from './client-programs.ts';

/**
 * Arguments with which the client loads a dump into one database, and can do nothing else.
 *
 * `--binary-mode` keeps every byte and disables the client's own commands; `--sandbox` (MariaDB) also disables
 * `system` and `source`: see docs/design.md, "Loading". Never `--force`, which exits 0 whatever failed.
 */
export function buildLoadArgs(database: string, tool: ClientProgram): string[] {
  const ifKnown = (option: string, argument: string): string[] =>
    tool.options.has(option) ? [argument] : [];
  return [
    '--defaults-file=/dev/fd/3', // must come first, or the client rejects it
    '--batch',
    '--binary-mode',
    ...ifKnown('sandbox', '--sandbox'),
    ...ifKnown('system-command', '--skip-system-command'),
    ...ifKnown('commands', '--skip-commands'),
    // Otherwise comments in the bodies of routines, triggers and events are lost (MariaDB, MySQL before 8.0.40).
    ...ifKnown('comments', '--comments'),
    // MariaDB prints failing statements, rows included, unless told not to.
    ...ifKnown('print-query-on-error', '--skip-print-query-on-error'),
    '--local-infile=0',
    '--skip-reconnect',
    '--max-allowed-packet=1G',
    '--default-character-set=utf8mb4',
    `--database=${database}`, // as an option, so that no name can be taken for one
  ];
}

/** Arguments with which the client only logs in, reads no table, and exits. */
export function buildLoginArgs(): string[] {
  return ['--defaults-file=/dev/fd/3', '--batch', '--skip-reconnect', '--execute=SELECT 1'];
}

/** The error message of a client, without row data. */
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
    message: `ERROR ${number}${state === undefined ? '' : ` (${state})`}: ${firstLine(redactServerMessage(errno, text, true))}`,
    hint: LOAD_HINTS[errno],
  };
}

/** For a message whose row data, which may span lines, is already hidden; other messages may follow it. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
