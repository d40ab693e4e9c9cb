import { constants } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LoadPlan } from '../../../../src/sql/script/load-plan.ts';
import type { TextRange } from '../../../../src/sql/lexer/statement.ts';
import { LoadPlanBuilder } from '../../../../src/sql/script/load-plan-builder.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { scriptOf, scriptOrReason } from './some-scripts.ts';

const TABLE = 'CREATE TABLE `t` (`a` int);\n';
const ONE = 'INSERT INTO `t` VALUES (1);\n';
const TWO = 'INSERT INTO `t` VALUES (2);\n';

const textIn =
  (sql: string) =>
  ({ start, end }: TextRange): string =>
    Buffer.from(sql).toString('utf8', start, end);

/** The texts of the runs of rows of all tables. */
function runs(sql: string, script: LoadPlan): readonly string[] {
  return script.tables.flatMap(({ rows }) => rows.map(textIn(sql)));
}

test('leaves a statement that is longer than any string to the stock client', () => {
  const builder = new LoadPlanBuilder();
  const end = constants.MAX_STRING_LENGTH + 1;
  const place = { start: 0, end, textEnd: end - 1, line: 7, charset: 'utf8mb4' };
  builder.add(
    { ...place, endsItsLine: true, shape: 'plain', tokens: [], cut: false, needsLineAt: undefined },
    { kind: 'fine' },
    [],
  );

  expect(builder.finish()).toEqual({
    line: 7,
    reason: 'is longer than 512 MiB, which only the stock client can send',
  });
});

describe.each(DUMPS)('the script of $file', ({ file, tables }) => {
  const sql = readFileSync(dumpFile(file), 'utf8');
  const script = scriptOf(sql);
  const text = textIn(sql);

  test('has every table, its text and its rows', () => {
    expect(script.tables.map(({ name }) => name).sort()).toEqual([...tables].sort());
    for (const { create, namesDatabase, altered } of script.tables) {
      expect(text(create)).toMatch(/^CREATE (?:TABLE|SEQUENCE)/);
      // The default of a column may be `nextval(`shop`.`s1`)`.
      expect(namesDatabase).toBe(text(create).includes('`shop`.'));
      expect(altered).toBe(false);
    }
    const rows = script.tables.find(({ name }) => name === 't')?.rows ?? [];
    expect(rows).toHaveLength(1);
    expect(rows.map(text).join('')).toMatch(/^INSERT INTO `t` .*;$/s);
  });

  test('has every program, with the settings that it was made with', () => {
    const named = script.storedObjects.map(({ kind, name }) => `${kind} ${name}`);

    expect(named.sort()).toEqual([
      'event ev',
      'routine function fu',
      'routine procedure p1',
      'routine procedure pr',
      'trigger trg',
      'trigger trg2',
      'view v',
      'view v2',
    ]);
    const trigger = script.storedObjects.find(({ name }) => name === 'trg');
    expect(trigger).toMatchObject({
      table: 't',
      settings: { sql_mode: expect.stringContaining('STRICT_TRANS_TABLES') },
    });
    const event = script.storedObjects.find(({ kind }) => kind === 'event');
    expect(event?.enable === undefined ? 'none' : text(event.enable)).toMatch(/^(?:ENABLE|none)$/);
  });
});

describe('runs of rows', () => {
  test('INSERTs of a table that stand line behind line are one', () => {
    const sql = TABLE + ONE + TWO + ONE;
    const { tables } = scriptOf(sql);

    expect(tables[0]?.rows).toMatchObject([{ line: 2, statements: 3, settings: {} }]);
    expect(runs(sql, scriptOf(sql))).toEqual([(ONE + TWO + ONE).trimEnd()]);
  });

  test.each([
    ['a comment', '-- note\n'],
    ['a comment that ends like a statement', '-- note;\n'],
    ['a comment of several lines', '/* a;\n b */\n'],
    ['an empty line', '\n'],
    ['an empty statement', ';\n'],
    ['a statement of a version comment without text', '/*!40000 */;\n'],
    ['a line for the client', 'DELIMITER ;\n'],
    ['a USE, which is left out', 'USE `own`;\n'],
    ['a setting of the server, which is left out', "SET @@GLOBAL.GTID_PURGED='x:1';\n"],
    ['a statement about no row', 'UNLOCK TABLES;\n'],
    ['a space', ' '],
  ])('%s between two INSERTs is in neither', (_title, between) => {
    const sql = TABLE + ONE + between + TWO;
    const script = scriptOf(sql, { source: 'own', target: 'live' });

    expect(runs(sql, script)).toEqual([ONE.trimEnd(), TWO.trimEnd()]);
    expect(script.tables[0]?.rows.map(({ statements }) => statements)).toEqual([1, 1]);
  });

  test('rows of several tables in turn are runs of their own', () => {
    const sql = `${TABLE}CREATE TABLE \`u\` (\`a\` int);\n${ONE}INSERT INTO \`u\` VALUES (3);\n${TWO}`;

    expect(runs(sql, scriptOf(sql))).toEqual([ONE.trimEnd(), TWO.trimEnd(), 'INSERT INTO `u` VALUES (3);']);
  });

  test.each([
    ['REPLACE', 'REPLACE INTO `t` VALUES (1);\n'],
    ['INSERT IGNORE', 'INSERT IGNORE INTO `t` VALUES (1);\n'],
    ['rows with settings of their own', `SET time_zone='+01:00';\n${ONE}`],
  ])('%s go in one after the other', (_title, rows) => {
    expect(scriptOf(`SET time_zone='+00:00';\n${TABLE}${rows}`).tables[0]).toMatchObject({ inOrder: true });
  });
});

describe('an INSERT that cannot be found by the ends of lines', () => {
  test.each([
    ['before another end of line', 'INSERT INTO `t` VALUES (1)', ';\r\n'],
    ['before another on its line', 'INSERT INTO `t` VALUES (1)', '; INSERT INTO `t` VALUES (2);\n'],
    ['without a newline at the end', 'INSERT INTO `t` VALUES (1)', ';'],
    ['with an end inside a string', "INSERT INTO `t` VALUES ('a;\nb')", ';\n'],
    ['with an end inside a comment', 'INSERT INTO `t` VALUES (1, -- x;\n2)', ';\n'],
    ['with another delimiter', 'INSERT INTO `t` VALUES (1)', ';;\nDELIMITER ;\n'],
  ])('%s is a run of its own, without its delimiter', (_title, insert, end) => {
    const sql = `${TABLE}${end.startsWith(';;') ? 'DELIMITER ;;\n' : ''}${insert}${end}${TWO}`;
    const script = scriptOf(sql);

    expect(runs(sql, script)[0]).toBe(insert);
    expect(script.tables[0]?.rows[0]).toMatchObject({ byLine: false, statements: 1 });
  });

  test('is one when the name of its table holds an end', () => {
    const sql = 'CREATE TABLE `a;\nb` (`a` int);\nINSERT INTO `a;\nb` VALUES (1);\n';

    expect(runs(sql, scriptOf(sql))).toEqual(['INSERT INTO `a;\nb` VALUES (1)']);
  });
});

describe('what is not scripted', () => {
  test.each([
    [
      'rows of a table whose columns were changed',
      `${TABLE}ALTER TABLE \`t\` MODIFY \`a\` bigint;\n${ONE}`,
      'fills a table whose columns were changed before',
    ],
    ['rows of a table that is not there', ONE, 'fills a table that was not created before'],
    ['a temporary table', 'CREATE TEMPORARY TABLE `t` (`a` int);\n', 'creates a temporary table'],
    ['a table twice', TABLE + TABLE, 'creates a table a second time'],
    ['a filled table that goes', `${TABLE}${ONE}DROP TABLE \`t\`;\n`, 'drops a table that was filled'],
    [
      'a changed table that goes',
      `${TABLE}ALTER TABLE \`t\` ADD KEY (\`a\`);\nDROP TABLE \`t\`;\n${TABLE}`,
      'drops a table that was filled or changed',
    ],
    [
      'a change of an unknown table',
      'ALTER TABLE `t` ADD KEY (`a`);\n',
      'changes a table that was not created',
    ],
    [
      'an index of an unknown table',
      'CREATE INDEX `i` ON `t` (`a`);\n',
      'changes a table that was not created',
    ],
    ['a value of an unknown sequence', 'DO SETVAL(`s`, 1, 0);\n', 'sets a sequence that was not created'],
    ['emptying a table', `${TABLE}${ONE}TRUNCATE TABLE \`t\`;\n`, 'empties a table that was filled before'],
    [
      'another charset in the middle',
      `${TABLE}SET CHARACTER SET latin1;\n${ONE}`,
      'another charset in the middle',
    ],
  ])('%s', (_title, sql, reason) => {
    expect(scriptOrReason(sql)).toEqual({
      line: expect.any(Number),
      reason: expect.stringContaining(reason),
    });
  });
});

test('a table is emptied before it is filled, as it is already', () => {
  for (const sql of ['TRUNCATE TABLE `t`', 'DELETE FROM `t`'])
    expect(scriptOf(`${TABLE}${sql};\n${ONE}`)).toEqual({
      ...scriptOf(TABLE + ONE),
      tables: [expect.objectContaining({ rows: [expect.objectContaining({ statements: 1 })] })],
    });
});

test.each([
  [
    'CREATE TABLE `t` (`a` int AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=500;\nTRUNCATE `t`;\n',
    'count from 1 again',
  ],
  [`${TABLE}DELETE FROM \`t\`;\n${ONE}DELETE FROM \`t\`;\n`, 'empties a table that was filled before'],
])('%j is not left out', (sql, reason) => {
  expect(scriptOrReason(sql)).toMatchObject({ reason: expect.stringContaining(reason) });
});

test('a table is referred to in any case, as some servers compare names', () => {
  const child = 'CREATE TABLE `c` (`a` int, FOREIGN KEY (`a`) REFERENCES `users` (`a`));\n';
  const { tables } = scriptOf(`CREATE TABLE \`Users\` (\`a\` int PRIMARY KEY);\n${child}`);

  expect(tables).toMatchObject([{ referenced: ['a'] }, { referenced: [] }]);
});

test('what is written in another charset is run in it', () => {
  const { tables } = scriptOf(`${TABLE}SET NAMES latin1;\n${ONE}SET NAMES utf8mb4;\n${ONE}`);

  expect(tables).toMatchObject([
    { settings: {}, rows: [{ settings: { character_set_client: 'latin1' } }, { settings: {} }] },
  ]);
});

describe('what is run when the rows are in', () => {
  test.each([
    ['ALTER TABLE `t` ADD KEY `k` (`a`);\n', true],
    ['ALTER TABLE IF EXISTS `t` ADD KEY `k` (`a`);\n', true],
    ['CREATE INDEX `i` ON `t` (`a`);\n', true],
    ['CREATE UNIQUE INDEX `i` USING BTREE ON `t` (`a`);\n', true],
    ['ANALYZE TABLE `t`;\n', false],
  ])('%s', (statement, altered) => {
    const sql = TABLE + statement + ONE;
    const { afterRows, tables } = scriptOf(sql);

    expect(afterRows).toMatchObject([{ table: 't', settings: {} }]);
    expect(afterRows.map((each) => textIn(sql)(each.statement))).toEqual([statement.slice(0, -2)]);
    expect(tables[0]).toMatchObject({ altered });
  });

  test('a sequence gets its value', () => {
    const sql = 'CREATE SEQUENCE `s` start with 1;\nDO SETVAL(`s`, 5, 0);\n';

    expect(scriptOf(sql).tables[0]?.values.map(textIn(sql))).toEqual(['DO SETVAL(`s`, 5, 0)']);
  });

  test('keys are switched on and off for nobody', () => {
    const sql = `${TABLE}/*!40000 ALTER TABLE \`t\` DISABLE KEYS */;\n${ONE}`;

    expect(scriptOf(sql)).toMatchObject({ afterRows: [], tables: [{ altered: false }] });
  });
});

test('knows of each table which columns foreign keys refer to', () => {
  const sql =
    'CREATE TABLE `c` (`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`x`, `y`),\n' +
    'CONSTRAINT `g` FOREIGN KEY (`a`) REFERENCES `other`.`q` (`z`));\n' +
    'CREATE TABLE `p` (`x` int, `y` int, `z` int REFERENCES `p` (`z`));\nCREATE TABLE `q` (`z` int);\n';

  expect(scriptOf(sql).tables).toMatchObject([
    { name: 'c', referenced: [] },
    { name: 'p', referenced: ['x', 'z'] },
    { name: 'q', referenced: ['z'] },
  ]);
});

test('knows of each table which names its constraints have', () => {
  const sql =
    'CREATE TABLE `c` (`a` int, `constraint` int, UNIQUE KEY `u` (`a`),\n' +
    'CONSTRAINT `f``1` FOREIGN KEY (`a`) REFERENCES `p` (`x`), CONSTRAINT `k` CHECK (`a` > 0), FOREIGN KEY (`a`) REFERENCES `p` (`x`));\n' +
    'ALTER TABLE `c`\n  ADD CONSTRAINT g FOREIGN KEY (`a`) REFERENCES `p` (`y`);\n';

  expect(scriptOf(sql).tables[0]?.constraints).toEqual([
    { name: 'f`1', kind: 'foreign key' },
    { name: 'k', kind: 'check' },
    { name: 'g', kind: 'foreign key' },
  ]);
});

describe('statements that name the database', () => {
  const FULL = [
    ['CREATE TABLE', 'CREATE TABLE `live`.`u` (`a` int);\n'],
    ['a foreign key', 'CREATE TABLE `u` (`a` int, FOREIGN KEY (`a`) REFERENCES `live`.`t` (`a`));\n'],
    ['INSERT', 'CREATE TABLE `u` (`a` int);\nINSERT INTO `live`.`u` VALUES (1);\n'],
    ['INSERT of an unquoted name', 'CREATE TABLE `u` (`a` int);\nINSERT INTO live.u VALUES (1);\n'],
    ['ALTER TABLE', 'CREATE TABLE `u` (`a` int);\nALTER TABLE `live`.`u` ADD KEY (`a`);\n'],
    ['CREATE INDEX', 'CREATE TABLE `u` (`a` int);\nCREATE INDEX `i` ON `live`.`u` (`a`);\n'],
    ['ANALYZE', 'CREATE TABLE `u` (`a` int);\nANALYZE TABLE `live`.`u`;\n'],
    ['SETVAL', 'CREATE SEQUENCE `u`;\nDO SETVAL(`live`.`u`, 1, 0);\n'],
  ] as const;

  test.each(FULL)('%s in full: the name is left out, so it goes into any schema', (_title, sql) => {
    for (const [source, target] of [
      ['live', 'live'],
      ['other', 'live'],
      ['live', 'other'],
    ] as const) {
      const [table, ...others] = scriptOf(sql, { source, target }).tables;

      expect(others).toEqual([]);
      expect(table).toMatchObject({ name: 'u', namesDatabase: false });
    }
  });

  test('INSERTs of which the same is left out are one run', () => {
    const sql =
      'CREATE TABLE `u` (`a` int);\nINSERT INTO `live`.`u` VALUES (1);\nINSERT INTO `live`.`u` VALUES (2);\nINSERT  INTO live.u VALUES (3);\nINSERT INTO `u` VALUES (4);\n';

    expect(scriptOf(sql, { source: 'live', target: 'other' }).tables[0]?.rows).toMatchObject([
      { statements: 2, without: { start: 12, end: 19 } },
      { statements: 1, without: { start: 13, end: 18 } },
      { statements: 1, without: undefined },
    ]);
  });

  test('a default that takes values from a sequence in full: not for a schema beside the target', () => {
    const sql = 'CREATE TABLE `u` (`a` int DEFAULT nextval(`live`.`s`));\n';

    for (const source of ['live', 'other'])
      expect(scriptOf(sql, { source, target: 'live' }).tables).toMatchObject([{ namesDatabase: true }]);
  });

  test('those that are dropped or locked first need not be: the schema is empty', () => {
    const sql = `DROP TABLE IF EXISTS \`shop\`.\`t\`;\n${TABLE}LOCK TABLES \`shop\`.\`t\` WRITE;\n${ONE}`;

    expect(scriptOf(sql).tables).toMatchObject([{ namesDatabase: false }]);
  });
});

describe('programs', () => {
  test('a stand-in makes room for the view', () => {
    const sql =
      'CREATE VIEW `v` AS SELECT 1 AS `a`;\nCREATE VIEW `w` AS SELECT 1;\nDROP VIEW IF EXISTS `v`;\n' +
      'CREATE OR REPLACE VIEW `v` AS select `a` from `shop`.`t`;\n';
    const { storedObjects } = scriptOf(sql);

    expect(storedObjects).toMatchObject([
      { kind: 'view', name: 'w', replaces: false },
      { kind: 'view', name: 'v', replaces: true },
    ]);
    expect(storedObjects[1]?.headNames).toEqual([]);
    expect(storedObjects[1]?.ownNames.map(textIn(sql))).toEqual(['`shop`']);
  });

  test('knows a package from its body, and an event by where it is switched on', () => {
    const sql =
      "SET sql_mode='ORACLE';\nDELIMITER ;;\n" +
      'CREATE PACKAGE `p` AS PROCEDURE q(); END ;;\n' +
      'CREATE PACKAGE BODY `p` AS PROCEDURE q() AS BEGIN SELECT 1; END; END ;;\n' +
      'CREATE EVENT IF NOT EXISTS `e` ON SCHEDULE EVERY 1 DAY ENABLE DO SELECT 1 ;;\nDELIMITER ;\n';
    const { storedObjects } = scriptOf(sql);

    expect(storedObjects).toMatchObject([
      { kind: 'routine', name: 'package p' },
      { kind: 'routine', name: 'package body p' },
      { kind: 'event', name: 'e' },
    ]);
    expect(storedObjects.map(({ enable }) => enable && textIn(sql)(enable))).toEqual([
      undefined,
      undefined,
      'ENABLE',
    ]);
  });

  test('what is dropped again is not made', () => {
    const sql =
      'CREATE PROCEDURE `p`() SELECT 1;\nCREATE VIEW `v` AS SELECT 1;\nDROP PROCEDURE `p`;\nDROP VIEW `v`;\n';

    expect(scriptOf(sql).storedObjects).toEqual([]);
  });

  test('remember what the charset of the database was when they were made', () => {
    const sql =
      'ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_swedish_ci;\nCREATE PROCEDURE `p`() SELECT 1;\n';

    expect(scriptOf(sql).storedObjects).toMatchObject([
      { settings: { database: 'character set latin1 collate latin1_swedish_ci' } },
    ]);
  });
});
