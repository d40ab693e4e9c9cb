import { expect, test } from 'vitest';
import { safeLines, safeText } from '../../../../../src/cli/render/text/safe-text.ts';

test.each([
  ['sh\u001b[31mop', String.raw`sh\x1b[31mop`],
  ['a\nb\tc\r', String.raw`a\nb\tc\r`],
  ['a\u009bb\u007f', String.raw`a\x9bb\x7f`],
  ['a\u202eb', String.raw`a\u202eb`],
  ['Größe 日本 🎉', 'Größe 日本 🎉'],
])('shows %j as text', (name, shown) => {
  expect(safeText(name)).toBe(shown);
});

test('keeps the lines of a message', () => {
  expect(safeLines('one\n\ttwo\r\u001b]0;x\u0007')).toBe('one\n\ttwo\\r\\x1b]0;x\\x07');
});
