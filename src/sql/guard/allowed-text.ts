// How a statement is shown to whoever is asked whether it may run: with its literals, and whole.
import { decoded } from '../lexer/client-charset.ts';
import type { Quoting } from '../lexer/sql-lexer.ts';
import { tokensOf } from '../lexer/statement-tokens.ts';
import { escapedText, isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';

const MOST_CHARACTERS = 2_000;

/** What is shown, or why it cannot be, continuing "this …". */
export type ShownStatement = { readonly text: string } | { readonly reason: string };

/**
 * As it stands in the dump, with one space for white space and comments. Of rows, literals are hidden: shown are the
 * values that are more than that, each in its row, rows that look alike once; and what stands behind the rows.
 *
 * @param text From the statement's start; undefined when it was too long to be kept.
 */
export function shownAllowed(
  { shape, tokens, start, charset }: Pick<SqlStatement, 'shape' | 'tokens' | 'start' | 'charset'>,
  text: Buffer | undefined,
  quoting: Quoting,
): ShownStatement {
  const tooLong = { reason: 'is too long to be shown' };
  if (text === undefined) return tooLong;
  if (hasHint(tokens, text, start)) return { reason: 'has an optimizer hint' };
  const head = asWritten(tokens, text, start, charset);
  if (shape !== 'rows') return head.length > MOST_CHARACTERS ? tooLong : { text: head };
  const rows = shownRows(text.subarray((tokens.at(-1)?.end ?? start) - start), charset, quoting);
  if (rows === undefined) return tooLong;
  const whole = `${head} ${rows}`;
  return whole.length > MOST_CHARACTERS ? tooLong : { text: whole };
}

/** MySQL reads these comments, behind the first word of a statement or query; rows have no queries. */
function hasHint(tokens: readonly SqlToken[], text: Buffer, start: number): boolean {
  let end = tokens[0]?.start ?? start;
  return tokens.some((token) => {
    const between = text.subarray(end - start, token.start - start);
    end = token.end;
    return between.includes('/*+');
  });
}

/** @param text Begins at the offset that `start` is of the tokens. */
function asWritten(tokens: readonly SqlToken[], text: Buffer, start: number, charset: string): string {
  let shown = '';
  let end = tokens[0]?.start ?? start;
  for (const token of tokens) {
    if (token.start > end) shown += ' ';
    shown += decoded(text.subarray(token.start - start, token.end - start), charset);
    end = token.end;
  }
  return escapedText(shown);
}

/** Makes one statement of rows, all of whose tokens are read. */
const BEFORE_ROWS = Buffer.from('SELECT ');

/** @param text What stands behind VALUES. @returns undefined when it has too many tokens. */
function shownRows(text: Buffer, charset: string, quoting: Quoting): string | undefined {
  const whole = Buffer.concat([BEFORE_ROWS, text]);
  const tokens = tokensOf(whole, charset, quoting)?.slice(1);
  if (tokens === undefined) return undefined;
  const write = (some: readonly SqlToken[]): string => asWritten(some, whole, 0, charset);
  const rows = new Set<string>();
  let at = 0;
  while (at < tokens.length) {
    if (isSign(tokens[at], ',') || isWord(tokens[at], 'row')) at++;
    if (!isSign(tokens[at], '(')) break;
    const values = valuesOf(tokens, at);
    at = values.end;
    const shown = values.values.map((value) => (isLiteral(value) ? '…' : write(value)));
    rows.add(shown.every((value) => value === '…') ? '…' : `(${shown.join(', ')})`);
  }
  return [[...rows].join(', '), write(tokens.slice(at))].filter((part) => part !== '').join(' ');
}

/** The values of the row whose parenthesis stands there, and where it ends. */
function valuesOf(
  tokens: readonly SqlToken[],
  from: number,
): { readonly values: readonly (readonly SqlToken[])[]; readonly end: number } {
  const values: SqlToken[][] = [[]];
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (isSign(token, ')') && --depth === 0) return { values, end: at + 1 };
    if (depth === 1 && isSign(token, ',')) values.push([]);
    else if (depth > 0) values.at(-1)?.push(token);
    if (isSign(token, '(')) depth++;
  }
  return { values, end: tokens.length };
}

/** `-1`, `'a'`, `NULL`, `_binary 'a'`, `x'00'`, `0x00`. */
function isLiteral(value: readonly SqlToken[]): boolean {
  const [first, second, ...others] = value;
  if (first === undefined) return true;
  if (second === undefined) return first.kind === 'string' || first.kind === 'number' || isNamed(first);
  if (others.length > 0) return false;
  if (isSign(first, '-') || isSign(first, '+')) return second.kind === 'number';
  return first.kind === 'word' && /^(?:[xbn]|_[a-z\d]+)$/.test(first.text) && second.kind === 'string';
}

function isNamed(token: SqlToken): boolean {
  return (
    isWord(token, 'null', 'true', 'false', 'default') ||
    (token.kind === 'word' && token.text.startsWith('0x'))
  );
}
