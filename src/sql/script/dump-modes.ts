import type { DumpReport, ModeText } from '../dump-report.ts';
import type { DumpEdit } from './text-edits.ts';
import { isSplittable, type LoadPlan, type SessionDelta } from './load-plan.ts';
import { SERVERS_MODE } from '../settings/servers-mode.ts';
import { assignmentsIn } from '../settings/set-assignments.ts';
import type { SqlToken } from '../lexer/statement.ts';

const LIKE_OTHERS = ['PIPES_AS_CONCAT', 'ANSI_QUOTES', 'IGNORE_SPACE'];
const LIKE_OLD_MYSQL = ['HIGH_NOT_PRECEDENCE'];

/**
 * The modes that not all servers have, with what each stands for that the others do have: MySQL 8.0 has dropped
 * eleven, a few are of MariaDB alone, one is of MySQL. What a mode makes of quotes stays.
 */
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
  NO_AUTO_CREATE_USER: [],
  NO_FIELD_OPTIONS: [],
  NO_KEY_OPTIONS: [],
  NO_TABLE_OPTIONS: [],
  DB2: LIKE_OTHERS,
  MAXDB: LIKE_OTHERS,
  MSSQL: LIKE_OTHERS,
  ORACLE: LIKE_OTHERS,
  POSTGRESQL: LIKE_OTHERS,
  MYSQL323: LIKE_OLD_MYSQL,
  MYSQL40: LIKE_OLD_MYSQL,
  EMPTY_STRING_IS_NULL: [],
  IGNORE_BAD_TABLE_OPTIONS: [],
  SIMULTANEOUS_ASSIGNMENT: [],
  TIME_ROUND_FRACTIONAL: [],
  TIME_TRUNCATE_FRACTIONAL: [],
};

/** Those of a list of modes that not all servers have, in capitals. */
export function rareModesIn(text: string): readonly string[] {
  return text
    .toUpperCase()
    .split(',')
    .filter((name) => Object.hasOwn(STANDS_FOR, name));
}

/** Where a SET names such modes: for `sql_mode`, or to keep them in a variable. */
export function modeTextsIn(tokens: readonly SqlToken[]): readonly ModeText[] {
  return assignmentsIn(tokens)
    .filter(({ target, name }) => target === 'user' || name === 'sql_mode')
    .flatMap((assignment) => assignment.tokens)
    .filter(({ kind, text }) => (kind === 'string' || kind === 'word') && rareModesIn(text).length > 0)
    .map(({ start, end, text }) => ({ start, end, text }));
}

/** The same dump without modes that a server does not have, and with an edit that says so for each place. */
export function withoutModes(findings: DumpReport, unknown: ReadonlySet<string>): DumpReport {
  const edits = findings.modes
    .filter(({ text }) => rareModesIn(text).some((name) => unknown.has(name)))
    .map(({ start, end, text }): DumpEdit => {
      const gone = rareModesIn(text).filter((name) => unknown.has(name));
      const reason = `sql_mode without ${gone.join(', ')}, which this server does not have`;
      return { start, end, replacement: `'${remaining(text, unknown)}'`, reason, told: 'always' };
    });
  if (edits.length === 0) return findings;
  const { script } = findings;
  return {
    ...findings,
    edits: [...findings.edits, ...edits].sort((a, b) => a.start - b.start),
    script: isSplittable(script) ? scriptWithout(script, unknown) : script,
  };
}

function remaining(text: string, unknown: ReadonlySet<string>): string {
  const names = text.split(',').flatMap((name) => {
    const mode = name.toUpperCase();
    return unknown.has(mode) ? (STANDS_FOR[mode] ?? []) : [name];
  });
  return [...new Set(names)].join(',');
}

function scriptWithout(script: LoadPlan, unknown: ReadonlySet<string>): LoadPlan {
  const fitted = <T extends { readonly settings: SessionDelta }>(part: T): T => ({
    ...part,
    settings: settingsWithout(part.settings, unknown),
  });
  const { preset } = script;
  return {
    preset: {
      ...preset,
      settings: preset.settings.map((setting) =>
        setting.name === 'sql_mode'
          ? { ...setting, literal: literalWithout(setting.literal, unknown) }
          : setting,
      ),
    },
    tables: script.tables.map((table) => ({ ...fitted(table), rows: table.rows.map(fitted) })),
    afterRows: script.afterRows.map(fitted),
    storedObjects: script.storedObjects.map(fitted),
  };
}

function settingsWithout(settings: SessionDelta, unknown: ReadonlySet<string>): SessionDelta {
  const { sql_mode: literal } = settings;
  return literal === undefined ? settings : { ...settings, sql_mode: literalWithout(literal, unknown) };
}

/** Names of modes in it are in quotes, or it is one name; those that we take from the server's own stay. */
function literalWithout(literal: string, unknown: ReadonlySet<string>): string {
  const fitted = (text: string, names: string): string =>
    rareModesIn(names).length > 0 ? `'${remaining(names, unknown)}'` : text;
  return /^\w+$/.test(literal)
    ? fitted(literal, literal)
    : literal
        .split(SERVERS_MODE)
        .map((part) => part.replaceAll(/'([A-Z0-9_,]+)'/gi, fitted))
        .join(SERVERS_MODE);
}
