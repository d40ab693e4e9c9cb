/** A piece of a statement, as far as the guard looks at it. */
export interface SqlToken {
  /**
   * `name` is a quoted name; an unquoted one cannot be told from a `word`. `sign` is one character of punctuation.
   */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign';
  /** Lower case for words; without quotes for names and strings; cut after a few hundred bytes. */
  readonly text: string;
  /** The same, in the case that a word has in the dump: it may be a name. */
  readonly written: string;
  /** Byte range in the uncompressed dump. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /**
   * 0 for text that every server runs. Otherwise the number of the version comment it stands in, which some servers
   * run and others skip (`INVISIBLE` since MySQL 8.0.23, what MariaDB alone has).
   */
  readonly note: number;
}

/**
 * How the rest of a statement is read: `rows` are checked as they pass and never kept, `code` is the text of a view,
 * routine, trigger or event, which runs later; of `plain` statements all tokens are kept.
 */
export type StatementShape = 'rows' | 'code' | 'plain';

export interface SqlStatement {
  /** Byte range in the uncompressed dump, the delimiter included. */
  readonly start: number;
  readonly end: number;
  /** Where the delimiter starts. */
  readonly textEnd: number;
  /** 1-based, where the statement starts. */
  readonly line: number;
  /**
   * It ends in `;` and a newline, and holds no such pair before: cutting the text at these pairs gives this
   * statement whole.
   */
  readonly endsItsLine: boolean;
  /** In which its names are written. */
  readonly charset: string;
  readonly shape: StatementShape;
  /** For `rows` up to `VALUES`, for `code` the first hundred. */
  readonly tokens: readonly SqlToken[];
  /** The statement has more tokens than were kept, although it is `plain`. */
  readonly cut: boolean;
  /** Where a server needs a new line: the end of a version comment stands in a line comment. */
  readonly needsLineAt: number | undefined;
}

export function isWord(token: SqlToken | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

export function isSign(token: SqlToken | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign;
}

const SHOWN_CHARACTERS = 120;

/**
 * The head of a statement for a message: names and words, no value. Only for statements that start with a word of
 * SQL; anything else may be row data, of which nothing is shown.
 */
export function shownStatement(tokens: readonly SqlToken[]): string {
  const [first] = tokens;
  if (first?.kind !== 'word' || !STATEMENT_WORDS.has(first.text)) return '…';
  let shown = '';
  for (const [index, token] of tokens.entries()) {
    const close =
      index === 0 ||
      (token.kind === 'sign' && '.,()@:'.includes(token.text)) ||
      '.(@'.includes(shown.at(-1) ?? '');
    shown += (close ? '' : ' ') + shownToken(token);
    if (shown.length > SHOWN_CHARACTERS) break;
  }
  return shownText(shown);
}

function shownToken(token: SqlToken): string {
  switch (token.kind) {
    case 'word':
      return STATEMENT_WORDS.has(token.text) ? token.text.toUpperCase() : token.text;
    case 'name':
      return `\`${token.text.replaceAll('`', '``')}\``;
    case 'string':
      return "'…'";
    case 'number':
      return '…';
    case 'sign':
      return token.text;
  }
}

/** Text fit for a terminal: control and direction characters escaped. */
export function escapedText(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\ufffd]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same, at most 120 characters of it. */
export function shownText(text: string): string {
  const safe = escapedText(text);
  return safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS - 1)}…` : safe;
}

/** Words that a statement may start with, or that help to see what it does. */
const STATEMENT_WORDS: ReadonlySet<string> = new Set(
  (
    'alter analyze as begin binlog cache call change check checksum clone commit create database deallocate definer ' +
    'delete delimiter describe do drop end event exchange execute exists explain federated flush for from function ' +
    'get global grant handler help if import index infile insert install into kill load local lock master not ' +
    'on optimize or outfile partition password persist plugin prepare procedure purge release rename repair ' +
    'replace replica reset resignal restart revoke role rollback savepoint schema select sequence server session ' +
    'set show shutdown signal slave sleep soname source start stop table tables temporary to trigger truncate ' +
    'uninstall unlock update use user values view where with xa'
  ).split(' '),
);

/** Bytes of the uncompressed dump. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}
