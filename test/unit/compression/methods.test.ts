import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressionByContent } from '../../../src/compression/methods.ts';

test.each([
  ['gzip', gzipSync('SELECT 1;')],
  ['zstd', Buffer.from('28b52ffd0400', 'hex')],
  ['none', Buffer.from('-- MySQL dump 10.13')],
  ['none', Buffer.from('28b52f', 'hex')],
  ['none', Buffer.alloc(0)],
])('%s is known by its first bytes', (method, head) => {
  expect(compressionByContent(head)).toBe(method);
});
