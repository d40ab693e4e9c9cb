/** A range of the text that is replaced while it streams by. Offsets count bytes from the start of the text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const NEWLINE = 0x0a;

/**
 * Applies edits to a text that comes in chunks. Newlines of what is replaced stay, so that line numbers in the
 * messages about the result are still right.
 */
export class TextEdits {
  readonly #edits: readonly TextEdit[];
  #next = 0;
  #offset = 0;

  /** @param edits Sorted and disjoint. */
  constructor(edits: readonly TextEdit[]) {
    this.#edits = edits;
  }

  *push(chunk: Buffer): Generator<Buffer> {
    const base = this.#offset;
    const end = base + chunk.length;
    this.#offset = end;
    let at = base;
    for (;;) {
      const edit = this.#edits[this.#next];
      if (edit === undefined || edit.start >= end) break;
      if (edit.start > at) yield chunk.subarray(at - base, edit.start - base);
      const from = Math.max(edit.start, at);
      const to = Math.min(edit.end, end);
      if (from === edit.start && edit.replacement !== '') yield Buffer.from(edit.replacement);
      const newlines = countNewlines(chunk.subarray(from - base, to - base));
      if (newlines > 0) yield Buffer.alloc(newlines, NEWLINE);
      at = to;
      if (edit.end > end) return; // continues in the next chunk
      this.#next++;
    }
    if (at < end) yield chunk.subarray(at - base);
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count++;
  return count;
}

/** Bytes of the uncompressed text to replace while it is loaded; left out when `replacement` is empty. */
export interface DumpEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly reason: string;
  /**
   * Whether the user is told. Not about what means nothing to the server: a byte order mark, or an escape that the
   * mysql client cannot load; in a routine's text the latter matters only where the stock client loads the dump.
   */
  readonly told: 'always' | 'by-client' | 'never';
}
