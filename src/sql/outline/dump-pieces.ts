/** What a piece of a dump of mysqldump or mariadb-dump is. */
export type PieceKind =
  /** The first comments, and the settings that all of the dump relies on. */
  | 'head'
  /** CREATE DATABASE and USE. */
  | 'database'
  /** What concerns the server's binary log: GTIDs, positions. */
  | 'log'
  /** Definition of a table or sequence. */
  | 'table'
  | 'rows'
  /** And what else stands behind the rows of a table. */
  | 'triggers'
  /** Stands in for a view, until all tables are there. */
  | 'stand-in'
  | 'view'
  | 'events'
  | 'routines'
  /** Gives the settings back; the end line. */
  | 'foot'
  /** Behind text that was left out: no heading has said yet what it is. */
  | 'unknown';

export interface Piece {
  readonly kind: PieceKind;
  /** Of the table, view or database; undefined where the heading names none. */
  readonly name?: string | undefined;
}

/** Consecutive bytes of one piece. */
export interface PieceBytes {
  readonly piece: Piece;
  readonly bytes: Buffer;
}

/** What a piece can begin with, and the newline before it; and the lines around the bodies of stored objects. */
const HEADING_MARK = '\n--\n-- ';
const MARKS: readonly Buffer[] = [HEADING_MARK, '\nDELIMITER ', '\n/*!', '\nALTER DATABASE `', '\nSET @'].map(
  (mark) => Buffer.from(mark),
);
/** In front of a heading, behind the newline that ends the line before. */
const HEADING_LINE = Buffer.from('\n--\n');
const LONGEST_MARK = Math.max(...MARKS.map((mark) => mark.length));

/** No line that begins a piece is longer: an identifier has at most 64 characters. */
const LONGEST_LINE_BYTES = 1024;

const NEWLINE = 0x0a;

/**
 * Divides the text of a dump into its pieces, whatever chunks it comes in, by the headings and settings that the dump
 * tools write. As `DumpOutline`, it relies on the tools writing a newline in data as `\n`.
 */
export class DumpPieces {
  #piece: Piece = { kind: 'head' };
  #insideBody = false;
  /** Could be part of what begins a piece. */
  #rest: Buffer = Buffer.alloc(0);

  /** Gives what is certain by now; valid until the next call, if `chunk` is. */
  *push(chunk: Buffer): Generator<PieceBytes> {
    const text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.from(yield* this.#read(text, false));
  }

  /** Gives what is left. */
  *finish(): Generator<PieceBytes> {
    const text = this.#rest;
    this.#rest = Buffer.alloc(0);
    yield* this.#read(text, true);
  }

  /**
   * Gives what is left; what is pushed next does not follow it in the dump, and begins a line. The line with which the
   * heading begins that would follow is left out.
   */
  *jump(): Generator<PieceBytes> {
    if (this.#rest.subarray(-HEADING_LINE.length).equals(HEADING_LINE))
      this.#rest = this.#rest.subarray(0, 1 - HEADING_LINE.length);
    yield* this.finish();
    this.#piece = { kind: 'unknown' };
    this.#insideBody = false;
    this.#rest = Buffer.from('\n');
  }

  /** @returns what is not certain yet. */
  *#read(text: Buffer, isEnd: boolean): Generator<PieceBytes, Buffer> {
    const marks = new NextMarks(text);
    let at = 0;
    for (let mark = marks.from(0); mark !== undefined; mark = marks.from(mark + 1)) {
      const line = lineAt(text, mark + 1, isEnd);
      if (line === undefined) return yield* this.#give(text, at, mark);
      const next = this.#pieceAt(line);
      if (next === undefined) continue;
      yield* this.#give(text, at, mark + 1);
      at = mark + 1;
      this.#piece = next;
    }
    return yield* this.#give(text, at, isEnd ? text.length : Math.max(at, text.length - LONGEST_MARK));
  }

  *#give(text: Buffer, from: number, to: number): Generator<PieceBytes, Buffer> {
    if (to > from) yield { piece: this.#piece, bytes: text.subarray(from, to) };
    return text.subarray(Math.max(from, to));
  }

  /** The piece that begins with a line; undefined: none does. */
  #pieceAt(line: string): Piece | undefined {
    if (line.startsWith('DELIMITER ')) {
      this.#insideBody = line.trimEnd() !== 'DELIMITER ;';
      return undefined;
    }
    if (this.#insideBody) return undefined;
    if (line.startsWith('-- ')) return headedBy(line);
    const { kind, name } = this.#piece;
    if (FOOT.test(line)) return { kind: 'foot' };
    if (LOG.test(line)) return { kind: 'log' };
    const isOfTable = kind === 'table' || kind === 'rows';
    return isOfTable && TRIGGERS.test(line) ? { kind: 'triggers', name } : undefined;
  }
}

/** Finds the marks of a text in turn, each kind of them once. */
class NextMarks {
  readonly #text: Buffer;
  readonly #next: number[] = MARKS.map(() => -1);

  constructor(text: Buffer) {
    this.#text = text;
  }

  /** Where the first one from there on is. */
  from(start: number): number | undefined {
    let nearest = Infinity;
    for (const [index, mark] of MARKS.entries()) {
      let at = this.#next[index] ?? Infinity;
      if (at < start) {
        const found = this.#text.indexOf(mark, start);
        this.#next[index] = at = found < 0 ? Infinity : found;
      }
      nearest = Math.min(nearest, at);
    }
    return nearest === Infinity ? undefined : nearest;
  }
}

/**
 * The line that begins there; of a heading the one that says what it is, with all of the name, which may hold
 * newlines.
 *
 * @returns undefined: its end is not there yet.
 */
function lineAt(text: Buffer, start: number, isEnd: boolean): string | undefined {
  let from = text.indexOf('--\n-- ', start) === start ? start + '--\n'.length : start;
  let line = '';
  for (;;) {
    const newline = text.indexOf(NEWLINE, from);
    const isLong = text.length - start > LONGEST_LINE_BYTES;
    if (newline < 0 && !isEnd && !isLong) return undefined;
    const end = Math.min(newline < 0 ? text.length : newline, start + LONGEST_LINE_BYTES);
    line += text.toString('utf8', from, end);
    if (newline < 0 || (isLong && end - start >= LONGEST_LINE_BYTES) || !UNENDED_NAME.test(line)) return line;
    // The tools begin each further line of a comment with `-- ` again.
    from = newline + 1 + '-- '.length;
    line += '\n';
  }
}

/** A heading up to a newline in its name: the quote that ends the name has not come. */
const UNENDED_NAME = /^-- [A-Z][a-z ]+ `(?:[^`]|``)*$/;

const HEADING =
  /^-- (Table structure for table|Sequence structure for|Dumping data for table|Temporary (?:table|view) structure for view|Final view structure for view|Dumping events for database|Dumping routines for database|Current Database:|GTID state at the (?:beginning|end) of the backup|Position to start replication)(?: [`'](.*)[`'])?/s;

const KINDS: readonly (readonly [beginning: string, kind: PieceKind])[] = [
  ['Table', 'table'],
  ['Sequence', 'table'],
  ['Dumping data', 'rows'],
  ['Temporary', 'stand-in'],
  ['Final', 'view'],
  ['Dumping events', 'events'],
  ['Dumping routines', 'routines'],
  ['Current', 'database'],
  ['GTID', 'log'],
  ['Position', 'log'],
];

const FOOT = /^\/\*!\d{5,6} SET (?:TIME_ZONE=@OLD_TIME_ZONE|SQL_MODE=@OLD_SQL_MODE) \*\/;/;
const LOG = /^SET (?:@MYSQLDUMP_TEMP_LOG_BIN = |@@SESSION\.SQL_LOG_BIN ?= )/;
const TRIGGERS = /^(?:\/\*!50003 SET @saved_|ALTER DATABASE `)/;

function headedBy(line: string): Piece | undefined {
  const [heading, what = '', name] = HEADING.exec(line) ?? [];
  if (heading === undefined) return undefined;
  const [, kind] = KINDS.find(([beginning]) => what.startsWith(beginning)) ?? [];
  return kind && { kind, name: name?.replaceAll('``', '`') };
}
