import { expect, test } from 'vitest';
import { parseLimit } from '../../../../src/settings/values/limit.ts';

const given = (text: string) => ({ text, source: '--limit', isFlag: true });

test('is a number from 1 on, or none', () => {
  expect(parseLimit(undefined)).toBeUndefined();
  expect(parseLimit(given('7'))).toBe(7);
});

test.each(['0', '-1', '1.5', 'all', '', '1e3', '99999999999999999999'])('refuses "%s"', (text) => {
  expect(() => parseLimit(given(text))).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('it takes a whole number') }),
  );
});
