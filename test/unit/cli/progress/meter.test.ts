import { describe, expect, test } from 'vitest';
import { advance, EMPTY_METER, read, readingText, type Meter } from '../../../../src/cli/progress/meter.ts';

describe('meter', () => {
  test('knows nothing before the first count', () => {
    expect(read(EMPTY_METER)).toEqual({
      doneBytes: 0,
      percent: undefined,
      bytesPerSecond: undefined,
      leftMs: undefined,
    });
    expect(readingText(read(EMPTY_METER))).toBe('');
  });

  test('tells rate and time left', () => {
    const meter = counted([0, 0], [1000, 10_000_000], [2000, 20_000_000]);

    expect(read(meter)).toEqual({
      doneBytes: 20_000_000,
      percent: 20,
      bytesPerSecond: 10_000_000,
      leftMs: 8000,
    });
    expect(readingText(read(meter))).toBe('20 %, 20 MB, 10 MB/s, 8 s left');
  });

  test('follows the last ten seconds, not the average of all', () => {
    const slow: [number, number][] = Array.from({ length: 60 }, (_, second) => [
      second * 1000,
      second * 1000,
    ]);
    const fast: [number, number][] = Array.from({ length: 20 }, (_, second) => [
      (60 + second) * 1000,
      60_000 + second * 1_000_000,
    ]);

    expect(read(counted(...slow, ...fast)).bytesPerSecond).toBeCloseTo(1_000_000, -3);
  });

  test('tells no rate too early, and no time left beyond the estimate', () => {
    expect(read(counted([0, 0], [100, 5_000_000])).bytesPerSecond).toBeUndefined();
    expect(read(counted([0, 0], [1000, 120_000_000]))).toMatchObject({ percent: 99, leftMs: undefined });
  });

  test('begins anew with another file', () => {
    expect(read(counted([0, 0], [1000, 50_000_000], [2000, 10]))).toMatchObject({
      doneBytes: 10,
      bytesPerSecond: undefined,
    });
  });

  test('stays small at any rate of events', () => {
    const many: [number, number][] = Array.from({ length: 100_000 }, (_, index) => [index, index]);

    expect(counted(...many).samples.length).toBeLessThan(60);
  });
});

/** A meter that saw these counts of 100 MB: [milliseconds, bytes]. */
function counted(...counts: readonly (readonly [atMs: number, doneBytes: number])[]): Meter {
  return counts.reduce<Meter>(
    (meter, [atMs, doneBytes]) => advance(meter, { doneBytes, totalBytes: 100_000_000 }, atMs),
    EMPTY_METER,
  );
}
