/** The tools write statements of up to 1 MiB, and a chunk may stand behind one. */
const BLOCK_BYTES = 1024 * 1024 + 256 * 1024;
const MOST_FREE = 16;

/** Memory, as bytes and four bytes at a time. */
export interface Block {
  readonly bytes: Buffer;
  readonly words: Int32Array;
}

/** Memory for statements that are read and sent, one after the other: taken, released, and taken again. */
export class StatementBuffers {
  /** How many bytes are free before each statement. */
  readonly roomBytes: number;
  readonly #free: Block[] = [];

  constructor(roomBytes: number) {
    this.roomBytes = roomBytes;
  }

  /** @param leastBytes Rows may be of any length. */
  take(leastBytes: number): Block {
    if (leastBytes <= BLOCK_BYTES) return this.#free.pop() ?? newBlock(BLOCK_BYTES);
    return newBlock(Math.ceil((leastBytes * 3) / 2 / 4) * 4);
  }

  release(block: Block): void {
    if (block.bytes.length === BLOCK_BYTES && this.#free.length < MOST_FREE) this.#free.push(block);
  }
}

function newBlock(length: number): Block {
  const bytes = Buffer.allocUnsafeSlow(length);
  return { bytes, words: new Int32Array(bytes.buffer) };
}
