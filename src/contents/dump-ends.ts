import { END_LINE } from '../sql/dump-comments.ts';

/** Both are in so many first and last bytes. */
const FIRST_BYTES = 1024;
const LAST_BYTES = 256;

/** The first comment of the tools that end their dumps with a comment, too. */
const MADE_BY_DUMP_TOOL =
  /^-- (?:(?:MySQL|MariaDB) dump |mysqldump-php |Dump created by MySQL pump utility)/m;

/** The first and the last bytes of a dump, which say whether it is whole. */
export class DumpEnds {
  #first = '';
  #last = '';

  push(bytes: Buffer): void {
    if (this.#first.length < FIRST_BYTES)
      this.#first += bytes.toString('latin1', 0, FIRST_BYTES - this.#first.length);
    const added = bytes.toString('latin1', Math.max(0, bytes.length - LAST_BYTES));
    this.#last = (this.#last + added).slice(-LAST_BYTES);
  }

  /** `unknown`: it has no end line, but was not made by a tool that wrote one, or without comments. */
  get state(): 'whole' | 'truncated' | 'unknown' {
    const lastLine = this.#last.trimEnd().split('\n').at(-1) ?? '';
    if (END_LINE.test(lastLine)) return 'whole';
    return MADE_BY_DUMP_TOOL.test(this.#first) ? 'truncated' : 'unknown';
  }
}
