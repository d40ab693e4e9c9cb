import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { quoteForBash } from '../../../../src/cli/completion/quote-for-bash.ts';
import type { Quote } from '../../../../src/cli/completion/typed-words.ts';

const EVERY_CHARACTER = String.fromCharCode(...Array.from({ length: 254 }, (_, at) => at + 1));
const TEXTS = [
  EVERY_CHARACTER,
  '$(touch x)`y`',
  'naïve 表 😀',
  '\u2028\u202e!',
  '~',
  '#',
  '{a,b}',
  "''",
  '""',
  '\\',
];

describe('quoteForBash', () => {
  test.each<Quote | undefined>([undefined, '"', "'"])('gives bash the text itself, behind %s', (quote) => {
    const words = TEXTS.map((text) => `${quote ?? ''}${quoteForBash(text, quote)}${quote ?? ''}`);

    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `printf '%s\\0' ${words.join(' ')}`], {
      encoding: 'utf8',
      env: { LC_ALL: 'C.UTF-8' },
    });

    expect({ texts: stdout.split('\0').slice(0, -1), stderr }).toEqual({ texts: TEXTS, stderr: '' });
  });

  test('lets a terminal see no control character', () => {
    expect(quoteForBash(EVERY_CHARACTER, '"')).not.toMatch(/\p{Cc}/u);
  });
});
