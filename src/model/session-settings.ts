import { SqlCursor } from './sql-cursor.ts';
import type { Quoting } from './sql-reader.ts';
import { isSign, isWord, type SqlToken } from './sql-statement.ts';

/** What a SET statement does: `left-out` is not needed for a restore, and needs privileges or breaks replication. */
export type SettingVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'left-out'; readonly reason: string }
  | { readonly kind: 'unsafe'; readonly reason: string };

/** Session variables that dump programs set, and those that people add to get a dump loaded. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'character_set_client character_set_results character_set_connection collation_connection time_zone unique_checks ' +
    'foreign_key_checks check_constraint_checks sql_mode sql_notes note_verbosity autocommit sql_quote_show_create ' +
    'sql_safe_updates sql_warnings sql_auto_is_null sql_big_selects big_tables default_storage_engine storage_engine ' +
    'default_table_type default_tablespace innodb_strict_mode system_versioning_insert_history ' +
    'system_versioning_alter_history explicit_defaults_for_timestamp sql_require_primary_key ' +
    'sql_generate_invisible_primary_key show_gipk_in_create_table_and_information_schema ' +
    'restrict_fk_on_non_standard_key lc_messages lc_time_names max_statement_time max_execution_time ' +
    'net_read_timeout net_write_timeout wait_timeout interactive_timeout innodb_lock_wait_timeout ' +
    'lock_wait_timeout group_concat_max_len optimizer_switch information_schema_stats_expiry tx_isolation ' +
    'transaction_isolation rocksdb_bulk_load bulk_insert_buffer_size sort_buffer_size tmp_table_size ' +
    'max_heap_table_size alter_algorithm default_collation_for_utf8mb4 character_set_collations old_mode ' +
    'max_allowed_packet net_buffer_length wsrep_on'
  ).split(' '),
);

/** In these charsets a byte of a character may look like a backslash or a quote: clients and server would disagree. */
const AMBIGUOUS_CHARSET = /^(?:gbk|gb18030|big5|sjis|cp932|ucs2|utf16|utf16le|utf32|filename)(?:_|$)/;
const REMOTE_ENGINE = /^(?:federated|connect|spider)$/;
const ANSI_MODES = /\b(?:ANSI_QUOTES|ANSI|ORACLE|DB2|MSSQL|MAXDB|POSTGRESQL)\b/i;

interface SqlMode extends Quoting {
  readonly oracle: boolean;
}
const DEFAULT_MODE: SqlMode = { backslashEscapes: true, ansiQuotes: false, oracle: false };

/** One assignment of a SET: `value` is a literal, a word or a variable. */
export interface Assignment {
  readonly target: 'user' | 'session' | 'names';
  readonly name: string;
  readonly value: readonly SqlToken[];
}

/** Follows what a dump sets in its session, as far as it changes how the rest of the dump reads. */
export class SessionSettings {
  #mode = DEFAULT_MODE;
  /** What user variables hold, as far as it may become `sql_mode` or a charset. */
  readonly #saved = new Map<string, Saved>();

  get mode(): SqlMode {
    return this.#mode;
  }

  /** @param tokens Of the whole statement, `SET` included. */
  apply(tokens: readonly SqlToken[]): SettingVerdict {
    const assignments: Assignment[] = [];
    let leftOut = 0;
    for (const part of splitAtCommas(tokens.slice(1))) {
      const skippable = whyLeftOut(part);
      if (skippable !== undefined) leftOut++;
      const assignment = skippable === undefined ? readAssignment(part) : undefined;
      if (typeof assignment === 'string') return { kind: 'unsafe', reason: assignment };
      if (assignment !== undefined) assignments.push(assignment);
    }
    if (leftOut > 0) {
      if (assignments.length > 0)
        return { kind: 'unsafe', reason: 'sets replication variables among others' };
      return { kind: 'left-out', reason: whyLeftOut(tokens.slice(1)) ?? 'a replication setting' };
    }
    const before = this.#mode;
    for (const assignment of assignments) {
      const reason = this.#assign(assignment, before);
      if (reason !== undefined) return { kind: 'unsafe', reason };
    }
    return { kind: 'fine' };
  }

  #assign({ target, name, value }: Assignment, before: SqlMode): string | undefined {
    const differs = value.some(({ note }) => note !== 0);
    const source = variableIn(value);
    const text = value.length === 1 ? value[0]?.text.toLowerCase() : undefined;
    if (target === 'user') {
      if (differs && (source?.kind !== 'system' || READ_BACK.test(source.name))) return DIFFERS;
      this.#saved.set(name, this.#savedFrom(value, source, before));
      return text !== undefined && AMBIGUOUS_CHARSET.test(text) ? ambiguous(text) : undefined;
    }
    if (target === 'names' || name === 'character_set_client') {
      if (differs) return DIFFERS;
      if (text !== undefined && AMBIGUOUS_CHARSET.test(text)) return ambiguous(text);
      const known = source === undefined ? isText(value[0]) : this.#mayBeCharset(source);
      return known ? undefined : 'sets a charset that cannot be followed';
    }
    if (/storage_engine|table_type/.test(name) && text !== undefined && REMOTE_ENGINE.test(text)) {
      return `makes ${text}, which keeps rows elsewhere, the engine of all tables`;
    }
    if (name !== 'sql_mode') return undefined;
    const mode =
      source === undefined
        ? isText(value[0])
          ? modeOf(value[0]?.text ?? '')
          : undefined
        : this.#modeIn(source);
    if (differs) return DIFFERS;
    if (mode === undefined || text === 'default') return 'sets sql_mode to something that cannot be followed';
    this.#mode = mode;
    return undefined;
  }

  #savedFrom(value: readonly SqlToken[], source: Variable | undefined, before: SqlMode): Saved {
    if (source?.kind === 'user') return this.#saved.get(source.name) ?? {};
    if (source?.kind === 'system') {
      return {
        mode: source.name === 'sql_mode' ? before : undefined,
        charset: /^(?:character_set|collation)/.test(source.name),
      };
    }
    return value[0]?.kind === 'string' ? { mode: modeOf(value[0].text), charset: true } : {};
  }

  /** A variable that was not set holds NULL, which the server refuses. */
  #modeIn({ kind, name, orElse }: Variable): SqlMode | undefined {
    if (kind === 'system') return name === 'sql_mode' ? this.#mode : undefined;
    const saved = this.#saved.get(name);
    return saved === undefined ? (orElse ? DEFAULT_MODE : this.#mode) : saved.mode;
  }

  #mayBeCharset({ kind, name, orElse }: Variable): boolean {
    if (orElse) return false;
    if (kind === 'system') return name.startsWith('character_set');
    const saved = this.#saved.get(name);
    return saved === undefined || saved.charset === true;
  }
}

/** System variables whose value the dump sets back later. */
const READ_BACK = /^(?:sql_mode|character_set|collation)/;

interface Saved {
  readonly mode?: SqlMode | undefined;
  readonly charset?: boolean;
}

export interface Variable {
  readonly kind: 'user' | 'system';
  readonly name: string;
  /** From `IFNULL(@name, …)`. */
  readonly orElse: boolean;
}

function isText(token: SqlToken | undefined): boolean {
  return token?.kind === 'string' || token?.kind === 'word';
}

const DIFFERS = 'changes how text is read on some servers only';

function ambiguous(charset: string): string {
  return `uses the charset ${charset}, in which clients and servers may see quotes in different places`;
}

function modeOf(text: string): SqlMode {
  return {
    backslashEscapes: !/\bNO_BACKSLASH_ESCAPES\b/i.test(text),
    ansiQuotes: ANSI_MODES.test(text),
    oracle: /\bORACLE\b/i.test(text),
  };
}

/** The assignments of a whole SET statement, each or why a dump may not make it; those left out are not among them. */
export function readAssignments(tokens: readonly SqlToken[]): (Assignment | string)[] {
  return splitAtCommas(tokens.slice(1))
    .filter((part) => whyLeftOut(part) === undefined)
    .map(readAssignment);
}

function splitAtCommas(tokens: readonly SqlToken[]): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth++;
    else if (isSign(token, ')')) depth--;
    if (depth === 0 && isSign(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** GTID_PURGED, SQL_LOG_BIN and the variable mysqldump keeps the latter in. */
function whyLeftOut(part: readonly SqlToken[]): string | undefined {
  const head = part
    .slice(0, 6)
    .map(({ kind, text }) => (kind === 'string' ? '?' : text.toLowerCase()))
    .join('');
  if (/^(?:@@)?global\.?gtid_purged[:=]/.test(head))
    return 'sets GTID_PURGED, which belongs to the server, not to a database';
  if (/^(?:@@(?:session\.|local\.)?|session|local)?sql_log_bin[:=]/.test(head))
    return 'switches the binary log of the session';
  if (head.startsWith('@mysqldump_temp_log_bin')) return 'keeps the state of the binary log';
  return undefined;
}

/** One assignment of a SET; a reason when it is none that a dump may make. */
function readAssignment(part: readonly SqlToken[]): Assignment | string {
  const cursor = new SqlCursor(part);
  if (cursor.takeWords('names') || cursor.takeWords('character', 'set') || cursor.takeWords('charset')) {
    const value = cursor.skip();
    if (cursor.takeWords('collate')) cursor.skip();
    const isPlain = value !== undefined && cursor.atEnd && ['word', 'string'].includes(value.kind);
    return isPlain
      ? { target: 'names', name: 'names', value: [value] }
      : 'sets a charset that cannot be followed';
  }
  const isUser = isSign(part[0], '@') && !isSign(part[1], '@');
  if (isUser) cursor.skip();
  else if (cursor.takeSign('@')) {
    cursor.takeSign('@');
    if (cursor.takeOneOf('session', 'local') && !cursor.takeSign('.')) return UNREADABLE;
  } else cursor.takeOneOf('session', 'local');
  const name = cursor.skip();
  cursor.takeSign(':');
  if (name === undefined || name.kind === 'sign' || !cursor.takeSign('=')) {
    return isWord(name, 'global', 'persist', 'persist_only')
      ? 'sets a variable of the whole server'
      : isWord(name, 'password', 'role', 'statement')
        ? `SET ${name?.text.toUpperCase() ?? ''} is not about data`
        : UNREADABLE;
  }
  const variable = name.text.toLowerCase();
  if (!isUser && !KNOWN.has(variable)) {
    return variable === 'password' ? 'sets a password' : `sets ${variable}, which no dump needs`;
  }
  if (part.some(({ note }) => note !== part[0]?.note)) return DIFFERS;
  const value = cursor.rest();
  return isPlainValue(value)
    ? { target: isUser ? 'user' : 'session', name: variable, value }
    : 'sets a variable to more than a plain value';
}

const UNREADABLE = 'is a SET that no dump needs';

/** A literal, a word, a variable, or HeidiSQL's `IFNULL(@OLD_SQL_MODE, '')`. */
function isPlainValue(value: readonly SqlToken[]): boolean {
  const [first, second] = value;
  if (value.length === 1) return first?.kind !== 'sign' && first?.kind !== 'name';
  if (value.length === 2 && (isSign(first, '-') || isSign(first, '+'))) return second?.kind === 'number';
  if (!isWord(first, 'ifnull')) return variableIn(value) !== undefined;
  return (
    isSign(second, '(') &&
    value.length === 7 &&
    variableIn(value.slice(2, 4)) !== undefined &&
    isSign(value[4], ',') &&
    /^[01]?$/.test(value[5]?.text ?? '-') &&
    isSign(value[6], ')')
  );
}

/** `@old` or `@@[session.|global.]sql_mode`, and nothing else; also the first of an IFNULL. */
export function variableIn(value: readonly SqlToken[]): Variable | undefined {
  if (isWord(value[0], 'ifnull')) {
    const variable = variableIn(value.slice(2, 4));
    return variable === undefined ? undefined : { ...variable, orElse: true };
  }
  const cursor = new SqlCursor(value);
  if (!cursor.takeSign('@')) return undefined;
  const kind = cursor.takeSign('@') ? 'system' : 'user';
  if (kind === 'system' && isSign(value[3], '.') && isWord(value[2], 'session', 'local', 'global')) {
    cursor.skip();
    cursor.skip();
  }
  const name = cursor.skip();
  if (name === undefined || name.kind === 'sign' || !cursor.atEnd) return undefined;
  return { kind, name: name.text.toLowerCase(), orElse: false };
}
