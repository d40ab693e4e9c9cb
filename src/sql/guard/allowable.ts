// What may be taken after a question (`--allow-unsafe`): no dump program writes it, but by its form it concerns only
// rows of the dump's own tables. Neither names another database, calls anything but the server's own functions, or
// touches files, variables and accounts; and the account that runs it may do none of that.
import { isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';
import { BUILT_IN_FUNCTIONS } from './built-in-functions.ts';
import { TRIGGER_EVENTS, type DumpInventory } from './dump-inventory.ts';

const wordsOf = (...lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => line.split(' ')));

const OPERATORS: ReadonlySet<string> = new Set('()+-*/%<>=!&|^~,');

/** Words behind which a parenthesis opens no arguments. */
const BEFORE_PARENTHESES = wordsOf(
  'all and any as between by case distinct div else except exists having in index intersect is key like mod not on or',
  'over partition regexp returning rlike row select set some then union using values value when where xor',
  'char binary varchar varbinary decimal signed unsigned',
);

/**
 * They read and write files and variables, read a sequence, name a query, run a procedure, wait; or say who is logged
 * in, which would be another account.
 */
const NEVER = wordsOf(
  'into outfile dumpfile infile load_file for with procedure soname lateral use_frm sleep benchmark get_lock',
  'current_user current_role session_user system_user',
);

/** Rows of a query could be of any table, and those among values are not looked at that closely. */
const NEVER_IN_ROWS = wordsOf('select table', ...NEVER);

/**
 * Whether a token may stand among rows for one who was asked.
 *
 * @param before The token that was told before it, of these rows.
 */
export function isAllowableInRows(token: SqlToken, before: SqlToken | undefined): boolean {
  if (token.note !== 0) return false;
  switch (token.kind) {
    case 'string':
    case 'number':
    case 'name': // of a column; a routine has a parenthesis behind it
      return true;
    case 'word':
      return isWhole(token) && !NEVER_IN_ROWS.has(token.text);
    case 'sign':
      // Told behind a name or word alone.
      return token.text === '(' ? opensAllowable(before, token) : OPERATORS.has(token.text);
  }
}

/** Longer words are told in part. */
function isWhole({ text }: SqlToken): boolean {
  return /^[\w$]+$/.test(text);
}

function opensAllowable(before: SqlToken | undefined, parenthesis: SqlToken): boolean {
  if (before?.kind !== 'word') return false;
  // With a space between, servers may take the name for that of a routine.
  const isCall = BUILT_IN_FUNCTIONS.has(before.text) && before.end === parenthesis.start;
  return isCall || BEFORE_PARENTHESES.has(before.text);
}

/** Of statements that read or change rows, or look after a table's file without another form for it. */
const VERBS = ['insert', 'replace', 'update', 'delete', 'select', 'optimize', 'repair', 'check', 'checksum'];

/** Between a verb and the first of its tables. */
const MODIFIERS = wordsOf(
  'low_priority high_priority delayed quick ignore into from table tables local no_write_to_binlog',
);

/** A table comes next. */
const BEFORE_TABLES = ['from', 'join', 'straight_join', 'table', 'tables'];

/** A comma behind these is none between tables. */
const AFTER_TABLES = wordsOf(
  'where set group order having limit union except intersect select values value window returning',
);

/** Whether a statement reads and changes rows of tables that the dump has made, and nothing else. */
export function concernsOwnRows({ shape, tokens }: SqlStatement, inventory: DumpInventory): boolean {
  const [verb, ...others] = tokens;
  if (shape !== 'plain' || verb?.note !== 0 || !isWord(verb, ...VERBS)) return false;
  const isInsert = isWord(verb, 'insert', 'replace');
  let expectsTable = isInsert || isWord(verb, 'update');
  /** The table that an INSERT fills: its columns are in the parenthesis behind it. */
  let filled: SqlToken | undefined;
  /** Of each open parenthesis, whether a comma in it stands between tables. */
  const lists = [false];
  const within = (isList: boolean): void => {
    lists[lists.length - 1] = isList;
  };

  for (const [index, token] of others.entries()) {
    const [before, next] = [others[index - 1], others[index + 1]];
    if (token.note !== 0) return false;
    if (expectsTable) {
      if (token.kind === 'word' && MODIFIERS.has(token.text)) continue;
      within(true);
      if (isSign(token, '(')) {
        expectsTable = !isWord(next, 'select');
        lists.push(false);
        continue;
      }
      if (isSign(next, '.') || !isOwnTable(token, inventory)) return false;
      if (isInsert) filled ??= token;
      expectsTable = false;
      continue;
    }
    switch (token.kind) {
      case 'string':
      case 'number':
        break;
      case 'name':
      case 'word':
        if (isSign(next, '.') && !isColumn(others.slice(index, index + 4), before)) return false;
        if (token.kind === 'name') break;
        if (!isWhole(token) || NEVER.has(token.text)) return false;
        if (token.text === 'update' && !isWord(before, 'key')) return false;
        if (AFTER_TABLES.has(token.text) || (token.text === 'on' && isWord(next, 'duplicate'))) within(false);
        expectsTable = isWord(token, ...BEFORE_TABLES) || (token.text === 'using' && !isSign(next, '('));
        break;
      case 'sign':
        if (token.text === '(') {
          const isName = before?.kind === 'word' || before?.kind === 'name';
          if (isName && before !== filled && !opensAllowable(before, token)) return false;
          lists.push(false);
        } else if (token.text === ')') {
          if (lists.length === 1) return false;
          lists.pop();
        } else if (token.text === ',') expectsTable = lists.at(-1) === true;
        else if (token.text === '.') {
          if (before?.kind !== 'name' && before?.kind !== 'word') return false;
        } else if (!OPERATORS.has(token.text)) return false;
    }
  }
  return !expectsTable && lists.length === 1;
}

/** It was made by the dump, and its rows are where it is. */
function isOwnTable(token: SqlToken, inventory: DumpInventory): boolean {
  if (isWord(token, 'dual')) return true;
  if (token.kind !== 'name' && token.kind !== 'word') return false;
  const { written } = token;
  return inventory.has('table', written) && inventory.whyRowsLeave(written, TRIGGER_EVENTS) === undefined;
}

/** `s.id`, `s.*`: neither `db.t.id` nor `db.f(…)`. */
function isColumn([, , column, behind]: readonly SqlToken[], before: SqlToken | undefined): boolean {
  const isNamed = column?.kind === 'name' || column?.kind === 'word' || isSign(column, '*');
  return isNamed && !isSign(before, '.') && !isSign(behind, '.') && !isSign(behind, '(');
}
