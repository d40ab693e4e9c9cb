import { expect, test } from 'vitest';
import { asksForJson, asksForPlugin } from '../../../../src/cli/arguments/asks-for-format.ts';

test.each([
  [['list', '--json'], true],
  [['--json', '--nonsense'], true],
  [['create', '--', '--json'], false],
  [[], false],
])('JSON, %j: %s', (argv, asked) => {
  expect(asksForJson(argv)).toBe(asked);
});

test.each([
  [['health', '--format', 'nagios'], true],
  [['health', '--format=nagios', '--nonsense'], true],
  [['health', '--format', 'text', 'nagios'], false],
  [['health', 'nagios'], false],
  [['health', '--', '--format=nagios'], false],
  [[], false],
])('plugin, %j: %s', (argv, asked) => {
  expect(asksForPlugin(argv)).toBe(asked);
});
