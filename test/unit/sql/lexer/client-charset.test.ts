import { expect, test } from 'vitest';
import { decoded, decoderOf, isReadable } from '../../../../src/sql/lexer/client-charset.ts';

test.each([
  ['utf8mb4', 'a\xc3\xa4', 'aä'],
  ['utf8', 'a\xc3\xa4', 'aä'],
  ['binary', 'a\xc3\xa4', 'aä'],
  ['latin1', 'a\xe4\x80\x81\x9f\xa0', 'aä€\u0081Ÿ\u00a0'],
  ['LATIN1', '\xe4', 'ä'],
  ['latin2', '\xe6', 'ć'],
  ['cp1251', '\xe4', 'д'],
  ['koi8r', '\xe4', 'Д'],
  ['ujis', '\xa4\xa2', 'あ'],
  ['klingon', '\xc3\xa4', 'ä'],
])('in %s the bytes %j are %j', (charset, bytes, text) => {
  expect(decoderOf(charset)(bytes)).toBe(text);
  expect(decoded(Buffer.from(bytes, 'latin1'), charset)).toBe(text);
});

test.each([
  ['utf8mb3', true],
  ['LATIN1', true],
  ['cp1251', true],
  ['cp850', false],
  ['dec8', false],
])('names in %s can be read: %j', (charset, expected) => {
  expect(isReadable(charset)).toBe(expected);
});
