/** Where the random moments of a run come from: printed, so that a run that failed can be repeated. */
export interface Randomness {
  readonly seed: number;
  /** At least 0, below 1. */
  readonly next: () => number;
}

/** @param seed `DBBACKUP_TEST_SEED`, or another one each time. */
export function randomness(
  seed = Number(process.env['DBBACKUP_TEST_SEED'] ?? Date.now() % 2 ** 31),
): Randomness {
  console.log(`DBBACKUP_TEST_SEED=${seed}`);
  return { seed, next: randomNumbers(seed) };
}

/** Mulberry32: the same numbers for the same seed, each at least 0 and below 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
