/** A table's part of the dump, as the tool's own headings delimit it. */
export interface Section {
  readonly table: string;
  /** Offset of its heading in the uncompressed text. */
  readonly start: number;
  uncompressedBytes: number;
}

const NEWLINE = 0x0a;
const DASH = 0x2d;
const CAPITAL_D = 0x44;

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

  #section: Section | undefined;
  #tables = new Set<string>();
  #insideBody = false;
  #sawEndLine = false;
  /** A heading whose name holds a newline: the tool begins the rest of it with `-- ` again. */
  #unended: { readonly text: string; readonly start: number } | undefined;
  #lastByte = NEWLINE;
  /** An unended line that may be a heading; undefined in the middle of any other line. */
  #heading: Buffer | undefined = Buffer.alloc(0);

  /** Takes the next bytes, and gives the sections that start at or after `settledBytes` of the call before. */
  push(chunk: Buffer): readonly Section[] {
    const before = this.sections.length;
    const base = this.bytes;
    let at = 0;
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
    }
    while (at < chunk.length) {
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
      at = end + 1;
    }
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    this.bytes = base + chunk.length;
    const open = this.#lastByte === NEWLINE ? 0 : (this.#heading?.length ?? 0);
    this.settledBytes = this.#unended?.start ?? this.bytes - open;
    return this.sections.slice(before);
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
    this.#section = { table, start, uncompressedBytes: 0 };
    this.sections.push(this.#section);
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
