import { describe, expect, test } from 'vitest';
import type { DumpReport } from '../../../../src/sql/dump-report.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';

const HEAD = 'CREATE TABLE small (id int, v varchar(20));\n';

function allowedIn(sql: string | Buffer, pieces = 1_000): DumpReport {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop', allowUnsafe: true });
  const dump = Buffer.concat([Buffer.from(HEAD), Buffer.from(sql), Buffer.from('\n-- Dump completed\n')]);
  for (let at = 0; at < dump.length; at += pieces) reader.push(dump.subarray(at, at + pieces));
  return reader.finish();
}

describe('what somebody is asked about', () => {
  test.each([
    {
      sql: "UPDATE small\n  SET v = 'it''s', -- a remark\n\tid=id+0x1F /* or so */ WHERE id > 1.5e3;",
      shown: "UPDATE small SET v = 'it''s', id=id+0x1F WHERE id > 1.5e3",
    },
    {
      sql: "update `small` SET v = 'a\\'b\u001b[31m\n\u202e';",
      shown: "update `small` SET v = 'a\\'b\\u{1b}[31m\\u{a}\\u{202e}'",
    },
    {
      sql: `UPDATE small SET v = '${'x'.repeat(1_900)}';`,
      shown: `UPDATE small SET v = '${'x'.repeat(1_900)}'`,
    },
    {
      sql: "SET NAMES latin1; UPDATE small SET v = 'caf\u00e9';",
      shown: "UPDATE small SET v = 'café'",
      latin1: true,
    },
    // Of rows, what is more than a literal.
    {
      sql: "INSERT INTO small (id, v) VALUES (7, 'secret'), (1*2, 'secret'), (-3, CONCAT('a', (UPPER('b'))));",
      shown: "INSERT INTO small (id, v) VALUES …, (1*2, …), (…, CONCAT('a', (UPPER('b'))))",
    },
    {
      sql: "INSERT INTO small VALUES (UUID(), 'a'), (UUID(), _binary 'b'), (UUID(), x'00'), (UUID(), NULL), (UUID(), 0xFF);",
      shown: 'INSERT INTO small VALUES (UUID(), …)',
    },
    {
      sql: "INSERT INTO small VALUES (1, 'a') ON DUPLICATE KEY UPDATE v = v, id = id*2;",
      shown: 'INSERT INTO small VALUES … ON DUPLICATE KEY UPDATE v = v, id = id*2',
    },
    {
      sql: "INSERT INTO small VALUES (1, 'a'/*+ x */*2),(2,HEX('(),'));",
      shown: "INSERT INTO small VALUES (…, 'a' *2), (…, HEX('(),'))",
    },
    {
      sql: "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; INSERT INTO small VALUES (1, '\\'), (2, HEX('\\'));",
      shown: "INSERT INTO small VALUES …, (…, HEX('\\'))",
    },
    {
      sql: "SET sql_mode = 'ANSI_QUOTES'; INSERT INTO small VALUES (1, '\"'), (\"id\", 2*3);",
      shown: 'INSERT INTO small VALUES …, ("id", 2*3)',
    },
    {
      sql: `INSERT INTO small VALUES (1, '${'x'.repeat(30_000)}'), (2, HEX(3));`,
      shown: 'INSERT INTO small VALUES …, (…, HEX(3))',
    },
  ])('is shown with its literals: $sql', ({ sql, shown, latin1 = false }) => {
    const dump = Buffer.from(sql, latin1 ? 'latin1' : 'utf8');
    for (const pieces of [1, 1_000, 100_000])
      expect(allowedIn(dump, pieces)).toMatchObject({ unsafe: [], allowed: [{ text: shown }] });
  });

  const calls = Array.from({ length: 300 }, (_, id) => `(${id}, HEX(${id}))`);

  test.each([
    { sql: `UPDATE small SET v = '${'x'.repeat(2_000)}';`, reason: 'is too long to be shown' },
    { sql: `UPDATE small SET id = 1${' + 1'.repeat(500)};`, reason: 'is too long to be shown' },
    { sql: `INSERT INTO small VALUES ${calls.join()};`, reason: 'is too long to be shown' },
    {
      sql: `INSERT INTO small VALUES (HEX(1), '${'x'.repeat(5 * 1024 * 1024)}');`,
      reason: 'is too long to be shown',
    },
    {
      sql: 'UPDATE /*+ SET_VAR(foreign_key_checks = ON) */ small SET id = 2;',
      reason: 'has an optimizer hint',
    },
    {
      sql: 'INSERT /*+ SET_VAR(sql_mode = 0) */ INTO small VALUES (1*2, 1);',
      reason: 'has an optimizer hint',
    },
  ])('or is refused: $reason', ({ sql, reason }) => {
    const { unsafe, allowed, isAllowable } = allowedIn(sql);
    expect(unsafe).toMatchObject([{ line: 2, reason, isAllowable: false }]);
    expect(JSON.stringify(unsafe)).not.toContain('xxx');
    expect([allowed, isAllowable]).toEqual([[], false]);
  });
});
