/** Numbers from 0 up to 1 that are the same in every run with the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The text in chunks of one byte, and cut once at every place. */
export function* everySplit(text: Buffer): Generator<readonly Buffer[]> {
  yield Array.from(text, (byte) => Buffer.of(byte));
  for (let at = 0; at <= text.length; at++) yield [text.subarray(0, at), text.subarray(at)];
}

/** The text in chunks of random length, from one byte to `longest`. */
export function randomChunks(text: Buffer, longest: number, random: () => number): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + Math.floor(random() * longest);
    chunks.push(text.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
