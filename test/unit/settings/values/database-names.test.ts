import { expect, test } from 'vitest';
import { parseDatabaseNames } from '../../../../src/settings/values/database-names.ts';

test('keeps each name once, in the order given', () => {
  expect(parseDatabaseNames(['b', 'a', 'b'])).toEqual(['b', 'a']);
});

test('refuses an empty name, as an unset variable gives', () => {
  expect(() => parseDatabaseNames(['shop', ''])).toThrow('A database name is empty.');
});

test('refuses a URL without repeating its password', () => {
  expect(() => parseDatabaseNames(['mysql://root:secret@db/shop'])).toThrow(/^A database name is a URL\.$/);
});
