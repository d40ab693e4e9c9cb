// What a SET of a dump may assign: constants, variables, and the few functions that dump programs wrap around them.
import type { TextRange } from '../lexer/statement.ts';
import { SqlCursor } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';

export interface Variable {
  readonly kind: 'user' | 'system';
  /** Lower case. */
  readonly name: string;
  /** `@@global.x`: the server's own value. */
  readonly isGlobal: boolean;
}

export type SettingExpression =
  | {
      readonly kind: 'constant';
      readonly type: 'string' | 'number' | 'word';
      /** What it says, to every server; undefined where that takes more than a look: escapes, a very long string. */
      readonly text: string | undefined;
    }
  | { readonly kind: 'null' }
  /** `range`: where it stands. */
  | { readonly kind: 'variable'; readonly variable: Variable; readonly range: TextRange }
  | { readonly kind: 'is-null'; readonly operand: SettingExpression; readonly negated: boolean }
  | {
      readonly kind: 'call';
      readonly name: keyof typeof FEWEST_OPERANDS;
      readonly operands: readonly SettingExpression[];
    };

/** Functions that every server has of itself, and that read and change nothing. */
const FEWEST_OPERANDS = { if: 3, ifnull: 2, coalesce: 1, concat: 1, replace: 3 } as const;
const MOST_OPERANDS: Readonly<Record<string, number>> = { if: 3, ifnull: 2, replace: 3 };

/** Dumps have two at most. */
const DEEPEST = 8;

/** Reads all of a value; undefined when it is anything but such an expression. */
export function readExpression(tokens: readonly SqlToken[]): SettingExpression | undefined {
  const [first, second] = tokens;
  if (tokens.length === 1 && first?.kind === 'word' && !isWord(first, 'null'))
    return { kind: 'constant', type: 'word', text: first.text };
  if (tokens.length === 2 && first?.kind === 'sign' && '+-'.includes(first.text) && second?.kind === 'number')
    return { kind: 'constant', type: 'number', text: first.text + second.text };
  const cursor = new SqlCursor(tokens);
  const expression = readOperand(cursor, DEEPEST);
  return cursor.atEnd ? expression : undefined;
}

function readOperand(cursor: SqlCursor, depth: number): SettingExpression | undefined {
  if (depth === 0) return undefined;
  const operand = readPlainOperand(cursor, depth);
  if (operand === undefined || !cursor.takeWords('is')) return operand;
  const negated = cursor.takeWords('not');
  return cursor.takeWords('null') ? { kind: 'is-null', operand, negated } : undefined;
}

function readPlainOperand(cursor: SqlCursor, depth: number): SettingExpression | undefined {
  if (isSign(cursor.next, '@')) return readVariable(cursor);
  if (cursor.takeWords('null')) return { kind: 'null' };
  const token = cursor.skip();
  if (token?.kind === 'string') return { kind: 'constant', type: 'string', text: plainText(token) };
  if (token?.kind === 'number') return { kind: 'constant', type: 'number', text: token.text };
  if (isWord(token, 'true', 'false')) return { kind: 'constant', type: 'word', text: token?.text };
  if (token?.kind !== 'word' || !isKnown(token.text) || !cursor.takeSign('(')) return undefined;
  const name = token.text;
  const operands: SettingExpression[] = [];
  do {
    const operand = readOperand(cursor, depth - 1);
    if (operand === undefined) return undefined;
    operands.push(operand);
  } while (cursor.takeSign(','));
  const { length } = operands;
  if (length < FEWEST_OPERANDS[name] || length > (MOST_OPERANDS[name] ?? length)) return undefined;
  return cursor.takeSign(')') ? { kind: 'call', name, operands } : undefined;
}

function isKnown(name: string): name is keyof typeof FEWEST_OPERANDS {
  return Object.hasOwn(FEWEST_OPERANDS, name);
}

/** `@old` or `@@[session.|global.]sql_mode`. */
function readVariable(cursor: SqlCursor): SettingExpression | undefined {
  const start = cursor.skip()?.start ?? 0;
  const kind = cursor.takeSign('@') ? 'system' : 'user';
  let name = cursor.skip();
  let isGlobal = false;
  if (kind === 'system' && cursor.takeSign('.')) {
    if (!isWord(name, 'session', 'local', 'global')) return undefined;
    isGlobal = isWord(name, 'global');
    name = cursor.skip();
  }
  if (name === undefined || name.kind === 'sign' || name.kind === 'number') return undefined;
  if (kind === 'user' && !isPlainName(name.text)) return undefined;
  const variable = { kind, name: name.text.toLowerCase(), isGlobal } as const;
  return { kind: 'variable', variable, range: { start, end: name.end } };
}

/** Of a user variable: servers tell such names apart by their letters alone. Other characters count as the same: á and à. */
export function isPlainName(name: string): boolean {
  return /^[\w$.]+$/.test(name);
}

/** An escape or a doubled quote may stand for something else, and of a long string the end is not known. */
function plainText({ text, start, end }: SqlToken): string | undefined {
  return !/['"\\]/.test(text) && end - start === Buffer.byteLength(text) + 2 ? text : undefined;
}

/** A constant as it can be written again, in any charset; a text that would need escapes cannot. */
export function literalOf(expression: SettingExpression): string | undefined {
  if (expression.kind !== 'constant' || expression.text === undefined) return undefined;
  const form = expression.type === 'string' ? /^[ !#-&(-[\]-~]*$/ : /^[+-]?[\w.]+$/;
  if (!form.test(expression.text)) return undefined;
  return expression.type === 'string' ? `'${expression.text}'` : expression.text;
}
