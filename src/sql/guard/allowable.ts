// What may be taken after a question (`--allow-unsafe`): no dump program writes it, but by its form it concerns only
// rows of the dump's own tables. Neither names another database, calls anything but the server's own functions, or
// touches files, variables and accounts; and the account that runs it may do none of that. For the forms of statements
// see `own-rows.ts`.
import type { SqlToken } from '../lexer/statement.ts';
import { BUILT_IN_FUNCTIONS } from './built-in-functions.ts';

export const wordsOf = (...lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => line.split(' ')));

export const OPERATORS: ReadonlySet<string> = new Set('()+-*/%<>=!&|^~,');

/** Words behind which a parenthesis opens no arguments. */
export const BEFORE_PARENTHESES = wordsOf(
  'all and as between by case distinct div else exists having in is like mod not on or over regexp rlike row select set',
  'then using values when where xor char binary varchar varbinary decimal',
);

/**
 * They read and write files and variables, read a sequence, name a query, run a procedure, wait; or say who is logged
 * in, which would be another account.
 */
export const NEVER = wordsOf(
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
export function isWhole({ text }: SqlToken): boolean {
  return /^[\w$]{1,63}$/.test(text);
}

/** Whether a parenthesis behind this token is no call, or one of a function that reaches nothing. */
export function opensAllowable(before: SqlToken | undefined, parenthesis: SqlToken): boolean {
  if (before?.kind !== 'word') return false;
  // With a space between, servers may take the name for that of a routine.
  const isCall = BUILT_IN_FUNCTIONS.has(before.text) && before.end === parenthesis.start;
  return isCall || BEFORE_PARENTHESES.has(before.text);
}
