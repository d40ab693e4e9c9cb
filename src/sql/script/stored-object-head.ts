import { SqlCursor, type ObjectReference } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlToken, type StatementShape } from '../lexer/statement.ts';

/** What a CREATE of a view, routine, trigger or event makes. */
export interface StoredObjectHead {
  /** `view`, `function`, `package body` … */
  readonly type: string;
  readonly reference: ObjectReference;
}

const CODE = ['procedure', 'function', 'trigger', 'event', 'view', 'package', 'library'];

/** Of an unquoted host: no name has more bytes. */
const MOST_HOST_TOKENS = 255;

/**
 * The shape of a statement by its tokens so far; undefined when more are needed.
 *
 * @param depth Parentheses open after the last token.
 */
export function shapeOf(tokens: readonly SqlToken[], depth: number): StatementShape | undefined {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first?.kind !== 'word' || last === undefined) return 'plain';
  if (first.text === 'insert' || first.text === 'replace') {
    return depth === 0 && isWord(last, 'values', 'value') && tokens.length > 2 ? 'rows' : undefined;
  }
  if (first.text !== 'create') return 'plain';
  const cursor = new SqlCursor(tokens);
  cursor.skip();
  const isHonest = takeOptions(cursor);
  if (cursor.atEnd) return undefined;
  return isHonest && isWord(cursor.next, ...CODE) ? 'code' : 'plain';
}

/** Reads on behind the CREATE of a view, routine, trigger or event, up to its name. */
export function takeStoredObjectHead(cursor: SqlCursor): StoredObjectHead | undefined {
  if (!takeOptions(cursor)) return undefined;
  const word = cursor.takeKind('word')?.text ?? '';
  const type = word === 'package' && cursor.takeWords('body') ? 'package body' : word;
  cursor.takeWords('if', 'not', 'exists');
  const reference = cursor.takeReference();
  return reference && { type, reference };
}

/** What stands between CREATE and the kind of a program; false where something else does. */
function takeOptions(cursor: SqlCursor): boolean {
  if (cursor.takeWords('or') && !cursor.takeWords('replace')) return false;
  if (cursor.takeWords('algorithm') && !(cursor.takeSign('=') && cursor.takeKind('word'))) return false;
  if (cursor.takeWords('definer') && !(cursor.takeSign('=') && takeDefiner(cursor))) return false;
  if (cursor.takeWords('sql') && !(cursor.takeWords('security') && cursor.takeOneOf('definer', 'invoker')))
    return false;
  cursor.takeWords('aggregate');
  return !cursor.takeWords('json') || (cursor.takeWords('relational') && cursor.takeWords('duality'));
}

/** `a`@`b`, a role of MariaDB without a host, CURRENT_USER or CURRENT_USER(). */
function takeDefiner(cursor: SqlCursor): boolean {
  const user = takeNameOrString(cursor) ?? cursor.takeKind('word');
  if (user === undefined) return false;
  if (isWord(user, 'current_user', 'current_role') && cursor.takeSign('(')) return cursor.takeSign(')');
  return !cursor.takeSign('@') || takeHost(cursor);
}

/** Directly behind the `@`, or servers take it for an empty one. Without quotes it may have points in it: `db.example`. */
function takeHost(cursor: SqlCursor): boolean {
  if (!isAdjacent(cursor)) return false;
  if (takeNameOrString(cursor) !== undefined) return true;
  let tokens = 0;
  while (isAdjacent(cursor) && isOfHost(cursor.next)) {
    if (++tokens > MOST_HOST_TOKENS) return false;
    cursor.skip();
  }
  return tokens > 0;
}

function takeNameOrString(cursor: SqlCursor): SqlToken | undefined {
  return cursor.takeKind('name') ?? cursor.takeKind('string');
}

function isAdjacent(cursor: SqlCursor): boolean {
  return cursor.next?.start === cursor.taken(-1)?.end;
}

function isOfHost(token: SqlToken | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'number' || isSign(token, '.') || isSign(token, '-');
}
