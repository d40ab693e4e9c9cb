import { expect, test } from 'vitest';
import { asksForJson } from '../../../../src/cli/arguments/asks-for-json.ts';

test.each([
  [['list', '--json'], true],
  [['--json', '--nonsense'], true],
  [['create', '--', '--json'], false],
  [[], false],
])('%j: %s', (argv, asked) => {
  expect(asksForJson(argv)).toBe(asked);
});
