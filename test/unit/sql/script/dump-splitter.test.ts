import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DumpSplitter, edited } from '../../../../src/sql/script/dump-splitter.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { cut, splitsAsTheGuardReads } from '../../../harness/dump-parts.ts';
import { mutated, withMoreRows } from '../../../harness/mutated-dumps.ts';
import { randomNumbers } from '../../../harness/random.ts';
import { everySplit } from '../chunks.ts';
import { scriptOf } from './some-scripts.ts';

const DUMP = [
  "SET time_zone='+00:00';",
  'CREATE TABLE `t` (`a` int, `b` text);',
  "INSERT INTO `t` VALUES (1,'a;'),(2,'\\'\\\\');",
  "INSERT INTO `t` VALUES (3,'größe;;');",
  '-- a comment;',
  'REPLACE INTO `t` VALUES (4,NULL);',
  'CREATE TABLE `u;\n` (`a` int);',
  'INSERT INTO `t` VALUES (5,NULL);',
  'ALTER TABLE `t` ADD KEY (`a`);',
  'DELIMITER ;;',
  "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1;\nSET NEW.b = ';\n'; END ;;",
  'DELIMITER ;',
  'CREATE VIEW `v` AS select 1 AS `a`;',
  '',
].join('\n');

describe('DumpSplitter', () => {
  test('gives statements and rows in the order of the text', () => {
    expect(cut(scriptOf(DUMP), [Buffer.from(DUMP)])).toEqual(
      [
        { what: 'statement at 24', text: 'CREATE TABLE `t` (`a` int, `b` text)' },
        { what: 'rows 1 of t', text: "INSERT INTO `t` VALUES (1,'a;'),(2,'\\'\\\\');\n" },
        { what: 'rows 2 of t', text: "INSERT INTO `t` VALUES (3,'größe;;');" },
        { what: 'rows 3 of t', text: 'REPLACE INTO `t` VALUES (4,NULL);' },
        { what: expect.any(String), text: 'CREATE TABLE `u;\n` (`a` int)' },
        { what: 'rows 4 of t', text: 'INSERT INTO `t` VALUES (5,NULL);' },
        { what: expect.any(String), text: 'ALTER TABLE `t` ADD KEY (`a`)' },
        {
          what: expect.any(String),
          text: "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1;\nSET NEW.b = ';\n'; END ",
        },
        { what: expect.any(String), text: 'CREATE VIEW `v` AS select 1 AS `a`' },
      ].map(({ what, text }) => ({ what, text: Buffer.from(text).toString('latin1') })),
    );
  });

  test('gives the same parts however the text comes', () => {
    const text = Buffer.from(DUMP);
    const whole = cut(scriptOf(DUMP), [text]);

    for (const chunks of everySplit(text)) expect(cut(scriptOf(DUMP), chunks)).toEqual(whole);
  });

  test('is done as soon as nothing more is needed', () => {
    const sql = 'CREATE TABLE `t` (`a` int);\n-- and much more\n';
    const splitter = new DumpSplitter(scriptOf(sql));

    expect([...splitter.push(Buffer.from(sql.slice(0, 20)))]).toEqual([]);
    expect(splitter.isDone).toBe(false);
    expect([...splitter.push(Buffer.from(sql.slice(20, 26)))]).toHaveLength(1);
    expect(splitter.isDone).toBe(true);
  });

  test('replaces what the guard wants replaced', () => {
    const text = Buffer.from('xyz: a `b` c `d`');
    const edits = [
      { start: 107, end: 110, replacement: '`ß`' },
      { start: 113, end: 116, replacement: '' },
    ];

    const place = { start: 100, end: 116, line: 1, charset: 'utf8mb4' };
    expect(edited({ ...place, edits }, text).toString()).toBe('xyz: a `ß` c ');
    expect(edited({ ...place, edits: [] }, text)).toBe(text);
  });
});

// The same texts in every run; the campaign (`split-dumps`) makes others by the thousand.
describe('a splitter and what the guard found, of texts that were changed', () => {
  test.each(DUMPS)('$file', ({ file }) => {
    const next = randomNumbers(20_261_126);
    const original = withMoreRows(readFileSync(dumpFile(file)));
    const texts = [
      original,
      ...Array.from({ length: 15 }, () => mutated(original, (below) => Math.floor(next() * below))),
    ];

    const split = texts.map((text, n) => splitsAsTheGuardReads(text, [1, 7, 300, 20_000][n % 4]!, next));

    expect(split.filter(Boolean).length).toBeGreaterThan(texts.length / 5);
  });
});
