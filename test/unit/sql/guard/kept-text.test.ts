import { expect, test } from 'vitest';
import { KeptText } from '../../../../src/sql/guard/kept-text.ts';

test('keeps what was not forgotten, whatever becomes of the memory that it came in', () => {
  const kept = new KeptText();
  const chunk = Buffer.from('abc');
  kept.push(chunk);
  chunk.fill('x');
  kept.push(Buffer.from('defg'));
  expect(kept.slice(1, 5)?.toString()).toBe('bcde');
  kept.forgetBefore(2);
  expect(kept.slice(2, 4)?.toString()).toBe('cd');
  kept.forgetBefore(4);
  expect(kept.slice(2, 4)).toBeUndefined();
  expect(kept.slice(3, 7)?.toString()).toBe('defg');
});

test('forgets by itself what is too much', () => {
  const kept = new KeptText();
  for (let count = 0; count < 6; count++) kept.push(Buffer.alloc(1024 * 1024, count));
  expect(kept.slice(1024 * 1024, 1024 * 1024 + 1)).toBeUndefined();
  expect(kept.slice(2 * 1024 * 1024, 2 * 1024 * 1024 + 1)).toEqual(Buffer.of(2));
});
