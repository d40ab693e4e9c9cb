import { describe, expect, test } from 'vitest';
import { DatabasesReader, type DatabasesReport } from '../../../../src/sql/databases/dump-databases.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { DumpSplitter } from '../../../../src/sql/script/dump-splitter.ts';
import { isSplittable } from '../../../../src/sql/script/load-plan.ts';
import { presetStatements } from '../../../../src/sql/script/session-preset.ts';
import { TextEdits } from '../../../../src/sql/script/text-edits.ts';

const HEAD = [
  "/*!40101 SET NAMES utf8mb4 */;\n/*!40103 SET TIME_ZONE='+00:00' */;",
  "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;",
].join('\n');
const FOOT = '/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n-- Dump completed on 2026-01-01  0:00:00\n';

function file(...lines: readonly string[]): string {
  return [HEAD, ...lines, FOOT].join('\n');
}

function read(text: string, step = text.length, target?: string): DatabasesReport {
  const reader = new DatabasesReader((database) => target ?? database);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return reader.finish();
}

function names(found: DatabasesReport): readonly string[] {
  return found.parts.map(({ database }) => database);
}

function partOf(found: DatabasesReport, name: string) {
  const part = found.parts.find(({ database }) => database === name);
  if (part === undefined) throw new Error(`there is no ${name} among ${names(found).join(', ')}`);
  return part.findings;
}

/** What each is given of the text: a loader of its own, and the stock client. */
interface Loaded {
  readonly preset: readonly string[];
  readonly parts: readonly string[];
  readonly client: string;
}

function loaded(text: string, name: string): Loaded {
  const { script } = partOf(read(text), name);
  if (!isSplittable(script)) throw new Error(script.reason);
  const parts = [...new DumpSplitter(script).push(Buffer.from(text))].map(({ text }) => text.toString());
  return { preset: presetStatements(script.preset), parts, client: forClient(text, name) };
}

/** What the stock client is given, when the file cannot be taken apart. */
function forClient(text: string, name: string): string {
  const odd = `${text}SET CHARACTER SET latin1;\n`;
  const { script, edits } = partOf(read(odd), name);
  expect(isSplittable(script)).toBe(false);
  return Buffer.concat([...new TextEdits(edits).push(Buffer.from(odd))])
    .toString()
    .replace('SET CHARACTER SET latin1;\n', '');
}

const A = [
  'CREATE DATABASE `a`;',
  'USE `a`;',
  'CREATE TABLE t (id INT);',
  "INSERT INTO t VALUES (1,'USE b;');",
];
const B = ['CREATE DATABASE `b` DEFAULT CHARACTER SET latin1;', 'USE `b`;', 'CREATE TABLE u (id INT);'];

describe('a file of several databases', () => {
  test('is taken apart: each has its own tables, and nothing of the others', () => {
    const text = file(...A, ...B);

    const found = read(text);

    expect(names(found)).toEqual(['a', 'b']);
    expect(partOf(found, 'a')).toMatchObject({ inventory: { tables: ['t'] }, complete: true, unsafe: [] });
    expect(partOf(found, 'b')).toMatchObject({ inventory: { tables: ['u'] }, charset: 'latin1', unsafe: [] });
    const [a, b] = [loaded(text, 'a'), loaded(text, 'b')];
    expect(a.parts.join('\n')).toContain("INSERT INTO t VALUES (1,'USE b;')");
    expect(a.parts.join('\n')).not.toContain('CREATE TABLE u');
    expect(b.parts.join('\n')).not.toContain(' t ');
    expect(a.client).not.toContain('TABLE u');
    expect(b.client).not.toContain(' t ');
    for (const { preset, parts, client } of [a, b]) {
      expect(preset).toContain("SET SESSION time_zone = '+00:00'");
      expect(parts.join('\n')).not.toContain('TIME_ZONE');
      expect(client).toContain("TIME_ZONE='+00:00'");
      expect(client).toContain('SET SQL_MODE=@OLD_SQL_MODE');
      expect(client).not.toContain('CREATE DATABASE');
      expect(client.split('\n')).toHaveLength(text.split('\n').length); // lines keep their numbers
    }
  });

  test('does not depend on how it is cut', () => {
    const text = file(...A, ...B, 'USE `a`;', 'CREATE TABLE v (id INT);');
    const whole = read(text);
    for (const step of [1, 7, 64]) expect(read(text, step)).toEqual(whole);
  });

  test('reads one database as a guard of it alone does', () => {
    const text = file(
      ...A,
      'CREATE VIEW v AS SELECT 1;',
      'DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; END ;;\nDELIMITER ;',
    );
    const alone = new DumpReader({ sourceDatabase: 'a', targetDatabase: 'a' });
    alone.push(Buffer.from(text));

    const { bytes: _, edits, statements: _s, longestStatementBytes: _l, ...found } = partOf(read(text), 'a');
    const { bytes: _b, edits: own, statements: _t, longestStatementBytes: _n, ...expected } = alone.finish();

    expect(found).toEqual(expected);
    expect(edits.map((edit) => ({ ...edit, told: undefined }))).toEqual(
      own.map((edit) => ({ ...edit, told: undefined })),
    );
  });

  test('puts the pieces of a database that comes twice together', () => {
    const text = file(...A, ...B, 'USE a;', 'CREATE TABLE v (id INT);', 'INSERT INTO t VALUES (2);');

    const { inventory, rowsWithoutTable } = partOf(read(text), 'a');

    expect(inventory.tables).toEqual(['t', 'v']);
    expect(rowsWithoutTable).toEqual([]);
    expect(loaded(text, 'b').parts.join('\n')).not.toContain('v');
  });

  test('makes a database without using it: what follows stays in the one before', () => {
    const found = read(file(...A, 'CREATE DATABASE c;', 'CREATE TABLE v (id INT);'));

    expect(names(found)).toEqual(['a', 'c']);
    expect(partOf(found, 'a').inventory.tables).toEqual(['t', 'v']);
    expect(partOf(found, 'c').inventory.tables).toEqual([]);
  });

  test('takes names as they are written', () => {
    const found = read(
      file(
        'USE `a``b;c`;',
        'CREATE TABLE t (id INT);',
        'use `ü x` ;',
        'CREATE TABLE u (id INT);',
        'USE `A``B;C`;',
      ),
    );

    expect(names(found)).toEqual(['a`b;c', 'ü x', 'A`B;C']);
    expect(partOf(found, 'ü x').inventory.tables).toEqual(['u']);
  });

  test('takes a USE that ends with its line, as clients do', () => {
    const found = read(file(...A, 'USE b\nCREATE TABLE y (id INT);'));

    expect(partOf(found, 'a').inventory.tables).toEqual(['t']);
    expect(partOf(found, 'b').inventory.tables).toEqual(['y']);
  });

  test('is of its header where no statement says another', () => {
    expect(names(read(`-- Host: localhost    Database: shop\n${file('CREATE TABLE t (id INT);')}`))).toEqual([
      'shop',
    ]);
    expect(names(read(`-- Host: localhost    Database: shop\n${file(...A)}`))).toEqual(['a']);
    expect(
      names(read('-- Database: `one`\nCREATE DATABASE `one`;\nUSE `one`;\n-- Database: `two`\nUSE `two`;\n')),
    ).toEqual(['one', 'two']);
  });

  test('is refused where dumps of one database each stand one behind the other', () => {
    const one = (name: string): string =>
      `-- Host: localhost    Database: ${name}\n${file('CREATE TABLE t (id INT);')}`;

    const found = read(`${one('shop')}${one('blog')}`);

    expect(names(found)).toEqual(['shop']);
    expect(partOf(found, 'shop').unsafe).toMatchObject([
      { line: 8, reason: 'starts another database, but no USE selects it' },
    ]);
  });

  test('says what is in front of the first USE', () => {
    expect(read(file('START TRANSACTION;', ...A)).unnamed).toEqual([]);
    expect(read(file('CREATE TABLE x (id INT);', ...A)).unnamed).toMatchObject([{ line: 4 }]);
    expect(read(file('INSTALL PLUGIN x;', ...A)).unnamed).toMatchObject([{ line: 4 }]);
  });
});

describe('what is between databases', () => {
  test.each([
    '-- USE b;',
    '/* USE b; */',
    "SET @x = 'USE b';",
    '-- Current Database: `b`',
    '# CREATE DATABASE b; USE b;',
  ])('does not choose another: %s', (line) => {
    const found = read(file(...A, line, 'CREATE TABLE v (id INT);', ...B));
    expect(partOf(found, 'a').inventory.tables).toEqual(['t', 'v']);
    expect(partOf(found, 'b').inventory.tables).toEqual(['u']);
  });

  test.each([
    { title: 'a USE for some servers only', line: '/*!99999 USE b */;' },
    { title: "a USE for MariaDB's servers only", line: '/*M!100100 USE b */;' },
    {
      title: 'a USE behind a statement',
      line: 'DELIMITER $$\nCREATE TABLE x (id INT); USE b; $$\nDELIMITER ;',
    },
    {
      title: 'a USE behind code',
      line: 'DELIMITER $$\nCREATE PROCEDURE p() SELECT 1; USE b; $$\nDELIMITER ;',
    },
    {
      title: 'a USE behind code that is refused for something else',
      line: 'DELIMITER $$\nCREATE PROCEDURE p() BEGIN /*M!100100 SELECT 1 */; END; USE b; $$\nDELIMITER ;',
    },
    { title: 'a USE behind rows', line: 'DELIMITER $$\nINSERT INTO t VALUES (2); USE b $$\nDELIMITER ;' },
    {
      title: 'a USE behind rows that are refused for something else',
      line: 'DELIMITER $$\nINSERT INTO t VALUES (f(2)); USE b $$\nDELIMITER ;',
    },
    { title: 'a USE behind a SET', line: 'DELIMITER $$\nSET @x = 1; USE b; $$\nDELIMITER ;' },
    { title: 'a USE of more than a name', line: 'USE b b;' },
    { title: 'a short command of the client', line: '\\u b' },
    { title: 'a mode that cannot be followed', line: 'SET sql_mode = CONCAT(@@sql_mode, @@version);' },
    {
      title: 'a mode for all sessions and this one',
      line: "SET GLOBAL sql_mode = 'ANSI_QUOTES', SESSION sql_mode = CONCAT(@@sql_mode, @@version);",
    },
    { title: 'a saved mode that cannot be followed', line: 'SET GLOBAL foo = 1, @m = (SELECT 1);' },
    {
      title: 'a zone of the session among those of the server',
      line: "SET GLOBAL foo = 1, SESSION time_zone = '+02:00';",
    },
    {
      title: 'a DROP DATABASE of the one in use, for some servers only',
      line: 'USE c;\n/*M!100100 DROP DATABASE c */;\nCREATE TABLE t (id INT);\nCREATE DATABASE c;',
    },
    { title: 'a database that is dropped and never made', line: 'DROP DATABASE prod;' },
  ])('refuses the whole file for $title', ({ line }) => {
    const found = read(file(...A, line, ...B));
    for (const { database, findings } of found.parts) expect(findings.unsafe, database).not.toEqual([]);
  });

  test.each([
    'GRANT ALL ON *.* TO x;',
    'INSERT INTO `user` SELECT 1;',
    'SET GLOBAL general_log = 1;',
    'CREATE FUNCTION f RETURNS INT SONAME "x.so";',
    'LOAD DATA INFILE "x" INTO TABLE x;',
    'INSERT INTO b.u VALUES (1);',
  ])('is of its part alone: %s', (line) => {
    const found = read(file(...B, 'USE mysql;', line, ...A));

    expect(partOf(found, 'a').unsafe).toEqual([]);
    expect(partOf(found, 'b').unsafe).toEqual([]);
    expect(loaded(file(...B, 'USE mysql;', line, ...A), 'a').client).not.toContain(line);
  });

  test('is refused where it is meant for the database that is taken', () => {
    expect(partOf(read(file(...A, 'INSERT INTO b.u VALUES (1);', ...B)), 'a').unsafe).toMatchObject([
      { reason: 'writes rows into b.u, in another database' },
    ]);
  });

  test('holds for all that follows: settings that one part makes and does not take back', () => {
    const text = file(...A, "SET sql_mode = 'ANSI_QUOTES';", ...B, 'CREATE TABLE "v" ("x" INT);');

    const found = partOf(read(text), 'b');

    expect(found.inventory.tables).toEqual(['u', 'v']);
    expect(loaded(text, 'b').client).toContain("SET sql_mode = 'ANSI_QUOTES';");
    if (!isSplittable(found.script)) throw new Error(found.script.reason);
    expect(found.script.tables.map(({ settings }) => settings)).toEqual([
      { sql_mode: "'ANSI_QUOTES'" },
      { sql_mode: "'ANSI_QUOTES'" },
    ]);
  });

  test('is refused where a database that holds something is made anew', () => {
    const found = read(file(...A, 'CREATE OR REPLACE DATABASE a;', 'CREATE TABLE v (id INT);', ...B));

    expect(partOf(found, 'a').unsafe).toMatchObject([{ reason: 'drops a whole database' }]);
    expect(partOf(found, 'b').unsafe).toEqual([]);
  });

  test('is of its part alone: the charset that a database is given for its routines', () => {
    const text = file(
      ...A,
      'ALTER DATABASE a CHARACTER SET latin1;\nCREATE PROCEDURE p() SELECT 1;\nALTER DATABASE a CHARACTER SET utf8mb4;',
      ...B,
      'CREATE PROCEDURE q() SELECT 1;',
      'USE a;',
      'CREATE PROCEDURE r() SELECT 1;',
    );

    const settings = (name: string) => {
      const { script } = partOf(read(text), name);
      if (!isSplittable(script)) throw new Error(script.reason);
      return [...script.tables, ...script.storedObjects].map((each) => [each.name, each.settings]);
    };

    expect(settings('a')).toEqual([
      ['t', {}],
      ['procedure p', { database: 'character set latin1' }],
      ['procedure r', { database: 'character set utf8mb4' }],
    ]);
    expect(settings('b')).toEqual([
      ['u', {}],
      ['procedure q', {}],
    ]);
  });

  test('is made fit for the stock client for every database: what a SET in one part has in it', () => {
    const text = file(...A, "SET @x = 'x\\\ny';", ...B);

    for (const name of ['a', 'b']) expect(loaded(text, name).client, name).toContain("SET @x = 'x\ny';");
  });

  test('is made fit for the stock client: the first statement behind a header', () => {
    const text = file("-- Host: x    Database: a\nCREATE TABLE t (id INT COMMENT 'x\\\ny');", ...B);

    expect(loaded(text, 'a').client).toContain("COMMENT 'x\ny'");
  });

  test('keeps the delimiter of the stock client in step', () => {
    const text = file(
      'USE a;',
      'DELIMITER ;;\nSET @x = 1 ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; END ;;\nUSE b ;;\nCREATE PROCEDURE q() BEGIN SELECT 2; END ;;\nDELIMITER ;',
      'CREATE TABLE u (id INT);',
      'USE a;',
      'CREATE TABLE t (id INT);',
    );

    const client = (name: string): string =>
      forClient(text, name)
        .replaceAll(/\n+/g, '\n')
        .slice(HEAD.length + 1);

    expect(client('a')).toBe(
      `DELIMITER ;;\nSET @x = 1 ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; END ;;\nDELIMITER ;\nCREATE TABLE t (id INT);\n${FOOT}`,
    );
    expect(client('b')).toBe(
      `DELIMITER ;;\nSET @x = 1 ;;\nCREATE PROCEDURE q() BEGIN SELECT 2; END ;;\nDELIMITER ;\nCREATE TABLE u (id INT);\n${FOOT}`,
    );
  });
});

test('takes no more memory for many databases in many pieces than for few', () => {
  const count = 4_000;
  const lines = Array.from({ length: count }, (_, index) => `USE d${index};\nSET @x = 1;\n`);
  const text = file(...A, ...lines, 'SET CHARACTER SET latin1;');
  const before = process.memoryUsage().heapUsed;

  const found = read(text);

  expect(found.parts).toHaveLength(count + 1);
  // Each has an edit for each other one: these are 16 million.
  expect(partOf(found, 'd7').edits.length).toBeGreaterThan(count - 10);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(500_000_000);
});

describe('the header of another database', () => {
  const HEADER_B = '-- Host: localhost    Database: b';
  const TABLES_B = 'DROP TABLE IF EXISTS t;\nCREATE TABLE t (id INT);';

  test.each([
    { title: 'behind a part that a USE chose', lines: [...A, HEADER_B, TABLES_B] },
    {
      title: 'behind a part that a header chose',
      lines: ['-- Host: localhost    Database: a', 'CREATE TABLE t (id INT);', HEADER_B, TABLES_B],
    },
  ])('refuses the file $title: clients would mix the two', ({ lines }) => {
    const found = read(file(...lines));

    expect(names(found)).toEqual(['a']);
    expect(partOf(found, 'a').unsafe).toMatchObject([
      { text: HEADER_B, reason: 'starts another database, but no USE selects it' },
    ]);
  });

  test.each([
    { title: 'a USE behind it', lines: [...A, HEADER_B, ...B] },
    {
      title: 'a USE behind it, in a file that began with a header alone',
      lines: ['-- Host: localhost    Database: a', 'CREATE TABLE t (id INT);', HEADER_B, ...B],
    },
    { title: 'nothing behind it', lines: [...B, ...A, HEADER_B, 'SET @x = 1;'] },
    {
      title: 'a USE right in front of it, of whoever renames the database',
      lines: ['USE a;', '-- Host: localhost    Database: old', 'CREATE TABLE t (id INT);', ...B],
    },
  ])('is fine with $title', ({ lines }) => {
    const found = read(file(...lines));

    expect(partOf(found, 'a')).toMatchObject({ unsafe: [], inventory: { tables: ['t'] } });
    expect(partOf(found, 'b')).toMatchObject({ unsafe: [], inventory: { tables: ['u'] } });
  });

  test('comes in the place of one that holds nothing', () => {
    const found = read(file('-- Host: localhost    Database: a', HEADER_B, TABLES_B));

    expect(names(found)).toEqual(['b']);
  });
});

describe('a file that is cut off', () => {
  test('is incomplete for every database, and cannot be parsed as SQL for the one that was cut', () => {
    const found = read([HEAD, ...A, ...B, "INSERT INTO u VALUES ('x"].join('\n'));

    expect(found.complete).toBe(false);
    expect(partOf(found, 'a')).toMatchObject({ complete: false, malformed: undefined });
    expect(partOf(found, 'b').malformed).toMatchObject({ reason: 'a quote opened here is never closed' });
  });
});
