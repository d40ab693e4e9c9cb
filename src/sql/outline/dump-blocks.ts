import { DumpOutline } from './dump-outline.ts';
import type { CutRows, Place } from './dump-outline.ts';

/** One piece of the dump, compressed on its own. */
export interface SqlBlock {
  /** Belongs to the receiver until it calls `release()`; not to be touched after. */
  readonly bytes: Buffer;
  /** What starts with the first byte, if something does. */
  readonly place: Place | undefined;
  readonly release: () => void;
}

/**
 * Cuts the dump into blocks of at most `blockBytes`, and a new one wherever a table's section starts, so that one
 * table can be read without the rest; and where the rows of a large table are cut.
 *
 * The memory of released blocks is reused: a dump of any size needs as many as are compressed at the same time.
 */
export class SqlBlocks {
  readonly outline: DumpOutline;
  readonly #blockBytes: number;
  readonly #free: Buffer[] = [];
  #block: Buffer;
  #used = 0;
  /** Offset in the whole text of the block's first byte. */
  #start = 0;
  #place: Place | undefined;

  constructor(blockBytes: number, cutRows?: CutRows) {
    this.outline = new DumpOutline(cutRows);
    this.#blockBytes = blockBytes;
    this.#block = Buffer.allocUnsafeSlow(blockBytes);
  }

  /** Takes the next bytes of the dump; gives the blocks that are full. */
  *push(chunk: Buffer): Generator<SqlBlock> {
    let rest = chunk;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#blockBytes - this.#used);
      rest = rest.subarray(part.length);
      part.copy(this.#block, this.#used);
      this.#used += part.length;
      for (const place of this.outline.push(part)) {
        yield* this.#cut(place.start);
        this.#place = place;
      }
      // What may still turn out to be a heading goes into the next block, so that a cut can be made before it.
      if (this.#used === this.#blockBytes) yield* this.#cut(this.outline.settledBytes);
    }
  }

  /** Gives what is left. */
  *finish(): Generator<SqlBlock> {
    yield* this.#cut(this.outline.bytes);
  }

  *#cut(offset: number): Generator<SqlBlock> {
    const length = offset - this.#start;
    if (length === 0) return;
    const full = this.#block;
    const next = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#blockBytes);
    full.copy(next, 0, length, this.#used);
    const place = this.#place;
    this.#block = next;
    this.#used -= length;
    this.#start = offset;
    this.#place = undefined;
    yield { bytes: full.subarray(0, length), place, release: () => this.#free.push(full) };
  }
}
