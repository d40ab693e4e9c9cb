import { expect, test } from 'vitest';
import { spanText } from '../../../../../src/run/time/calendar-span.ts';
import { parseKeepCount, parseSpan } from '../../../../../src/settings/values/retention/keep-rules.ts';

const given = (text: string): { text: string; source: string; isFlag: boolean } => ({
  ...{ text, source: '--keep-within', isFlag: true },
});

test.each([
  ['7', 7],
  ['0', 0],
  ['unlimited', Infinity],
])('%s is a count', (text, count) => {
  expect(parseKeepCount(given(text))).toBe(count);
});

test.each(['', '-1', '1.5', 'all', '1e3', '9999999999'])('%j is no count', (text) => {
  expect(() => parseKeepCount(given(text))).toThrow('it takes a whole number, or unlimited');
});

test.each([
  ['14d', '14d'],
  ['2w', '14d'],
  ['1w3d', '10d'],
  ['6mo', '6mo'],
  ['1y6mo', '1y6mo'],
  ['2y5mo7d3h', '2y5mo7d3h'],
  ['36h', '36h'],
  ['0', '0'],
])('%s is a time', (text, same) => {
  expect(spanText(parseSpan(given(text)))).toBe(same);
});

test.each(['', '14', '14 d', '3d2w', '1.5d', '-3d', 'd', '10min'])('%j is no time', (text) => {
  expect(() => parseSpan(given(text))).toThrow('it takes a time in y, mo, w, d and h');
});

test.each([
  ['6m', 'for months: 6mo'],
  ['1y6m3d', 'for months: 1y6mo3d'],
])('%s may mean months or minutes, so it is refused', (text, hint) => {
  expect(() => parseSpan(given(text))).toThrow(expect.objectContaining({ code: 'usage', hint }));
});
