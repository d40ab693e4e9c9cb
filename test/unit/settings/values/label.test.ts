import { expect, test } from 'vitest';
import { parseLabel, parseLabelOfBackups } from '../../../../src/settings/values/label.ts';

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

test('backups are looked for by any label that one can have', () => {
  expect(parseLabelOfBackups(undefined)).toBeUndefined();
  expect(parseLabelOfBackups(given('pre-restore'))).toBe('pre-restore');
  expect(() => parseLabelOfBackups(given('a_b'))).toThrow('--label is "a_b"; it takes up to 64 letters');
});
