import { expect, test } from 'vitest';
import { parseDestination, parseDirectory } from '../../../../src/settings/values/destination.ts';

const given = (text: string) => ({ text, source: '--x', isFlag: true });

test('finds the backup directory from where the user stands', () => {
  expect(parseDirectory(undefined, '/work')).toBe('/work/backups');
  expect(parseDirectory(given('../b'), '/work')).toBe('/b');
  expect(() => parseDirectory(given(''), '/work')).toThrow('the path of a directory');
});

test('tells the backup directory, a file and stdout apart', () => {
  expect(parseDestination(undefined, '/work')).toEqual({ kind: 'directory' });
  expect(parseDestination(given('-'), '/work')).toEqual({ kind: 'stdout' });
  expect(parseDestination(given('x.sql'), '/work')).toEqual({ kind: 'file', path: '/work/x.sql' });
  expect(() => parseDestination(given(''), '/work')).toThrow('- for stdout');
});
