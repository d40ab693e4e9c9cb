import { expect, test } from 'vitest';
import { parseKeepOld } from '../../../../src/settings/values/keep-old.ts';

const given = (text: string) => ({ text, source: '--keep-old', isFlag: true });

test.each([
  { text: '', ms: 86_400_000 },
  { text: 'true', ms: 86_400_000 },
  { text: '90m', ms: 5_400_000 },
  { text: '0', ms: 0 },
])('--keep-old "$text" is $ms milliseconds', ({ text, ms }) => {
  expect(parseKeepOld(given(text))).toBe(ms);
});

test('nothing is kept where it is not given', () => {
  expect(parseKeepOld(undefined)).toBeUndefined();
});

test.each([
  { text: 'shop/latest', hint: 'Put --keep-old behind the backup' },
  { text: '24', hint: 'add the unit: 24s' },
])('--keep-old "$text" is refused, with what to type', ({ text, hint }) => {
  expect(() => parseKeepOld(given(text))).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining(hint) as string }),
  );
});
