import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/run/shell-command.ts';

test.each(['shop', '--dir=/a/b', 'a@b', 'manual_2026-11-22_03-00-00', '100%'])(
  '%s stands as it is',
  (text) => {
    expect(shellWord(text)).toBe(text);
  },
);

test.each([
  '',
  'a b',
  "it's",
  '$HOME',
  '`id`',
  'a;b',
  'a\nb',
  'größe',
  '~',
  '*',
  '\\',
  '"',
  '#x',
  '!x',
  '{a,b}',
])('%j is one word to a shell', (text) => {
  const seen = execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });

  expect(seen).toBe(text);
});
