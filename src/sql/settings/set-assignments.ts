// What the assignments of a dump's SET say, each for itself.
import { isPlainName, readExpression, type SettingExpression } from './setting-expression.ts';
import { SqlCursor } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';

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

/**
 * Variables of the whole server that people set to get a dump loaded; the database that comes of it is the same
 * without.
 */
const LEFT_TO_THE_SERVER: ReadonlySet<string> = new Set([
  'event_scheduler',
  'log_bin_trust_function_creators',
  'max_allowed_packet',
  'net_buffer_length',
  'innodb_stats_auto_recalc', // by mysqldump --all-databases, around the rows of the schema mysql
]);

/** One assignment of a SET. */
export interface Assignment {
  readonly kind: 'assignment';
  readonly target: 'user' | 'session' | 'names';
  /** Lower case; `names` and `charset` of SET NAMES and SET CHARACTER SET. */
  readonly name: string;
  readonly value: SettingExpression;
  /** Of SET NAMES … COLLATE. */
  readonly collation?: SettingExpression | undefined;
  /** Of the value. */
  readonly tokens: readonly SqlToken[];
  /** Only some servers run it. */
  readonly differs: boolean;
}

/**
 * What one part of a SET comes to: `left-out` is not needed for a restore, and needs privileges or breaks
 * replication.
 */
export type SetPart =
  | Assignment
  | { readonly kind: 'left-out'; readonly reason: string }
  | { readonly kind: 'unsafe'; readonly reason: string };

export const DIFFERS = 'changes how text is read on some servers only';
const UNREADABLE = refused('is a SET that no dump needs');

/** @param tokens Of a whole SET statement. */
export function readSet(tokens: readonly SqlToken[]): readonly SetPart[] {
  return withScope(splitAtCommas(tokens.slice(1))).map((part) => {
    const reason = whyLeftOut(part);
    return reason === undefined ? readAssignment(part) : { kind: 'left-out', reason };
  });
}

/** The same, of a SET that a dump may make. */
export function assignmentsIn(tokens: readonly SqlToken[]): readonly Assignment[] {
  return readSet(tokens).filter((part) => part.kind === 'assignment');
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

/** GLOBAL, PERSIST and SESSION hold for the assignments behind them, too, up to the next such word. */
function withScope(parts: readonly SqlToken[][]): readonly (readonly SqlToken[])[] {
  let scope: SqlToken | undefined;
  return parts.map((part) => {
    const [first, second] = part;
    if (isWord(first, 'global', 'persist', 'persist_only', 'session', 'local') && !isSign(second, '=')) {
      scope = first;
      return part;
    }
    const takesNone = isSign(first, '@') || isWord(first, 'names', 'charset', 'character');
    return scope === undefined || takesNone ? part : [scope, ...part];
  });
}

/** GTID_PURGED, SQL_LOG_BIN and the variable mysqldump keeps the latter in; what the server alone is to be set to. */
function whyLeftOut(part: readonly SqlToken[]): string | undefined {
  const head = part
    .slice(0, 6)
    .map(({ kind, text }) => (kind === 'string' ? '?' : text.toLowerCase()))
    .join('');
  if (/^(?:@@)?global\.?gtid_purged[:=]/.test(head))
    return 'SET GTID_PURGED (it belongs to the server, not to a database)';
  if (/^(?:@@(?:session\.|local\.)?|session|local)?sql_log_bin[:=]/.test(head)) return 'SET sql_log_bin';
  if (head.startsWith('@mysqldump_temp_log_bin')) return 'the saved value of sql_log_bin';
  const variable = /^(?:@@global\.|global)([a-z_]+)[:=]/.exec(head)?.[1] ?? '';
  const value = part.slice(part.findIndex((token) => isSign(token, '=')) + 1);
  const expression = readExpression(value);
  const isPlain =
    expression?.kind === 'constant' ||
    (expression?.kind === 'variable' && expression.variable.kind === 'user');
  return LEFT_TO_THE_SERVER.has(variable) && isPlain
    ? `SET GLOBAL ${variable} (a restore does not change the server's settings)`
    : undefined;
}

/** One assignment of a SET; a reason when it is none that a dump may make. */
function readAssignment(part: readonly SqlToken[]): SetPart {
  const cursor = new SqlCursor(part);
  if (cursor.takeWords('names')) return readNames('names', cursor, part);
  if (cursor.takeWords('character', 'set') || cursor.takeWords('charset'))
    return readNames('charset', cursor, part);
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
      ? refused('sets a variable of the whole server')
      : isWord(name, 'password', 'role', 'statement')
        ? refused(`SET ${name?.text.toUpperCase() ?? ''} does not concern data`)
        : UNREADABLE;
  }
  const variable = name.text.toLowerCase();
  if (isUser && !isPlainName(name.text))
    return refused('sets a user variable whose name servers may take for another');
  if (!isUser && !KNOWN.has(variable))
    return refused(variable === 'password' ? 'sets a password' : `sets ${variable}, which no dump needs`);
  const differs = differsIn(part);
  if (differs === undefined) return refused(DIFFERS);
  const tokens = cursor.rest();
  const value = readExpression(tokens);
  if (!isUser && value !== undefined && !textsIn(value).every(isSettingText))
    return refused(`sets ${variable} to a value that cannot be determined`);
  return value === undefined
    ? refused('sets a variable to more than a plain value')
    : { kind: 'assignment', target: isUser ? 'user' : 'session', name: variable, value, tokens, differs };
}

/** Modes, time zones, names, switches: whole, and without anything that would have to be escaped. */
function isSettingText(text: string | undefined): boolean {
  return text !== undefined && /^[\w+:/.,= -]*$/.test(text);
}

/** All texts in a value; undefined for one that takes more than a look. */
function textsIn(value: SettingExpression): readonly (string | undefined)[] {
  switch (value.kind) {
    case 'constant':
      return value.type === 'string' ? [value.text] : [];
    case 'is-null':
      return textsIn(value.operand);
    case 'call':
      return value.operands.flatMap(textsIn);
    case 'null':
    case 'variable':
      return [];
  }
}

function readNames(name: 'names' | 'charset', cursor: SqlCursor, part: readonly SqlToken[]): SetPart {
  const tokens = tokenOf(cursor);
  const value = readExpression(tokens);
  const collation = cursor.takeWords('collate') ? readExpression(tokenOf(cursor)) : undefined;
  const isKnown =
    value?.kind === 'constant' &&
    isCharsetName(value) &&
    (collation === undefined || isCharsetName(collation)) &&
    cursor.atEnd;
  if (!isKnown) return refused('sets a charset that cannot be determined');
  const differs = part.some(({ note }) => note !== 0);
  return { kind: 'assignment', target: 'names', name, value, collation, tokens, differs };
}

/** Whether it may be the name of a charset or collation: a word, in quotes or not. */
function isCharsetName(value: SettingExpression): boolean {
  return value.kind === 'constant' && value.type !== 'number' && /^\w+$/.test(value.text ?? '');
}

function tokenOf(cursor: SqlCursor): readonly SqlToken[] {
  const token = cursor.skip();
  return token === undefined ? [] : [token];
}

/** Whether only some servers run it; undefined when that holds for a piece of it. */
function differsIn(part: readonly SqlToken[]): boolean | undefined {
  const notes = new Set(part.map(({ note }) => note));
  return notes.size > 1 ? undefined : !notes.has(0);
}

function refused(reason: string): SetPart {
  return { kind: 'unsafe', reason };
}
