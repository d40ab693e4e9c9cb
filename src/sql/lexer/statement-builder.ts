import { OUR_CHARSET } from './client-charset.ts';
import { shapeOf } from '../script/stored-object-head.ts';
import { isSign, isWord, type SqlStatement, type SqlToken, type StatementShape } from './statement.ts';

export interface StatementListener {
  statement(statement: SqlStatement): void;
  /** One token of a `code` statement, those of its head included. */
  code(token: SqlToken): void;
  /** One token of a `rows` statement after `VALUES`; plain numbers, strings, NULL and `,()` may be left out. */
  row(token: SqlToken): void;
}

const MOST_TOKENS = 200_000;
const MOST_CODE_TOKENS = 100;

/** Gathers the tokens of one statement after the other, as many of them as are worth looking at. */
export class StatementBuilder {
  readonly #tell: StatementListener;
  /** Undefined until the head of the statement tells. */
  shape: StatementShape | undefined;
  isOpen = false;
  /** In which names are written. */
  charset = OUR_CHARSET;
  /** 1-based, where the statement starts. */
  line = 0;
  #start = 0;
  #startsLine = false;
  #tokens: SqlToken[] = [];
  #cut = false;
  #depth = 0;
  #lastQuote = 0;
  #holdsLineEnd = false;

  constructor(listener: StatementListener) {
    this.#tell = listener;
  }

  /** So far it is `use` and a name, from the start of a line: the older clients need no `;` after that. */
  get isUseLine(): boolean {
    return this.isOpen && this.#startsLine && this.#tokens.length > 1 && isWord(this.#tokens[0], 'use');
  }

  /** @param startsLine Only white space stands before it on its line. */
  open(start: number, line: number, startsLine: boolean): void {
    this.isOpen = true;
    this.shape = undefined;
    this.line = line;
    this.#start = start;
    this.#startsLine = startsLine;
    this.#tokens = [];
    this.#cut = false;
    this.#depth = 0;
    this.#holdsLineEnd = false;
  }

  /** A `;` and a newline stand inside it, in quotes or in a comment. */
  holdLineEnd(): void {
    this.#holdsLineEnd = true;
  }

  /** @param quote The quote of a name or string; 0 for other tokens. */
  add(token: SqlToken, quote: number): void {
    if (this.shape === 'rows') {
      this.#tell.row(token);
      return;
    }
    if (isSign(token, '(')) this.#depth++;
    else if (isSign(token, ')')) this.#depth--;
    this.#keep(token, quote);
    if (this.shape === undefined) {
      this.shape = shapeOf(this.#tokens, this.#depth);
      if (this.shape === 'code') for (const kept of this.#tokens) this.#tell.code(kept);
    } else if (this.shape === 'code') {
      this.#tell.code(token);
    }
  }

  /**
   * @param delimiterBytes 0 when a newline or the end of the text ended it.
   * @param endsLine `;` was the delimiter, and a newline follows.
   * @param needsLineAt See `SqlStatement`.
   */
  close(end: number, delimiterBytes: number, endsLine: boolean, needsLineAt?: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const shape = this.shape ?? 'plain';
    this.shape = undefined;
    this.#tell.statement({
      start: this.#start,
      end,
      textEnd: end - delimiterBytes,
      endsItsLine: endsLine && !this.#holdsLineEnd,
      line: this.line,
      charset: this.charset,
      shape,
      tokens: this.#tokens,
      cut: this.#cut && shape === 'plain',
      needsLineAt,
    });
  }

  #keep(token: SqlToken, quote: number): void {
    const before = this.#tokens.at(-1);
    if (
      quote !== 0 &&
      before?.end === token.start &&
      before.kind === token.kind &&
      this.#lastQuote === quote
    ) {
      // `a``b` is one name: a doubled quote stands for itself.
      const text = before.text + String.fromCharCode(quote) + token.text;
      this.#tokens[this.#tokens.length - 1] = { ...before, text, written: text, end: token.end };
    } else if (this.#tokens.length < (this.shape === 'code' ? MOST_CODE_TOKENS : MOST_TOKENS)) {
      this.#tokens.push(token);
    } else {
      this.#cut = true;
    }
    if (quote !== 0) this.#lastQuote = quote;
  }
}
