import { BYTE, ROW, ROW_CLASS, isDigit, isHexDigit, isWordByte } from './bytes.ts';
import {
  CLIENT_COMMANDS,
  delimiterIn,
  objectOfMessage,
  readVersionMark,
  SANDBOX_LINE,
} from './client-quirks.ts';
import type { SqlListener } from './sql-listener.ts';
import { decoderOf, isReadable, OUR_CHARSET } from './client-charset.ts';
import { StatementBuilder } from './statement-builder.ts';
import type { SqlToken } from './statement.ts';

/** How the server reads quotes, by its `sql_mode`. */
export interface Quoting {
  readonly backslashEscapes: boolean;
  readonly ansiQuotes: boolean;
}

/** What the reader is inside of. */
const IN = { text: 0, string: 1, name: 2, blockComment: 3, lineComment: 4, longWord: 5 } as const;

/**
 * Told to keep every byte (`--binary-mode`), MariaDB's client makes NUL and newlines of an escaped newline and loses
 * what follows; MySQL's loses the line behind an escaped NUL.
 */
const NEEDLESS_ESCAPE = 'a backslash in front of a newline or NUL';

/** A lexeme is looked at only when as much text after its start is there; carried from chunk to chunk. */
const LOOKAHEAD_BYTES = 192;
const LONGEST_WORD = 64;

/** How mysqldump ends a statement, at the end of a line comment, and what it writes on the next line. */
const HIDDEN_END = / ;;$/;
const HIDDEN_NOTE_END = / \*\/ ?;;$/;
const BEHIND_HIDDEN_END = /^(?:DELIMITER ;\n|\/\*!50003 SET time_zone {13}= @saved_time_zone \*\/ ;;\n)/;
const LONGEST_CAPTURE = 512;
const LONGEST_COMMENT = 200;

/** How much of a line comment's end is looked at for a delimiter. */
const COMMENT_TAIL_BYTES = 16;

/**
 * Functions of the server only where the parenthesis follows immediately: else routines of the database, whatever
 * they do.
 */
const NOT_BEFORE_SPACE: ReadonlySet<string> = new Set(
  'now sysdate curdate curtime date_add date_sub adddate subdate cast'.split(' '),
);

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const EACH_BYTE = 0x01010101;
const BACKSLASHES = Math.imul(BYTE.backslash, EACH_BYTE);
const NEWLINES = Math.imul(BYTE.newline, EACH_BYTE);

/**
 * Reads the SQL of a dump as the `mysql` and `mariadb` clients do, chunk by chunk, in bounded memory: quotes,
 * comments, version comments, `DELIMITER` lines, client commands. Where clients or servers differ, it says so instead
 * of choosing. What it tells does not depend on how the text is cut into chunks.
 *
 * Sources: `read_and_execute()`, `add_line()` and `find_command()` of the clients; tried with the clients of
 * MariaDB 10.11 and 11.8 and MySQL 9.7.
 */
export class SqlReader {
  readonly #tell: SqlListener;
  readonly #statement: StatementBuilder;
  #backslashEscapes = true;
  #ansiQuotes = false;
  #decode = decoderOf(OUR_CHARSET);
  #isReadable = true;

  /** What was carried over from earlier chunks, then the chunk at hand. */
  #buffer: Buffer = Buffer.alloc(0);
  /** The same memory, four bytes at a time. */
  #words = new Int32Array(0);
  #carried = 0;
  /** Offset of the first byte of the buffer at hand. */
  #base = 0;
  #line = 1;
  /** Nothing but white space yet on this line. */
  #lineBlank = true;
  /** Behind the last `@`. */
  #atSignEnd = -1;
  /** Of the last line that began outside quotes and comments. */
  #lineStart = 0;
  #delimiter = Buffer.from(';');

  #in: number = IN.text;
  #quote = 0;
  /** Where the string, name or comment began that the reader is inside of. */
  #openedAt = 0;
  #openedLine = 0;
  #captured = '';
  #commentIsLine = false;
  /** An optimizer hint: a comment to all servers and to MariaDB's client, text to MySQL's. */
  #commentIsHint = false;
  /** `--` without a space behind it: to the server it is no comment. */
  #commentIsClients = false;
  #previousByte = 0;
  #beforePrevious = 0;
  /** The last byte of an earlier chunk, while in quotes. */
  #lastInside = 0;

  /** Undefined outside version comments. `differs`: some servers skip it. */
  #note: { readonly id: number; readonly differs: boolean; readonly line: number } | undefined;
  #notes = 0;
  /** Where the last statement or DELIMITER ended. */
  #gapStart = 0;
  /** Since then comments or white space have come, which clients may take for the beginning of the next statement. */
  #gapIsOdd = false;
  /** Among rows, behind a name or word: what follows is told, whatever it is. */
  #isBehindName = false;
  /** The statement has text outside of version comments. */
  #hasBareText = false;

  constructor(listener: SqlListener) {
    this.#tell = listener;
    this.#statement = new StatementBuilder(listener);
  }

  /** 1-based line of what is being told. */
  get line(): number {
    return this.#line;
  }

  /** That which ends statements now. */
  get delimiter(): string {
    return this.#delimiter.toString('latin1');
  }

  /** What is being told stands within a statement, not between two. */
  get isInStatement(): boolean {
    return this.#statement.isOpen;
  }

  /** Bytes read so far, those still looked at included. */
  get bytes(): number {
    return this.#base + this.#carried;
  }

  /** For the statements to come. */
  setQuoting({ backslashEscapes, ansiQuotes }: Quoting): void {
    this.#backslashEscapes = backslashEscapes;
    this.#ansiQuotes = ansiQuotes;
  }

  /** In which names are written, for the statements to come. */
  setCharset(charset: string): void {
    if (charset === this.#statement.charset) return;
    this.#statement.charset = charset;
    this.#decode = decoderOf(charset);
    this.#isReadable = isReadable(charset);
  }

  push(chunk: Buffer): void {
    const length = this.#carried + chunk.length;
    if (this.#buffer.length < length) {
      const larger = Buffer.allocUnsafeSlow((length + LOOKAHEAD_BYTES + 3) & ~3);
      this.#buffer.copy(larger, 0, 0, this.#carried);
      this.#buffer = larger;
      this.#words = new Int32Array(larger.buffer, 0, larger.length >> 2);
    }
    chunk.copy(this.#buffer, this.#carried);
    const used = this.#scan(this.#buffer.subarray(0, length), length - LOOKAHEAD_BYTES, false);
    this.#buffer.copyWithin(0, used, length);
    this.#carried = length - used;
    this.#base += used;
  }

  finish(): void {
    this.#scan(this.#buffer.subarray(0, this.#carried), this.#carried, true);
    this.#base += this.#carried;
    this.#carried = 0;
    this.#tellWhatIsOpen();
  }

  #tellWhatIsOpen(): void {
    if (this.#in === IN.string || this.#in === IN.name) {
      this.#tell.malformed(this.#openedLine, 'a quote opened here is never closed');
    } else if (this.#in === IN.blockComment) {
      this.#tell.malformed(this.#openedLine, 'a comment opened here is never closed');
    } else if (this.#note !== undefined) {
      this.#tell.malformed(this.#note.line, 'a version comment opened here is never closed');
    } else if (this.#statement.isOpen) {
      const reason = 'the statement that starts here is truncated: it has no end';
      this.#tell.malformed(this.#statement.line, reason, this.#delimiter.equals(Buffer.from(';')));
    } else if (!this.#delimiter.equals(Buffer.from(';'))) {
      this.#tell.malformed(this.#line, 'the last DELIMITER is never set back to ;');
    }
    if (this.#statement.isOpen) this.#endStatement(this.#base);
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
          at = this.#readName(bytes, at, final);
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
      const isRows = this.#statement.shape === 'rows' && !this.#isBehindName;
      at = isRows ? this.#readRows(bytes, at, limit) : this.#readOne(bytes, at);
    }
    return at;
  }

  /**
   * Rows of an INSERT: most of any dump, so one flat loop over what rows are made of. Everything else is left to
   * `#readOne`.
   */
  #readRows(bytes: Buffer, from: number, limit: number): number {
    let at = from;
    while (at < limit) {
      switch (ROW_CLASS[bytes[at] ?? 0] ?? ROW.other) {
        case ROW.plain:
          at++;
          break;
        case ROW.digit:
          at = this.#readDecimal(bytes, at);
          if (this.#in !== IN.text) return at;
          break;
        case ROW.quote: {
          const quote = bytes[at] ?? 0;
          if (this.#note !== undefined || (quote === BYTE.doubleQuote && this.#ansiQuotes)) {
            at = this.#readOne(bytes, at);
            if (this.#in !== IN.text) return at;
            break;
          }
          const line = this.#line;
          const end = this.#endOfString(bytes, at + 1, quote);
          if (end < 0) {
            this.#enter(IN.string, at, quote);
            this.#openedLine = line;
            return ~end;
          }
          at = end;
          break;
        }
        case ROW.minus:
          if (bytes[at + 1] === BYTE.minus) at = this.#readOne(bytes, at);
          else at++;
          if (this.#in !== IN.text) return at;
          break;
        case ROW.newline:
          this.#line++;
          at++;
          break;
        case ROW.letterN:
          if (isNull(bytes, at) && !isWordByte(bytes[at + 4]) && bytes[at + 4] !== BYTE.point) {
            at += 4;
            break;
          }
          at = this.#readOne(bytes, at);
          if (this.#in !== IN.text || this.#statement.shape !== 'rows' || this.#isBehindName) return at;
          break;
        default:
          at = this.#readOne(bytes, at);
          if (this.#in !== IN.text || this.#statement.shape !== 'rows' || this.#isBehindName) return at;
      }
    }
    return at;
  }

  /** The index after the closing quote; where the chunk ends before it, the complement of where to go on. */
  #endOfString(bytes: Buffer, from: number, quote: number): number {
    const length = bytes.length;
    const escapes = this.#backslashEscapes;
    let at = from;
    while ((at = this.#skipPlain(at, length, quote)) < length) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === BYTE.newline) this.#newlineInside(bytes, at);
      else if (byte === BYTE.backslash && escapes) {
        if (at + 1 >= length) return ~at;
        const escaped = bytes[at + 1];
        if (escaped === BYTE.newline) this.#line++;
        if (escaped === BYTE.newline || escaped === 0)
          this.#tell.harmless(
            this.#base + at,
            this.#base + at + 1,
            NEEDLESS_ESCAPE,
            this.#statement.shape === 'code',
          );
        at++;
      }
      at++;
    }
    if (length > from) this.#lastInside = bytes[length - 1] ?? 0;
    return ~length;
  }

  /**
   * Passes over text in quotes, which is most of a dump, four bytes at a time.
   *
   * @returns the next byte that may be the quote, a backslash or a newline; it may lie behind the text.
   */
  #skipPlain(from: number, to: number, quote: number): number {
    if (!LITTLE_ENDIAN) return from;
    const words = this.#words;
    const last = (to + 3) >> 2;
    const quotes = Math.imul(quote, EACH_BYTE);
    let index = from >> 2;
    let found = 0;
    // Of the first four, those before `from` do not count.
    let counting = -1 << ((from & 3) << 3);
    for (; index < last; index++, counting = -1) {
      const word = words[index] ?? 0;
      found =
        (zeroBytes(word ^ quotes) | zeroBytes(word ^ BACKSLASHES) | zeroBytes(word ^ NEWLINES)) & counting;
      if (found !== 0) break;
    }
    return (index << 2) + (found === 0 ? 0 : (31 - Math.clz32(found & -found)) >> 3);
  }

  /** A newline in quotes or a comment, of a statement or between two. */
  #newlineInside(bytes: Buffer, at: number): void {
    this.#line++;
    const before = at === 0 ? this.#lastInside : bytes[at - 1];
    if (before === BYTE.semicolon) this.#statement.holdLineEnd();
  }

  /** One lexeme outside quotes and comments. At least `LOOKAHEAD_BYTES` follow, or the end of the text. */
  #readOne(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    switch (byte) {
      case BYTE.newline:
        return this.#readNewline(at);
      case BYTE.space:
      case BYTE.tab:
      case BYTE.carriageReturn:
        if (!this.#statement.isOpen) this.#gapIsOdd = true;
        return at + 1;
      case BYTE.backslash:
        return this.#readBackslash(bytes, at);
    }
    if (this.#isDelimiter(bytes, at)) {
      this.#endStatement(
        this.#base + at + this.#delimiter.length,
        this.#delimiter.length,
        byte === BYTE.semicolon && bytes[at + 1] === BYTE.newline,
      );
      this.#lineBlank = false;
      return at + this.#delimiter.length;
    }
    if (at === 0 && this.#base === 0 && bytes.indexOf('\ufeff') === 0) {
      this.#tell.harmless(0, 3, 'a byte order mark', false);
      return 3;
    }
    const mayBeMessage = isWordByte(byte) || (byte === BYTE.slash && bytes[at + 1] !== BYTE.star);
    if (mayBeMessage && this.#lineBlank && !this.#statement.isOpen && this.#note === undefined) {
      const program = objectOfMessage(bytes.toString('latin1', at, lineEnd(bytes, at)));
      if (program !== undefined) {
        this.#tell.message(this.#line, program);
        return this.#enter(IN.lineComment, at, byte);
      }
    }
    switch (byte) {
      case BYTE.hash:
        return this.#enter(IN.lineComment, at, byte);
      case BYTE.minus:
        if (bytes[at + 1] === BYTE.minus && this.#isDashComment(bytes, at)) {
          const next = this.#enter(IN.lineComment, at, byte);
          this.#commentIsClients = (bytes[at + 2] ?? 0) > BYTE.space;
          return next;
        }
        break;
      case BYTE.slash:
        if (bytes[at + 1] === BYTE.star) return this.#readCommentStart(bytes, at);
        break;
      case BYTE.star:
        if (this.#note !== undefined && bytes[at + 1] === BYTE.slash) {
          this.#note = undefined;
          // The clients take the slash for the start of the next comment too.
          if (bytes[at + 2] === BYTE.star) this.#tellNoteIsUnclear('a comment right after a version comment');
          return at + 2;
        }
        break;
      case BYTE.quote:
      case BYTE.doubleQuote:
      case BYTE.backtick: {
        const isName = byte === BYTE.backtick || (byte === BYTE.doubleQuote && this.#ansiQuotes);
        return this.#enter(isName ? IN.name : IN.string, at, byte);
      }
    }
    if (isWordByte(byte)) return isDigit(byte) ? this.#readNumber(bytes, at) : this.#readWord(bytes, at);
    if (byte < BYTE.space || byte === 0x7f) return this.#readControl(at, byte);
    return this.#readSign(bytes, at, byte);
  }

  #readNewline(at: number): number {
    // The older clients take `use shop` without a `;` as a line of their own.
    if (this.#note === undefined && this.#statement.isUseLine) {
      this.#endStatement(this.#base + at);
    }
    this.#line++;
    this.#lineBlank = true;
    this.#lineStart = this.#base + at + 1;
    return at + 1;
  }

  #readBackslash(bytes: Buffer, at: number): number {
    const next = bytes[at + 1];
    if (next === 0x4e) {
      this.#emit('word', 'null', at, at + 2); // `\N` is another NULL
      return at + 2;
    }
    const command = next === undefined ? '\\' : `\\${String.fromCharCode(next)}`;
    this.#tell.suspicious(
      this.#line,
      command,
      `${command.trim()} outside quotes is a client command, which may run programs or connect elsewhere`,
    );
    this.#lineBlank = false;
    return next === BYTE.newline ? at + 1 : at + 2;
  }

  /**
   * `--` starts a comment before white space and the end of the line; for the MariaDB client also, whatever follows,
   * at the start of a statement, where it is an error to the server. Before anything that one charset takes for a
   * space and another does not, it is told.
   */
  #isDashComment(bytes: Buffer, at: number): boolean {
    const next = bytes[at + 2];
    if (next === undefined || (next >= BYTE.tab && next <= BYTE.carriageReturn) || next === BYTE.space) {
      if (next !== 0x0b && next !== 0x0c) return true;
    } else if (next > BYTE.space && next < 0x7f) {
      return !this.#statement.isOpen;
    }
    this.#tell.suspicious(this.#line, '--', 'a comment that servers and clients see in different places');
    return true;
  }

  #readCommentStart(bytes: Buffer, at: number): number {
    const head = bytes.toString('latin1', at, at + 64);
    const sandbox = this.#statement.isOpen || this.#note !== undefined ? null : SANDBOX_LINE.exec(head);
    if (sandbox !== null) {
      const start = this.#base + at;
      this.#tell.harmless(
        start,
        start + sandbox[0].length,
        "the line that switches MariaDB's client to sandbox mode",
        false,
      );
      return at + sandbox[0].length;
    }
    const mark = readVersionMark(head);
    if (this.#note !== undefined) {
      if (mark !== undefined || this.#note.differs)
        this.#tellNoteIsUnclear('a comment inside a version comment');
      // MariaDB's client then closes the wrong one.
      else if (this.#note.line === this.#line)
        this.#tell.confusesClient('a comment inside a version comment');
    }
    if (mark === undefined) {
      const after = this.#enter(IN.blockComment, at);
      this.#commentIsHint = bytes[at + 2] === BYTE.plus;
      return after + 1;
    }
    if (!this.#statement.isOpen) this.#startStatement(at);
    this.#note = { id: ++this.#notes, differs: mark.differs, line: this.#line };
    this.#previousByte = 0;
    return at + mark.length;
  }

  #tellNoteIsUnclear(what: string): void {
    this.#tell.suspicious(this.#line, '/*!', `${what}: MySQL and MariaDB read it in different ways`);
  }

  #readControl(at: number, byte: number): number {
    if (byte === 0) this.#tell.malformed(this.#line, 'a NUL byte outside quotes: this is not text');
    this.#tell.suspicious(
      this.#line,
      `\\x${byte.toString(16).padStart(2, '0')}`,
      'a control character outside quotes, which clients and servers read in different ways',
    );
    return at + 1;
  }

  #readSign(bytes: Buffer, at: number, byte: number): number {
    const sign = String.fromCharCode(byte);
    const isInNumber = this.#statement.shape === 'rows' && !this.#isBehindName && isDigit(bytes[at + 1]);
    if (sign === '.' && isInNumber) return at + 1;
    if (sign === '@') this.#atSignEnd = this.#base + at + 1;
    this.#emit('sign', sign, at, at + 1);
    return at + 1;
  }

  /** Digits and a point, as nearly all numbers are, or hexadecimal digits; others go the longer way. */
  #readDecimal(bytes: Buffer, from: number): number {
    let at = from + 1;
    if (bytes[from] === 0x30 && bytes[at] === BYTE.smallX) {
      do at++;
      while (at - from < LONGEST_WORD && isHexDigit(bytes[at] ?? 0));
    } else {
      while (at - from < LONGEST_WORD) {
        const byte = bytes[at] ?? 0;
        if ((byte < 0x30 || byte > 0x39) && byte !== BYTE.point) break;
        at++;
      }
    }
    const isOdd = isWordByte(bytes[at]) || at - from >= LONGEST_WORD || bytes[at - 1] === BYTE.smallX;
    return isOdd ? this.#readNumber(bytes, from) : at;
  }

  #readNumber(bytes: Buffer, from: number): number {
    let at = from;
    while (at - from < LONGEST_WORD && (isWordByte(bytes[at]) || bytes[at] === BYTE.point)) {
      if (this.#isDelimiter(bytes, at)) break;
      at++;
    }
    if (at - from >= LONGEST_WORD) this.#in = IN.longWord;
    const written = bytes.toString('latin1', from, at);
    const text = written.toLowerCase();
    // To servers `0x`, `0X1` and `1e` are names: the digits of an exponent may stand behind its sign.
    const hasSign = (bytes[at] === BYTE.plus || bytes[at] === BYTE.minus) && isDigit(bytes[at + 1]);
    const isNumber =
      /^(?:0x[0-9a-fA-F]+|0b[01]+|[0-9.]+(?:[eE][0-9]+)?)$/.test(written) ||
      (hasSign && /^[0-9.]+e$/.test(text));
    if (!isNumber) this.#lookForSpaces(this.#decode(written));
    if (this.#statement.shape !== 'rows' || !isNumber)
      this.#emit(isNumber ? 'number' : 'word', text, from, at, false, written);
    return at;
  }

  #readWord(bytes: Buffer, from: number): number {
    let at = from;
    while (at - from < LONGEST_WORD && isWordByte(bytes[at]) && !this.#isDelimiter(bytes, at)) at++;
    const isLong = at - from >= LONGEST_WORD;
    const written = this.#decode(bytes.toString('latin1', from, at));
    const text = written.toLowerCase();
    if (!this.#statement.isOpen && this.#lineBlank && this.#note === undefined) {
      if (text === 'delimiter') return this.#readDelimiterLine(bytes, from);
      if (CLIENT_COMMANDS.has(text)) {
        const reason = `a line that starts with "${text}" is a client command, not SQL`;
        this.#tell.suspicious(this.#line, `${text} …`, reason);
        return this.#enter(IN.lineComment, from, bytes[from]);
      }
    }
    if (this.#lineBlank && text.startsWith('delimiter')) this.#readDelimiterInside(from, text);
    if (isLong) this.#in = IN.longWord;
    const hasDollars = text.includes('$') && (isLong || text.indexOf('$') !== text.lastIndexOf('$'));
    if (hasDollars && !isLong && (!text.startsWith('$') || this.#base + from === this.#atSignEnd)) {
      this.#tell.confusesClient('a name with dollar signs'); // to servers it is a name: a$$b, @$$
    } else if (hasDollars) {
      this.#tell.suspicious(
        this.#line,
        '$$',
        'text between dollar signs: MySQL reads it as quoted, MariaDB does not',
      );
    }
    this.#lookForSpaces(text);
    const isRoutine =
      this.#statement.shape === 'rows' && NOT_BEFORE_SPACE.has(text) && bytes[at] !== BYTE.openParenthesis;
    this.#emit('word', isRoutine ? `${text} …` : text, from, at, false, written);
    if (this.#isBehindName && isStringNext(bytes, at)) this.#isBehindName = false; // _binary '…'
    return at;
  }

  /**
   * Looks for what may be a space in an unquoted word: in code for such a character itself, elsewhere for any but
   * ASCII.
   */
  #lookForSpaces(word: string): void {
    const odd = this.#statement.shape === 'code' ? /[\xa0\ufffd]/ : /[^\0-\x7f]/;
    if (odd.test(word)) this.#tellSpace();
  }

  #tellSpace(): void {
    const reason =
      'a character outside ASCII and outside quotes, which may be a space in one charset and not in another';
    this.#tell.suspicious(this.#line, '…', reason);
  }

  /** What follows the first 64 bytes of a word: most often a binary value in hexadecimal digits. */
  #skipWord(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && isHexDigit(bytes[at] ?? 0)) at++;
    if (at >= bytes.length) return at;
    if (isWordByte(bytes[at]) && bytes[at] !== BYTE.dollar) {
      if ((bytes[at] ?? 0) >= 0x80) this.#tellSpace();
      if (this.#statement.shape === 'rows') this.#emit('word', '…', at, at);
      return at + 1;
    }
    this.#in = IN.text;
    return at;
  }

  #readDelimiterLine(bytes: Buffer, from: number): number {
    const delimiter = delimiterIn(bytes.toString('latin1', from, lineEnd(bytes, from)));
    if (delimiter === undefined) {
      this.#tell.suspicious(this.#line, 'DELIMITER …', 'a DELIMITER that clients may read in different ways');
    } else {
      this.#delimiter = Buffer.from(delimiter);
    }
    // Told to keep comments, MariaDB's client takes no line for a DELIMITER that has one before it, or a line of
    // blanks.
    if (this.#gapIsOdd)
      this.#tell.harmless(this.#gapStart, this.#base + from, 'comments in front of a DELIMITER', false);
    this.#beginGap(this.#base + lineEnd(bytes, from));
    return this.#enter(IN.lineComment, from, bytes[from]);
  }

  /**
   * Inside a statement it is a word like any other, to the clients, too: a column may be called so. But they join
   * such a line to the next one, unless it begins with a space; and when all before it are comments, version comments
   * too, MySQL's heeds it and MariaDB's does not.
   */
  #readDelimiterInside(from: number, text: string): void {
    if (this.#note === undefined && !this.#hasBareText) {
      if (text === 'delimiter')
        this.#tell.suspicious(this.#line, 'DELIMITER …', 'a DELIMITER inside a statement');
      return;
    }
    const at = this.#base + from;
    if (at === this.#lineStart)
      this.#tell.harmless(
        at,
        at,
        'a line that starts with "delimiter"',
        this.#statement.shape === 'code',
        ' ',
      );
  }

  #isDelimiter(bytes: Buffer, at: number): boolean {
    const delimiter = this.#delimiter;
    if (bytes[at] !== delimiter[0]) return false;
    for (let index = 1; index < delimiter.length; index++) {
      if (bytes[at + index] !== delimiter[index]) return false;
    }
    return true;
  }

  /** Gives the index after the opening byte. */
  #enter(inside: number, at: number, quote = 0): number {
    this.#in = inside;
    this.#quote = quote;
    this.#openedAt = this.#base + at;
    this.#openedLine = this.#line;
    this.#captured = '';
    this.#previousByte = 0;
    this.#lastInside = 0;
    this.#commentIsClients = false;
    this.#commentIsHint = false;
    this.#commentIsLine = inside === IN.lineComment && this.#lineBlank && !this.#statement.isOpen;
    if (!this.#statement.isOpen && (inside === IN.string || inside === IN.name)) this.#startStatement(at);
    this.#lineBlank = false;
    return at + 1;
  }

  #readString(bytes: Buffer, from: number, final: boolean): number {
    const found = this.#endOfString(bytes, from, this.#quote);
    const end = found < 0 ? ~found : found;
    this.#capture(bytes, from, found < 0 ? end : end - 1, LONGEST_CAPTURE);
    if (this.#note?.differs === true) this.#lookForNoteEnd(bytes, from, end);
    if (found < 0) return final && end < bytes.length ? bytes.length : end;
    this.#in = IN.text;
    this.#emit('string', this.#captured, this.#openedAt - this.#base, end, true);
    return end;
  }

  /** A server that skips a version comment does not look at quotes: for it the comment ends here. */
  #lookForNoteEnd(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === BYTE.slash && this.#previousByte === BYTE.star) {
        this.#tellNoteIsUnclear('the end of a version comment inside quotes');
      }
      this.#previousByte = byte;
    }
  }

  #readName(bytes: Buffer, from: number, final: boolean): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte === this.#quote) {
        // Doubled, it stands for itself.
        if (at + 1 >= bytes.length && !final) break;
        if (bytes[at + 1] !== this.#quote) return this.#endName(bytes, from, at);
        this.#capture(bytes, from, at + 1, LONGEST_CAPTURE);
        if (this.#note?.differs === true) this.#lookForNoteEnd(bytes, from, at + 2);
        return at + 2;
      }
      if (byte === BYTE.newline) this.#newlineInside(bytes, at);
      else if (byte === BYTE.backslash && this.#quote === BYTE.doubleQuote) {
        const reason =
          'a backslash in a name between double quotes, which clients and servers read in different ways';
        this.#tell.suspicious(this.#line, '"…\\', reason);
      }
      at++;
    }
    this.#capture(bytes, from, at, LONGEST_CAPTURE);
    if (this.#note?.differs === true) this.#lookForNoteEnd(bytes, from, at);
    if (at > from) this.#lastInside = bytes[at - 1] ?? 0;
    return at;
  }

  /** @param at Of the closing quote. */
  #endName(bytes: Buffer, from: number, at: number): number {
    this.#capture(bytes, from, at, LONGEST_CAPTURE);
    if (this.#note?.differs === true) this.#lookForNoteEnd(bytes, from, at);
    this.#in = IN.text;
    this.#emit('name', this.#captured, this.#openedAt - this.#base, at + 1, true);
    return at + 1;
  }

  #readBlockComment(bytes: Buffer, from: number, final: boolean): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at] ?? 0;
      if (byte === BYTE.newline) {
        this.#line++;
        if (this.#previousByte === BYTE.semicolon) this.#statement.holdLineEnd();
      } else if (byte === BYTE.star) {
        if (at + 1 >= bytes.length) return final ? bytes.length : at;
        if (bytes[at + 1] === BYTE.slash) {
          if (this.#previousByte === BYTE.slash) this.#tell.confusesClient('a comment inside a comment');
          this.#in = IN.text;
          this.#gapIsOdd = true;
          return at + 2;
        }
      } else if (this.#previousByte === BYTE.star && this.#beforePrevious === BYTE.slash && hidesEnd(byte)) {
        this.#tell.confusesClient('a comment inside a comment');
      } else if (this.#commentIsHint && (byte === this.#delimiter[0] || isNoHint(byte))) {
        this.#tell.confusesClient('an optimizer hint with quotes or delimiters in it');
      }
      this.#beforePrevious = this.#previousByte;
      this.#previousByte = byte;
      at++;
    }
    return at;
  }

  #readLineComment(bytes: Buffer, from: number, final: boolean): number {
    const newline = bytes.indexOf(BYTE.newline, from);
    const mayEndStatement = this.#statement.shape === 'code' && this.#delimiter.length > 1;
    if (mayEndStatement && newline >= 0 && this.#endInComment(bytes, from, newline)) return newline;
    // What may be a delimiter at the end of the comment is looked at together with what follows.
    const waits = mayEndStatement && !final && (newline < 0 || bytes.length - newline < LOOKAHEAD_BYTES);
    const whole = newline < 0 ? bytes.length : newline;
    const end = waits ? Math.max(from, whole - COMMENT_TAIL_BYTES) : whole;
    this.#capture(bytes, from, end, LONGEST_COMMENT);
    if (this.#note?.differs === true) this.#lookForNoteEnd(bytes, from, end);
    if (end > from) this.#previousByte = bytes[end - 1] ?? 0;
    if (waits || (newline < 0 && !final)) return end;
    if (this.#previousByte === BYTE.semicolon) this.#statement.holdLineEnd();
    this.#in = IN.text;
    if (this.#commentIsClients)
      this.#tell.harmless(this.#openedAt, this.#base + end, 'a comment to some clients only', false);
    if (this.#commentIsLine)
      this.#tell.commentLine(String.fromCharCode(this.#quote) + this.#decode(this.#captured));
    if (newline < 0) this.#commentIsLine = false;
    return end;
  }

  /**
   * Behind a body that ends in a line comment mysqldump writes its delimiter into the comment, and no client finds
   * it. What follows tells for certain: outside its blocks the text of a body has no `;`.
   */
  #endInComment(bytes: Buffer, from: number, newline: number): boolean {
    const isNote = this.#note !== undefined;
    if (this.#note?.differs === true || !this.#tell.codeMayEnd()) return false;
    const tail = bytes.toString('latin1', Math.max(from, newline - COMMENT_TAIL_BYTES), newline);
    const delimiter = (isNote ? HIDDEN_NOTE_END : HIDDEN_END).exec(tail)?.[0];
    const next = bytes.toString('latin1', newline + 1, newline + LOOKAHEAD_BYTES);
    if (delimiter === undefined || !this.#isDelimiter(bytes, newline - 2) || !BEHIND_HIDDEN_END.test(next))
      return false;
    const at = newline - delimiter.length;
    const textEnd = isNote ? at + ' */'.length : at;
    this.#note = undefined;
    this.#in = IN.text;
    this.#tell.confusesClient('a routine, trigger or event that ends in a comment');
    this.#statement.close(
      this.#base + newline,
      newline - textEnd,
      false,
      isNote ? this.#base + at : undefined,
    );
    this.#beginGap(this.#base + newline);
    return true;
  }

  #capture(bytes: Buffer, from: number, to: number, most: number): void {
    const room = most - this.#captured.length;
    if (room > 0 && this.#statement.shape !== 'rows')
      this.#captured += bytes.toString('latin1', from, Math.min(to, from + room));
  }

  #emit(
    kind: SqlToken['kind'],
    text: string,
    from: number,
    to: number,
    captured = false,
    written?: string,
  ): void {
    if (!this.#statement.isOpen) this.#startStatement(from);
    this.#lineBlank = false;
    this.#isBehindName = (kind === 'name' || kind === 'word') && this.#statement.shape === 'rows';
    if (this.#note === undefined) this.#hasBareText = true;
    if (captured && kind === 'name' && !this.#isReadable && /[^\0-\x7f]/.test(text)) {
      const reason = `a name in the charset ${this.#statement.charset}, which is not read here`;
      this.#tell.suspicious(this.#line, 'a name outside ASCII', reason);
    }
    const read = captured ? this.#decode(text) : text;
    const token: SqlToken = {
      kind,
      text: read,
      written: written ?? read,
      start: this.#base + from,
      end: this.#base + to,
      line: captured ? this.#openedLine : this.#line,
      note: this.#note?.differs === true ? this.#note.id : 0,
    };
    this.#statement.add(token, captured ? this.#quote : 0);
  }

  #startStatement(at: number): void {
    this.#hasBareText = false;
    this.#statement.open(this.#base + at, this.#line, this.#lineBlank);
  }

  #endStatement(end: number, delimiterBytes = 0, endsLine = false): void {
    if (this.#note !== undefined) {
      this.#tellNoteIsUnclear('a statement that ends inside a version comment');
      this.#note = undefined;
    }
    this.#statement.close(end, delimiterBytes, endsLine);
    this.#beginGap(end);
  }

  #beginGap(at: number): void {
    this.#gapStart = at;
    this.#gapIsOdd = false;
  }
}

/** What the text of an optimizer hint must not hold for MySQL's client, which reads it like other text. */
function isNoHint(byte: number): boolean {
  return (
    byte === BYTE.quote ||
    byte === BYTE.doubleQuote ||
    byte === BYTE.backtick ||
    byte === BYTE.backslash ||
    byte === BYTE.hash ||
    byte === BYTE.minus
  );
}

/** What behind a `/*` inside a comment makes the clients miss where the comment ends, and servers not. */
function hidesEnd(byte: number): boolean {
  return byte === BYTE.exclamation || byte === BYTE.capitalM || byte === BYTE.plus;
}

/** The highest bit of each byte that is 0 in a word, and perhaps of some bytes above the lowest such one. */
function zeroBytes(word: number): number {
  return (word - EACH_BYTE) & ~word & -0x7f7f7f80;
}

function isNull(bytes: Buffer, at: number): boolean {
  return (
    ((bytes[at + 1] ?? 0) | 0x20) === 0x75 &&
    ((bytes[at + 2] ?? 0) | 0x20) === 0x6c &&
    ((bytes[at + 3] ?? 0) | 0x20) === 0x6c
  );
}

function isStringNext(bytes: Buffer, at: number): boolean {
  const next = bytes[at] === BYTE.space ? bytes[at + 1] : bytes[at];
  return next === BYTE.quote || next === BYTE.doubleQuote;
}

function lineEnd(bytes: Buffer, from: number): number {
  const newline = bytes.subarray(from, from + LOOKAHEAD_BYTES).indexOf(BYTE.newline);
  return newline < 0 ? Math.min(bytes.length, from + LOOKAHEAD_BYTES) : from + newline;
}
