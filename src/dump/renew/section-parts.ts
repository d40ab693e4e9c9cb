/** What stands in a table's section of a dump, in this order. */
export type Part = 'head' | 'rows' | 'tail';

/** Consecutive bytes of one part. */
export interface PartBytes {
  readonly part: Part;
  readonly bytes: Buffer;
}

/** Lines with which the dump tools begin a part. In rows they write a newline as `\n`. */
const BEGINNINGS: readonly { readonly line: Buffer; readonly part: Part }[] = [
  { line: '\n-- Dumping data for table ', part: 'rows' as const },
  // Triggers of a database with another collation, and any others.
  { line: '\nALTER DATABASE `', part: 'tail' as const },
  { line: '\n/*!50003 SET @saved_cs_client', part: 'tail' as const },
  // The end of a dump of single tables follows the last one at once.
  { line: '\n/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE', part: 'tail' as const },
].map(({ line, part }) => ({ line: Buffer.from(line), part }));
/** What stands behind each section, and begins the comment that is the heading of the next one. */
const SEPARATOR = Buffer.from('\n--\n');

const LONGEST_BEGINNING = Math.max(...BEGINNINGS.map(({ line }) => line.length));

/**
 * Divides a table's section, in whatever pieces it comes, into its definition (the head), its rows, and its triggers
 * with all that stands behind them (the tail). That of a sequence has no rows.
 */
export class SectionParts {
  #part: Part = 'head';
  /** Could be a part of what begins the next part, or of the separator. */
  #rest: Buffer = Buffer.alloc(0);

  /** Gives what is certain by now; valid until the next call, if `chunk` is. */
  *push(chunk: Buffer): Generator<PartBytes> {
    let text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let next = this.#next(text); next !== undefined; next = this.#next(text)) {
      yield { part: this.#part, bytes: text.subarray(0, next.at) };
      text = text.subarray(next.at);
      this.#part = next.part;
    }
    const certain = this.#part === 'tail' ? text.length : Math.max(0, text.length - LONGEST_BEGINNING);
    if (certain > 0) yield { part: this.#part, bytes: text.subarray(0, certain) };
    this.#rest = Buffer.from(text.subarray(certain));
  }

  /** Gives what is left. */
  *finish(): Generator<PartBytes> {
    const text = this.#rest;
    this.#rest = Buffer.alloc(0);
    const ends = this.#part !== 'tail' && text.subarray(-SEPARATOR.length).equals(SEPARATOR);
    const end = ends ? text.length - SEPARATOR.length : text.length;
    if (end > 0) yield { part: this.#part, bytes: text.subarray(0, end) };
    if (end < text.length) yield { part: 'tail', bytes: text.subarray(end) };
  }

  /** The part that begins next, behind the newline that ends this one. */
  #next(text: Buffer): { readonly at: number; readonly part: Part } | undefined {
    if (this.#part === 'tail') return undefined;
    const [first] = BEGINNINGS.filter(({ part }) => part !== this.#part)
      .map(({ line, part }) => ({ at: text.indexOf(line) + 1, part }))
      .filter(({ at }) => at > 0)
      .sort((a, b) => a.at - b.at);
    return first;
  }
}
