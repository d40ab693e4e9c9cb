import { expect, test } from 'vitest';
import { columns } from '../../../../src/cli/render/columns.ts';

test('aligns without borders or trailing spaces', () => {
  const rows = [
    ['NAME', 'SIZE', 'STATE'],
    ['a', '1 kB', ''],
    ['longer', '12 kB', 'x'],
  ];

  expect(columns(rows, { rightAligned: [1] })).toBe(
    ['NAME     SIZE  STATE', 'a        1 kB', 'longer  12 kB  x', ''].join('\n'),
  );
});

test('is nothing for no rows', () => {
  expect(columns([])).toBe('');
});
