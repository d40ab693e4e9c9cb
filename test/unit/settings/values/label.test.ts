import { expect, test } from 'vitest';
import { parseLabel } from '../../../../src/settings/values/label.ts';

const given = (text: string) => ({ text, source: '--label', isFlag: true });

test('is manual when nothing is given', () => {
  expect(parseLabel(undefined)).toBe('manual');
  expect(parseLabel(given('nightly.2'))).toBe('nightly.2');
});

test.each([
  ['pre-restore', 'safety backups'],
  ['', 'it takes'],
  ['a_b', 'it takes'],
  ['../x', 'it takes'],
  ['-x', 'it takes'],
])('refuses "%s"', (text, words) => {
  expect(() => parseLabel(given(text))).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining(words) }),
  );
});
