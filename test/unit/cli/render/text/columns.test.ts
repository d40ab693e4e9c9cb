import { expect, test } from 'vitest';
import { columns } from '../../../../../src/cli/render/text/columns.ts';

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

test('counts wide characters as two and colours as nothing', () => {
  const rows = [
    ['日本', 'x'],
    ['\u001b[31mabcd\u001b[39m', 'y'],
  ];

  expect(columns(rows)).toBe('日本  x\n\u001b[31mabcd\u001b[39m  y\n');
});
