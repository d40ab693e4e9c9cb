import { expect, test } from 'vitest';
import { choosePaint, plainPaint, wantsColor } from '../../../../../src/cli/render/text/paint.ts';

test.each([
  { title: 'a terminal', isTty: true, flags: {}, env: {}, wants: true },
  { title: 'a pipe', isTty: false, flags: {}, env: {}, wants: false },
  { title: '--no-color', isTty: true, flags: { 'no-color': true }, env: {}, wants: false },
  { title: 'NO_COLOR', isTty: true, flags: {}, env: { NO_COLOR: '1' }, wants: false },
  { title: 'an empty NO_COLOR', isTty: true, flags: {}, env: { NO_COLOR: '' }, wants: true },
  { title: 'a dumb terminal', isTty: true, flags: {}, env: { TERM: 'dumb' }, wants: false },
])('colours for $title: $wants', ({ isTty, flags, env, wants }) => {
  expect(wantsColor(isTty, flags, env)).toBe(wants);
});

test('paints only when there are colours', async () => {
  expect(await choosePaint(false)).toBe(plainPaint);
  expect((await choosePaint(true)).bad('x')).toBe('\u001b[31mx\u001b[39m');
});

test('paints each of several texts, and nothing but the text', async () => {
  const paint = await choosePaint(true);

  expect(['a', 'b'].map(paint.heading)).toEqual(['\u001b[1ma\u001b[22m', '\u001b[1mb\u001b[22m']);
});
