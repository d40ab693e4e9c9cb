import { BYTE, ROW, ROW_CLASS, isDigit, isWordByte } from './sql-bytes.ts';
import { shapeOf, type SqlStatement, type SqlToken, type StatementShape } from './sql-statement.ts';

/** What the reader tells of a dump, in the order of the text. */
export interface SqlListener {
  statement(statement: SqlStatement): void;
  /** One token of a `code` statement, those of its head included. */
  code(token: SqlToken): void;
  /** One token of a `rows` statement after `VALUES`; plain numbers, strings, NULL and `,()` are not told. */
  row(token: SqlToken): void;
  /** A comment that is a line of its own, between statements; at most its first 200 bytes. */
  commentLine(text: string): void;
  /** Lines that no server runs, but that a client may stumble over. */
  harmless(start: number, end: number, reason: string): void;
  /** What a client would run itself, or what clients and servers read in different ways. */
  suspicious(line: number, text: string, reason: string): void;
  /** The text does not read as SQL. */
  malformed(line: number, reason: string): void;
}

/** How the server reads quotes, by its `sql_mode`. */
export interface Quoting {
  readonly backslashEscapes: boolean;
  readonly ansiQuotes: boolean;
}

/** What the reader is inside of. */
const IN = { text: 0, string: 1, name: 2, blockComment: 3, lineComment: 4, longWord: 5 } as const;

/** A lexeme is looked at only when as much text after its start is there; carried from chunk to chunk. */
const LOOKAHEAD_BYTES = 192;
const LONGEST_WORD = 64;
const LONGEST_CAPTURE = 512;
const LONGEST_COMMENT = 200;
const MOST_TOKENS = 200_000;
const MOST_CODE_TOKENS = 100;

const SANDBOX_LINE = /^\/\*M?!999999\\- enable the sandbox mode \*\//;
/** Versions that every supported server has, and neither MariaDB nor MySQL takes for the other's. */
const NEWEST_COMMON_VERSION = 50699;
/** Letters, digits, quotes and comment signs as delimiters are read differently by clients: not taken. */
const DELIMITER_LINE = /^delimiter[ \t]+([;$/|@~^%&!]{1,15})[ \t\r]*$/i;

/** What the clients do themselves when it starts a line between statements. */
const CLIENT_COMMANDS: ReadonlySet<string> = new Set(
  (
    'charset clear connect costs delimiter edit ego exit go help nopager notee nowarning pager print prompt ' +
    'query_attributes quit rehash resetconnection sandbox source ssl_session_data_print status system tee warnings'
  ).split(' '),
);

/**
 * Reads the SQL of a dump as the `mysql` and `mariadb` clients do, chunk by chunk, in bounded memory: quotes, comments,
 * version comments, `DELIMITER` lines, client commands. Where clients or servers differ, it says so instead of
 * choosing. What it tells does not depend on how the text is cut into chunks.
 *
 * Sources: `read_and_execute()`, `add_line()` and `find_command()` of the clients; tried with the clients of
 * MariaDB 10.11 and 11.8 and MySQL 9.7.
 */
export class SqlReader {
  readonly #tell: SqlListener;
  #backslashEscapes = true;
  #ansiQuotes = false;

  #carry: Buffer = Buffer.alloc(0);
  /** Offset of the first byte of the buffer at hand. */
  #base = 0;
  #line = 1;
  /** Nothing but white space yet on this line. */
  #lineBlank = true;
  #delimiter = Buffer.from(';');

  #in: number = IN.text;
  #quote = 0;
  /** Where the string, name or comment began that the reader is inside of. */
  #openedAt = 0;
  #openedLine = 0;
  #captured = '';
  #commentIsLine = false;
  #previousByte = 0;

  /** Undefined outside version comments. `differs`: some servers skip it. */
  #note: { readonly id: number; readonly differs: boolean; readonly line: number; hint: boolean } | undefined;
  #notes = 0;

  #open = false;
  #start = 0;
  #startLine = 0;
  #startsLine = false;
  #shape: StatementShape | undefined;
  #tokens: SqlToken[] = [];
  #cut = false;
  #depth = 0;
  #lastQuote = 0;

  constructor(listener: SqlListener) {
    this.#tell = listener;
  }

  /** 1-based line of what is being told. */
  get line(): number {
    return this.#line;
  }

  /** Bytes read so far, those still looked at included. */
  get bytes(): number {
    return this.#base + this.#carry.length;
  }

  /** For the statements to come. */
  setQuoting({ backslashEscapes, ansiQuotes }: Quoting): void {
    this.#backslashEscapes = backslashEscapes;
    this.#ansiQuotes = ansiQuotes;
  }

  push(chunk: Buffer): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const used = this.#scan(bytes, bytes.length - LOOKAHEAD_BYTES, false);
    this.#carry = Buffer.from(bytes.subarray(used)); // a copy: the caller may use its buffer again
    this.#base += used;
  }

  finish(): void {
    const bytes = this.#carry;
    this.#scan(bytes, bytes.length, true);
    this.#carry = Buffer.alloc(0);
    this.#base += bytes.length;
    this.#tellWhatIsOpen();
  }

  #tellWhatIsOpen(): void {
    if (this.#in === IN.string || this.#in === IN.name) {
      this.#tell.malformed(this.#openedLine, 'a quote opened here is never closed');
    } else if (this.#in === IN.blockComment) {
      this.#tell.malformed(this.#openedLine, 'a comment opened here is never closed');
    } else if (this.#note !== undefined) {
      this.#tell.malformed(this.#note.line, 'a version comment opened here is never closed');
    } else if (this.#open) {
      this.#tell.malformed(this.#startLine, 'the statement that starts here is cut off: it has no end');
    } else if (!this.#delimiter.equals(Buffer.from(';'))) {
      this.#tell.malformed(this.#line, 'the last DELIMITER is never set back to ;');
    }
    if (this.#open) this.#endStatement(this.#base);
  }

  /** Reads from the start of `bytes`; gives the number of bytes that need not be seen again. */
  #scan(bytes: Buffer, limit: number, final: boolean): number {
    let at = 0;
    for (;;) {
      const from = at;
      const inside = this.#in;
      switch (inside) {
        case IN.string:
          at = this.#readString(bytes, at, final);
          break;
        case IN.name:
          at = this.#readName(bytes, at);
          break;
        case IN.blockComment:
          at = this.#readBlockComment(bytes, at, final);
          break;
        case IN.lineComment:
          at = this.#readLineComment(bytes, at, final);
          break;
        case IN.longWord:
          at = this.#skipWord(bytes, at);
          break;
        default:
          at = this.#readText(bytes, at, limit);
      }
      if (at === from && this.#in === inside) return at;
    }
  }

  #readText(bytes: Buffer, from: number, limit: number): number {
    let at = from;
    while (at < limit && this.#in === IN.text) {
      at = this.#shape === 'rows' ? this.#readRows(bytes, at, limit) : this.#readOne(bytes, at);
    }
    return at;
  }

  /**
   * Rows of an INSERT: most of any dump, so one flat loop over what rows are made of. Everything else is left to
   * `#readOne`.
   */
  #readRows(bytes: Buffer, from: number, limit: number): number {
    const length = bytes.length;
    let at = from;
    while (at < limit) {
      switch (ROW_CLASS[bytes[at] ?? 0]) {
        case ROW.plain:
          at++;
          break;
        case ROW.digit:
          if (isWordByte(bytes[at + 1])) at = this.#readNumber(bytes, at);
          else at++;
          if (this.#in !== IN.text) return at;
          break;
        case ROW.quote: {
          const quote = bytes[at];
          if (this.#note !== undefined || (quote === BYTE.doubleQuote && this.#ansiQuotes)) {
            at = this.#readOne(bytes, at);
            if (this.#in !== IN.text) return at;
            break;
          }
          const opened = at++;
          for (;;) {
            let byte: number | undefined;
            while (at < length) {
              byte = bytes[at];
              if (byte === quote || byte === BYTE.backslash || byte === BYTE.newline) break;
              at++;
            }
            if (at >= length) break;
            at++;
            if (byte === quote) break;
            if (byte === BYTE.newline) this.#line++;
            else if (this.#backslashEscapes) {
              if (at >= length) {
                at--;
                break;
              }
              if (bytes[at] === BYTE.newline) this.#line++;
              at++;
            }
          }
          // Cut by the end of the chunk: the slower reader goes on from here.
          if (at >= length || bytes[at - 1] !== quote || at - 1 === opened) {
            if (!this.#closes(bytes, opened, at, quote)) {
              this.#enter(IN.string, opened);
              this.#quote = quote ?? 0;
              return at;
            }
          }
          break;
        }
        case ROW.newline:
          this.#line++;
          at++;
          break;
        case ROW.letterN:
          if (isNull(bytes, at) && !isWordByte(bytes[at + 4])) {
            at += 4;
            break;
          }
          at = this.#readOne(bytes, at);
          if (this.#in !== IN.text || this.#shape !== 'rows') return at;
          break;
        default:
          at = this.#readOne(bytes, at);
          if (this.#in !== IN.text || this.#shape !== 'rows') return at;
      }
    }
    return at;
  }
