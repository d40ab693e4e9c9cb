import { expect, test } from 'vitest';
import { parseDuration } from '../../../../src/settings/values/duration.ts';

const given = (text: string) => ({ text, source: '--timeout', isFlag: true });

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  ['2 days', 172_800_000],
])('reads %s', (text, durationMs) => {
  expect(parseDuration(given(text), 'none')).toBe(durationMs);
});

test('knows no limit', () => {
  expect(parseDuration(undefined, 'none')).toBeUndefined();
  expect(parseDuration(given('none'), 'none')).toBeUndefined();
});

test('takes 0 without a unit where it means not at all', () => {
  expect(parseDuration(given('0'))).toBe(0);
});

test('refuses a bare number, and says how to write it', () => {
  expect(() => parseDuration(given('90'), 'none')).toThrow(
    expect.objectContaining({ code: 'usage', hint: 'add the unit: 90s for seconds, 90m for minutes' }),
  );
});

test.each(['', 'soon', '-5s', '5 parsecs', '0s', '25d', '1e9h', 'none of it'])(
  'refuses "%s" as a time limit',
  (text) => {
    expect(() => parseDuration(given(text), 'none')).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);
