/** A statement of which more would have to be kept is not shown: longer ones than dump programs write by themselves. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The latest bytes of a text that is read in pieces, as far as somebody may still ask for them. */
export class KeptText {
  readonly #chunks: Buffer[] = [];
  /** Byte range of the chunks in the text. */
  #start = 0;
  #end = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(Buffer.from(chunk)); // whoever gave it may fill it anew
    this.#end += chunk.length;
    this.forgetBefore(this.#end - MOST_BYTES);
  }

  /** Whole chunks only. */
  forgetBefore(offset: number): void {
    for (;;) {
      const length = this.#chunks[0]?.length;
      if (length === undefined || this.#start + length > offset) return;
      this.#chunks.shift();
      this.#start += length;
    }
  }

  /** @returns undefined when its beginning was forgotten. */
  slice(start: number, end: number): Buffer | undefined {
    if (start < this.#start) return undefined;
    return Buffer.concat(this.#chunks).subarray(start - this.#start, end - this.#start);
  }
}
