import { expect, test } from 'vitest';
import { looksLike } from '../../../src/sql/foreign-formats.ts';

test.each<[head: Buffer, what: string]>([
  [Buffer.from('\ufeff-- MySQL', 'utf16le'), 'UTF-16 text'],
  [Buffer.from('-- MySQL', 'utf16le'), 'UTF-16 text'],
  [Buffer.from('PK\x03\x04'), 'a zip archive'],
  [Buffer.from([0x1f, 0x8b, 8]), 'gzip'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'zstd'],
  [Buffer.from('fd377a585a00', 'hex'), 'xz'],
  [Buffer.from(`${'x'.repeat(257)}ustar`), 'a tar archive'],
  [Buffer.from('%PDF-1.7'), 'PDF'],
  [Buffer.from('89504e47', 'hex'), 'a PNG image'],
  [Buffer.from('PGDMP'), 'a PostgreSQL archive (pg_dump)'],
  [Buffer.from('--\n-- PostgreSQL database dump\n--\n'), 'a PostgreSQL dump'],
  [Buffer.from('PRAGMA foreign_keys=OFF;'), 'an SQLite dump'],
  [Buffer.from('<!DOCTYPE html>'), 'HTML'],
  [Buffer.from('<?xml version="1.0"?>\n<mysqldump>'), 'XML'],
  [Buffer.from('{"error": 1}'), 'JSON'],
  [Buffer.from('id,name\n1,Alice\n'), 'CSV'],
])('%j looks like %s', (head, what) => {
  expect(looksLike(head)).toBe(what);
});

test.each([
  '',
  '-- MySQL dump 10.13\n',
  '/*M!999999\\- enable',
  'CREATE TABLE a (\n  b int,\n  c int\n',
  'INSERT INTO a VALUES\n(1,2),\n(3,4);\n',
])('%j may be a dump', (head) => {
  expect(looksLike(Buffer.from(head))).toBeUndefined();
});
