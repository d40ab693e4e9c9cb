import { expect, test } from 'vitest';
import { parseAge, parseCopies, parseShare } from '../../../../src/settings/values/thresholds.ts';

const given = (text: string) => ({ text, source: '--x', isFlag: true });

test.each([
  ['26h', 93_600_000],
  ['1.5h', 5_400_000],
  ['400d', 34_560_000_000],
  ['1y', 31_557_600_000],
])('an age of %s', (text, ageMs) => {
  expect(parseAge(given(text), 5)).toBe(ageMs);
});

test.each(['0', '0h', '26', 'h', '26 hours ago', '-1h', '', '1x'])('%j is no age', (text) => {
  expect(() => parseAge(given(text), 5)).toThrow('it takes a duration such as 90m, 26h or 8d, or none.');
});

test.each([
  ['50%', 0.5],
  ['50 %', 0.5],
  ['0%', 0],
  ['99.5%', 0.995],
  ['100%', 1],
])('a share of %s', (text, share) => {
  expect(parseShare(given(text), 5)).toBe(share);
});

test.each(['50', '0.5', '101%', '%', '-5%', 'half'])('%j is no share', (text) => {
  expect(() => parseShare(given(text), 5)).toThrow('it takes a percentage from 0% to 100%, or none.');
});

test('copies are counted', () => {
  expect(parseCopies(given('2'))).toBe(2);
  for (const text of ['0', '-1', '1.5', 'x', '1000'])
    expect(() => parseCopies(given(text))).toThrow('it takes a number from 1 to 999, or none.');
});

test('none switches each off, and without a value the standard holds', () => {
  expect([parseAge(given('none'), 5), parseShare(given('none'), 5), parseCopies(given('none'))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([parseAge(undefined, 5), parseShare(undefined, 5), parseCopies(undefined)]).toEqual([
    5,
    5,
    undefined,
  ]);
});
