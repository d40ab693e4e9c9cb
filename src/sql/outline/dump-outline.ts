/** A table's part of the dump, as the tool's own headings delimit it. */
export interface Section {
  readonly table: string;
  /** Offset of its heading in the uncompressed text. */
  readonly start: number;
  uncompressedBytes: number;
  /** Of a large one: where its rows can be cut. */
  readonly cuts: RowsCut[];
}

/** The beginning of an INSERT in the middle of many rows; the last one of a section: of what follows the rows. */
export interface RowsCut {
  /** Offset in the uncompressed text. */
  readonly start: number;
  /** 1-based. */
  readonly line: number;
  /** INSERTs of the section that stand before it. */
  readonly statements: number;
  readonly endsRows: boolean;
}

/** Where a new block has to begin, so that what follows can be read without what precedes it. */
export type Place = Section | RowsCut;

export interface CutRows {
  /** A section is cut first at the first INSERT behind so much of it. */
  readonly firstBytes: number;
  /** Then after so much more, or a thirty-second of what is already there: in few pieces, of which none is large. */
  readonly leastBytes: number;
}

const NO_CUTS: CutRows = { firstBytes: Number.POSITIVE_INFINITY, leastBytes: Number.POSITIVE_INFINITY };
const LARGEST_SHARE = 32;

const NEWLINE = 0x0a;
const OPEN = 0x28;
const DASH = 0x2d;
const SEMICOLON = 0x3b;
const CAPITAL_D = 0x44;
const CAPITAL_I = 0x49;

/** No heading is longer: an identifier has at most 64 characters. */
const LONGEST_HEADING_BYTES = 1024;

/**
 * Follows the dump tool's output while it streams by: where each table's section starts, which views it defines at its
 * end, what the tool complains of in comments, and whether the end line came last.
 *
 * It looks at the beginning of lines only. That is enough, because the tools write a newline in data as `\n`: a
 * line that begins with `-- ` is a heading of the tool, or stands in a trigger or routine between `DELIMITER` lines.
 */
export class DumpOutline {
  readonly sections: Section[] = [];
  /** The tool's comments that say something was left out: `-- insufficient privileges to SHOW CREATE …`. */
  readonly complaints: string[] = [];
  /** Those that have more than what stands in for them while tables are made. */
  readonly views = new Set<string>();
  /** How much text has been pushed. */
  bytes = 0;
  /** Text before this offset can no longer become the start of a section. */
  settledBytes = 0;

  readonly #cutRows: CutRows;
  #section: Section | undefined;
  #tables = new Set<string>();
  #insideBody = false;
  #sawEndLine = false;
  /** A heading whose name holds a newline: the tool begins the rest of it with `-- ` again. */
  #unended: { readonly text: string; readonly start: number } | undefined;
  #lastByte = NEWLINE;
  /** The byte before it. */
  #byteBefore = NEWLINE;
  #lines = 1;
  /** INSERTs of the section so far. */
  #statements = 0;
  #places: Place[] = [];
  /** An unended line that may be a heading; undefined in the middle of any other line. */
  #heading: Buffer | undefined = Buffer.alloc(0);

  /** @param cutRows undefined: no rows are cut. */
  constructor(cutRows: CutRows = NO_CUTS) {
    this.#cutRows = cutRows;
  }

  /** Takes the next bytes, and gives the places that start at or after `settledBytes` of the call before. */
  push(chunk: Buffer): readonly Place[] {
    this.#places = [];
    const base = this.bytes;
    let at = 0;
    let previousEnd = this.#byteBefore;
    if (this.#lastByte !== NEWLINE) {
      const end = chunk.indexOf(NEWLINE);
      if (this.#heading !== undefined) {
        const begun = this.#heading;
        const heading = Buffer.concat([begun, chunk.subarray(0, end < 0 ? chunk.length : end)]);
        this.#heading = heading.length < LONGEST_HEADING_BYTES ? heading : undefined;
        if (this.#heading === undefined) this.#otherLine();
        else if (end >= 0) this.#line(heading.toString('utf8'), base - begun.length);
      }
      at = end < 0 ? chunk.length : end + 1;
      if (end >= 0) this.#lines++;
      previousEnd = (end > 0 ? chunk[end - 1] : this.#lastByte) ?? 0;
    }
    while (at < chunk.length) {
      this.#cut(chunk[at] ?? 0, base + at, previousEnd === SEMICOLON);
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline;
      const heading =
        (chunk[at] === DASH || chunk[at] === CAPITAL_D) && end - at < LONGEST_HEADING_BYTES
          ? chunk.subarray(at, end)
          : undefined;
      if (end === at) this.#unended = undefined;
      else if (heading === undefined) this.#otherLine();
      if (newline < 0) {
        this.#heading = heading && Buffer.from(heading);
        break;
      }
      if (heading !== undefined) this.#line(heading.toString('utf8'), base + at);
      this.#lines++;
      previousEnd = (end > 0 ? chunk[end - 1] : this.#lastByte) ?? 0;
      at = end + 1;
    }
    this.#byteBefore = (chunk.length > 1 ? chunk.at(-2) : this.#lastByte) ?? 0;
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    this.bytes = base + chunk.length;
    const open = this.#lastByte === NEWLINE ? 0 : (this.#heading?.length ?? 0);
    this.settledBytes = this.#unended?.start ?? this.bytes - open;
    return this.#places;
  }

  /**
   * At the beginning of a line. It looks at one byte of it, and what it takes for an INSERT may be none: that the rows
   * can be read in these pieces is for their reader to say.
   *
   * @param isBehindStatement The line before ends with `;`.
   */
  #cut(byte: number, start: number, isBehindStatement: boolean): void {
    const section = this.#section;
    if (section === undefined || this.#insideBody || !isBehindStatement) return;
    const last = section.cuts.at(-1);
    if (last?.endsRows === true) return;
    const isInsert = byte === CAPITAL_I;
    if (isInsert ? start < this.#nextCut(section) : last === undefined || byte === OPEN || byte === DASH) {
      if (isInsert) this.#statements++;
      return;
    }
    const cut = { start, line: this.#lines, statements: this.#statements, endsRows: !isInsert };
    if (isInsert) this.#statements++;
    section.cuts.push(cut);
    this.#places.push(cut);
  }

  #nextCut({ start, cuts }: Section): number {
    const last = cuts.at(-1);
    if (last === undefined) return start + this.#cutRows.firstBytes;
    return last.start + Math.max(this.#cutRows.leastBytes, (last.start - start) / LARGEST_SHARE);
  }

  /** Call after the last byte. @returns whether the last line that is not empty is the tool's end line. */
  finish(): boolean {
    if (this.#lastByte !== NEWLINE && this.#heading !== undefined) {
      this.#line(this.#heading.toString('utf8'), this.bytes - this.#heading.length);
    }
    if (this.#section !== undefined) this.#section.uncompressedBytes = this.bytes - this.#section.start;
    this.#section = undefined;
    return this.#sawEndLine;
  }

  #otherLine(): void {
    this.#sawEndLine = false;
    this.#unended = undefined;
  }

  #line(line: string, start: number): void {
    const begun = this.#unended;
    this.#sawEndLine = begun === undefined && isEndLine(line);
    this.#unended = undefined;
    if (line.startsWith('DELIMITER ')) {
      this.#insideBody = line.trimEnd() !== 'DELIMITER ;';
      return;
    }
    if (this.#insideBody || !line.startsWith('-- ')) return;
    const text = begun === undefined ? line : `${begun.text}\n${line.slice('-- '.length)}`;
    const from = begun?.start ?? start;
    if (UNENDED_HEADING.test(text) && text.length < LONGEST_HEADING_BYTES) {
      this.#unended = { text, start: from };
      return;
    }
    const heading = HEADING.exec(text);
    if (heading !== null) {
      const [, kind = '', name = ''] = heading;
      this.#startSection(/^(Table|Sequence)/.test(kind) ? unquote(name) : undefined, from);
      if (kind.startsWith('Final view')) this.views.add(unquote(name));
    } else if (COMPLAINT.test(line)) this.complaints.push(line.slice(3));
  }

  #startSection(table: string | undefined, start: number): void {
    if (table !== undefined && this.#tables.has(table)) return;
    if (this.#section !== undefined) this.#section.uncompressedBytes = start - this.#section.start;
    this.#section = undefined;
    if (table === undefined) return;
    this.#tables.add(table);
    this.#section = { table, start, uncompressedBytes: 0, cuts: [] };
    this.#statements = 0;
    this.sections.push(this.#section);
    this.#places.push(this.#section);
  }
}

/** The line with which both dump tools end a dump, with or without its date. */
export function isEndLine(line: string): boolean {
  return /^-- Dump completed( on .*)?\r?$/.test(line);
}

/** Headings of mysqldump 5.7–9.7 and mariadb-dump 10–11; `Dumping data for table` stays in its table's section. */
const HEADING =
  /^-- (Table structure for table|Sequence structure for|Temporary (?:table|view) structure for view|Final view structure for view|Dumping (?:events|routines) for database) [`'](.*)[`']\s*$/s;
/** Such a heading up to a newline in its name: the quote that ends the name has not come. */
const UNENDED_HEADING =
  /^-- (?:Table structure for table|Sequence structure for|Temporary (?:table|view) structure for view|Final view structure for view) `(?:[^`]|``)*$/;
const COMPLAINT = /^-- (insufficient privileges|does .* have permissions|Warning: |failed on view|Error: )/i;

function unquote(name: string): string {
  return name.replaceAll('``', '`');
}
