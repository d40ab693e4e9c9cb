import { expect, test } from 'vitest';
import { differingLines } from '../../../../src/sql/definitions/text-difference.ts';

test('shows the lines that differ, and no others', () => {
  expect(differingLines('a (\n  b int,\n  c int\n) X', 'a (\n  b int,\n  c bigint\n) X')).toBe(
    '  the backup says:  c int\n  the server says:  c bigint',
  );
});

test('shows a line that only one of the two has', () => {
  expect(differingLines('a\nb\nc', 'a\nc')).toBe('  the backup says:  b\n  the server says:  (nothing)');
  expect(differingLines('a\nc', 'a\nb\nc')).toBe('  the backup says:  (nothing)\n  the server says:  b');
});

test('shows each place apart', () => {
  expect(differingLines('a\nb\nc\nd\ne', 'A\nb\nc\nD\ne')).toBe(
    ['  the backup says:  a', '  the server says:  A', '  the backup says:  d', '  the server says:  D'].join(
      '\n',
    ),
  );
});

test('shows of two long lines the part that differs', () => {
  const [head, tail] = ['x'.repeat(5_000), 'y'.repeat(5_000)];
  const shown = differingLines(`${head} utf8mb4 ${tail}`, `${head} latin1 ${tail}`);
  expect(shown).toContain('x utf8mb4 y');
  expect(shown).toContain('x latin1 y');
  expect(shown.length).toBeLessThan(700);
});

test('does not show more than a screen of places', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `${index}`);
  const others = lines.map((line, index) => (index % 2 === 0 ? line : `${line}!`));
  const shown = differingLines(lines.join('\n'), others.join('\n'));
  expect(shown.split('\n')).toHaveLength(21);
  expect(shown).toMatch(/and 20 more places$/);
});

test('takes two texts that have nothing in common, however long', () => {
  const one = Array.from({ length: 5_000 }, (_, index) => `a${index}`).join('\n');
  const other = Array.from({ length: 5_000 }, (_, index) => `b${index}`).join('\n');
  expect(differingLines(one, other).length).toBeLessThan(4_000);
});
