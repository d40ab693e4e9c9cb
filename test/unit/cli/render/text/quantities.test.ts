import { afterEach, describe, expect, test } from 'vitest';
import {
  ageText,
  countText,
  durationText,
  localTimeText,
  percentOf,
  sizeText,
  timeText,
  withLocalTimes,
} from '../../../../../src/cli/render/text/quantities.ts';

test.each([
  [-5, '0 ms'],
  [850, '850 ms'],
  [12_400, '12 s'],
  [59_900, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [86_405_000, '1 d'],
  [273_600_000, '3 d 4 h'],
])('says %d ms as %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});

test('says sizes in decimal units and counts with their noun', () => {
  expect(sizeText(1_340_000)).toBe('1.34 MB');
  expect(countText(1, 'table')).toBe('1 table');
  expect(countText(1204, 'table')).toBe('1,204 tables');
});

test('says times with their zone', () => {
  expect(timeText('2026-11-22T03:00:00.123Z')).toBe('2026-11-22 03:00:00 UTC');
  expect(timeText('yesterday')).toBe('yesterday');
});

describe('in the zone of who reads it', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test.each([
    ['Asia/Kathmandu', '2026-11-22 08:45:00 +05:45'],
    ['America/St_Johns', '2026-11-21 23:30:00 -03:30'],
    ['UTC', '2026-11-22 03:00:00 UTC'],
  ])('in %s it is %s', (name, text) => {
    process.env['TZ'] = name;
    expect(localTimeText('2026-11-22T03:00:00.123Z')).toBe(text);
    expect(withLocalTimes('since 2026-11-22 03:00:00 UTC (create)')).toBe(`since ${text} (create)`);
    expect(localTimeText('yesterday')).toBe('yesterday');
  });
});

describe('ageText', () => {
  const now = new Date('2026-11-22T03:00:00Z');

  test.each([
    ['2026-11-22T02:59:30Z', 'just now'],
    ['2026-11-22T03:05:00Z', 'just now'],
    ['2026-11-22T02:57:59Z', '2 min ago'],
    ['2026-11-22T00:00:00Z', '3 h ago'],
    ['2026-11-01T00:00:00Z', '21 d ago'],
    ['nonsense', ''],
  ])('says of %s %s', (at, text) => {
    expect(ageText(at, now)).toBe(text);
  });
});

test.each([
  [0, 100, 0],
  [42, 100, 42],
  [100, 100, 99],
  [300, 100, 99],
  [5, undefined, undefined],
  [5, 0, undefined],
])('%d of %s bytes are %s percent: never 100 before the end', (done, total, percent) => {
  expect(percentOf(done, total)).toBe(percent);
});
