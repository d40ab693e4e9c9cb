// The one place that knows the flags of mysqldump and mariadb-dump.
import type { Skip } from '../sql/definitions/skipped-objects.ts';
import { redact } from '../run/secret.ts';
import type { Secret } from '../run/secret.ts';
import { DbBackupError } from '../run/errors.ts';
import { setStatement } from '../server/session/session-variables.ts';
import type { ProgramEnd } from './child-program.ts';
import type { ClientProgram } from './client-programs.ts';

export interface DumpRequest {
  readonly database: string;
  /** These alone; undefined: all that is in it. */
  readonly tables?: readonly string[] | undefined;
  readonly serverVersion: string;
  /**
   * What its session lacks: `sql_big_selects = 'ON'`. MariaDB's tool has no option for it: see
   * `client-option-file.ts`.
   */
  readonly settings: readonly string[];
  readonly skip: Skip;
  /** History rows of MariaDB's system-versioned tables, which the tool skips by default. */
  readonly history: boolean;
  /** There are some; MySQL alone has them, since 8.0.2. */
  readonly histograms: boolean;
  /** Table defaults may use MariaDB's sequences. */
  readonly sequences: boolean;
  /** Tables and views that are left out. */
  readonly without: readonly string[];
}

/**
 * Arguments for a consistent, restorable dump of one database.
 *
 * Pure: the same request always gives the same arguments, so `--dry-run` can print them. The first one makes the
 * tool read its connection from descriptor 3 and nothing from the user's option files, where a `force` or
 * `skip-comments` would break the completeness check.
 */
export function buildDumpArgs(request: DumpRequest, tool: ClientProgram): string[] {
  const { database, skip } = request;
  const knows = (option: string): boolean => tool.options.has(option);
  return [
    '--defaults-file=/dev/fd/3', // must come first, or the tool rejects it
    '--single-transaction', // a snapshot, without locking writers
    '--quick', // stream rows instead of buffering a table
    skip.routines ? '--skip-routines' : '--routines',
    skip.triggers ? '--skip-triggers' : '--triggers',
    skip.events ? '--skip-events' : '--events',
    '--hex-blob', // binary columns survive any client charset
    '--no-tablespaces', // otherwise PROCESS is needed
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G', // otherwise a row is limited to 24 MB
    // A dump that sets GTID_PURGED cannot be loaded into a server that already has GTIDs.
    ...(knows('set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
    // Histograms: mysqldump 8 fails on older servers and MariaDB, which do not have the table that it reads.
    ...(knows('column-statistics') ? [`--column-statistics=${request.histograms ? 1 : 0}`] : []),
    // Of mysqldump 9.7: they belong to the server, older ones have none, and reading them takes a privilege.
    ...(knows('masking-policies') ? ['--skip-masking-policies'] : []),
    ...(knows('init-command') && request.settings.length > 0
      ? [`--init-command=${setStatement(request.settings)}`]
      : []),
    ...(request.history && knows('dump-history') ? ['--dump-history'] : []),
    // A table whose default is the next value of a sequence cannot be filled under LOCK TABLES (error 1100).
    ...(request.sequences ? ['--skip-add-locks'] : []),
    ...request.without.map((name) => `--ignore-table=${database}.${name}`),
    '--',
    database,
    ...(request.tables ?? []),
  ];
}

/** Describes in the user's words how a dump ended; undefined when the tool itself reports success. */
export function dumpFailure(
  end: ProgramEnd,
  context: {
    readonly program: string;
    readonly database: string;
    readonly password: Secret | undefined;
    /** Whether the typed command has options to skip things. */
    readonly maySkip: boolean;
  },
): DbBackupError | undefined {
  const { program, database } = context;
  if (end.exitCode === 0) return undefined;
  const said = errorLines(redact(end.stderr, [context.password]));
  if (end.signal !== undefined) {
    return new DbBackupError(
      'dump-failed',
      `${program} was killed (${end.signal}) while it dumped ${database}.`,
      {
        hint: 'No backup was made. If the machine ran out of memory, `dmesg` names the killed program.',
      },
    );
  }
  // Under TLS the clients report a lost connection as a TLS error (2026).
  const broken = /reset by peer|unexpected eof|broken pipe|error:00000000/i.test(said);
  const code = broken ? CONNECTION_LOST : errorNumber(said);
  const { as, hint, option } = DUMP_ERRORS.find(({ codes }) => codes.includes(code)) ?? FALLBACK;
  return new DbBackupError(
    as,
    `${program} failed (exit ${String(end.exitCode)}): ${said || 'it gave no reason'}`,
    {
      hint: `No backup was made. ${hint}${option !== undefined && context.maySkip ? ` ${option}` : ''}`,
    },
  );
}

/** Lines of the tool's stderr that report a failure; the rest are warnings. */
function errorLines(stderr: string): string {
  const isWarning = (line: string): boolean =>
    /^(?:[\w./-]+: )?(?:\[warning\]|warning:|deprecated program name)/i.test(line);
  return stderr
    .split('\n')
    .filter((line) => !isWarning(line))
    .slice(0, 3)
    .join('\n');
}

/** The server's number: `Error 2013: …`, `Got error: 1045: …`, or at the end of the line, `… (1356)`. */
function errorNumber(said: string): number {
  // mysqldump compares the rows with the definition that it read before.
  if (said.includes('Error in field count for table')) return TABLE_CHANGED;
  return Number((/\berror:? (\d{3,4}):/i.exec(said) ?? /\((\d{4})\)$/m.exec(said))?.[1] ?? 0);
}

const CONNECTION_LOST = 2013;
const TABLE_CHANGED = 1412;

interface DumpError {
  readonly as: 'dump-failed' | 'unreachable' | 'access-denied' | 'not-found';
  readonly hint: string;
  /** An option of create that avoids the failure. */
  readonly option?: string;
}

/** Server errors that the dump tool passes on, by number. */
const DUMP_ERRORS: readonly (DumpError & { readonly codes: readonly number[] })[] = [
  {
    codes: [1044, 1045, 1142, 1143, 1227, 1370],
    as: 'access-denied',
    hint: 'Grant the account the privilege named above.',
  },
  {
    codes: [1049],
    as: 'not-found',
    hint: 'The database was dropped during the dump; or its name contains a quote, backslash or newline and it has events, on which mariadb-dump fails.',
    option: 'Skip them with --skip-events.',
  },
  { codes: [2002, 2003, 2005], as: 'unreachable', hint: 'Check that the server is running.' },
  {
    codes: [2006, CONNECTION_LOST],
    as: 'unreachable',
    hint: 'The connection was lost: check the server log, then try again.',
  },
  {
    codes: [2026],
    as: 'unreachable',
    hint: 'TLS failed, or the connection was lost: the log of the server says why. Check --ssl-mode and --ssl-ca if it comes again.',
  },
  {
    codes: [TABLE_CHANGED, 1054, 1146, 1213, 1684],
    as: 'dump-failed',
    hint: 'A table was changed during the dump: try again when no migration is running.',
  },
  {
    codes: [1194, 1195, 144, 145],
    as: 'dump-failed',
    hint: 'A table is crashed: repair it with `REPAIR TABLE`, then try again.',
  },
  {
    codes: [1356, 1449],
    as: 'dump-failed',
    hint: 'Drop or fix the view named above, then try again.',
  },
  { codes: [2020], as: 'dump-failed', hint: 'Raise max_allowed_packet on the server.' },
  {
    codes: [3024, 1969],
    as: 'dump-failed',
    hint: 'The server limits how long a query may run: raise max_execution_time / max_statement_time for this account.',
  },
];

const FALLBACK: DumpError = {
  as: 'dump-failed',
  hint: 'Fix the problem above, then try again.',
};

/** What a tool printed on stderr although it succeeded, without what means nothing to the user. */
export function dumpWarnings(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !HARMLESS.some((pattern) => pattern.test(line)));
}

const HARMLESS: readonly RegExp[] = [
  /Deprecated program name/i,
  // MariaDB's clients, when no password is used.
  /option --ssl-verify-server-cert is disabled/i,
];
