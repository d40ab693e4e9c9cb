import { expect, test } from 'vitest';
import { parseUntil } from '../../../../../src/settings/values/retention/until.ts';

const given = (text: string): { text: string; source: string; isFlag: boolean } => ({
  ...{ text, source: '--until', isFlag: true },
});

test('a day lasts to its end, in local time', () => {
  expect(parseUntil(given('2027-01-31'))).toEqual(new Date(2027, 0, 31, 23, 59, 59, 999));
});

test('a time needs its zone', () => {
  expect(parseUntil(given('2027-01-31T12:00:00+01:00'))).toEqual(new Date('2027-01-31T11:00:00Z'));
});

test.each([
  '',
  'tomorrow',
  '2027-02-30',
  '2027-13-01',
  '31.01.2027',
  '2027-01-31T12:00:00',
  '2027-01-31T25:00:00Z',
])('%j is refused', (text) => {
  expect(() => parseUntil(given(text))).toThrow('it takes a date such as 2027-01-31');
});
