import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../src/sql/dump-reader.ts';

/** What the guard says of each statement of a text that is restored into shop: nothing, or why not. */
function reasons(sql: string | Buffer): string[] {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(typeof sql === 'string' ? Buffer.from(sql) : sql);
  const { unsafe, malformed } = reader.finish();
  return [...unsafe.map(({ reason }) => reason), ...(malformed === undefined ? [] : [malformed.reason])];
}

const TRIGGER = 'CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1;\n';

describe('forms that other programs write', () => {
  test.each([
    'CREATE INDEX `i` ON `t` (`a`);\n',
    'CREATE UNIQUE INDEX `i` USING BTREE ON `shop`.`t` (`a`);\n',
    'CREATE FULLTEXT INDEX IF NOT EXISTS `i` ON `t` (`a`);\n',
    'CREATE TABLE `t` (`select` char(9), `sleep` text, KEY `k` (`select`(3),`sleep`(5)), KEY `select` (`select`));\n',
    'CREATE INDEX `i` ON `select` (`select`(3));\n',
    'CREATE SEQUENCE IF NOT EXISTS `s` start with 1;\n',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT;\n',
    'DROP TABLE IF EXISTS `a`, `shop`.`b`;\n',
    'DROP VIEW IF EXISTS `v`;\n',
    'ALTER TABLE IF EXISTS `t` ADD KEY `k` (`a`);\n',
    'TRUNCATE `t`;\n',
    'TRUNCATE TABLE `shop`.`t`;\n',
    "CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (_latin1 'x', N'y', \\N, +1, NULL);\n",
    'CREATE DEFINER=a@b.view VIEW v AS SELECT 1;\n',
    'CREATE DEFINER = `a`@`b` VIEW `shop`.`v` AS SELECT 1;\n',
    'CREATE DEFINER=a@10.0.0.1 PROCEDURE p() SELECT 1;\n',
    'CREATE DEFINER=CURRENT_USER() EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;\n',
    'CREATE DEFINER=`role` AGGREGATE FUNCTION IF NOT EXISTS f(x int) RETURNS int RETURN 1;\n',
    'CREATE OR REPLACE DEFINER=`a`@`%` PACKAGE BODY `p` AS END;\n',
    'CREATE OR REPLACE ALGORITHM=MERGE DEFINER=view@`b` SQL SECURITY INVOKER VIEW v AS SELECT 1;\n',
    'CREATE SQL SECURITY DEFINER JSON RELATIONAL DUALITY VIEW v AS SELECT 1;\n',
    'CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1));\n',
    'CREATE TABLE t (a int) /*!50100 PARTITION BY LIST (a) (PARTITION p VALUES IN (1)) */;\n',
    'CREATE TABLE t (a int, KEY `sleep` (a), FOREIGN KEY `k` (a) REFERENCES `shop`.`benchmark` (a));\n',
    'CREATE TABLE t (a int DEFAULT nextval(`shop`.`s`), b int /*!80023 INVISIBLE */ CHECK (b > 0));\n',
    'CREATE TABLE t (a text, b text GENERATED ALWAYS AS (oracle_schema.lpad(a, 9)));\n',
    'ALTER TABLE t ADD CONSTRAINT `f` FOREIGN KEY (a) REFERENCES `u` (a);\n',
    'CREATE TABLE t (engine varchar(10)) ENGINE InnoDB;\nINSERT INTO t VALUES (1);\n',
    "INSERT INTO `t` VALUES (_binary 0xAB, x'00', 1e5, 1.5E-7, .5e+3, 0b1, -.5, NULL),(_utf8mb4\n'a', 1);\n",
    'INSERT INTO `t` VALUES ROW(1,2), ROW (3,4);\n',
    "INSERT INTO `t` VALUES (unhex('00'), cast('{}' as json), convert('a' using utf8), inf, nan, char(65));\n",
    "INSERT INTO `t` VALUES (CONV('1', 2, 10) + 0, CONVERT(b'1', UNSIGNED), cast('-1' as signed));\n",
    'INSERT INTO `shop`.`t` (`a`) VALUES (1) ON DUPLICATE KEY UPDATE `a`=VALUES(`a`), `b`=DEFAULT(`b`);\n',
    // A stand-in for a view, and the view.
    'CREATE TABLE `v` (`a` int);\nINSERT INTO `t` VALUES (1);\nDROP TABLE IF EXISTS `v`;\nDROP VIEW IF EXISTS `v`;\nCREATE VIEW `v` AS SELECT 1;\n',
    'CREATE VIEW `v` AS SELECT 1;\nDROP VIEW `v`;\nCREATE TABLE IF NOT EXISTS `v` (`a` int);\nINSERT INTO `v` VALUES (1);\n',
    `${TRIGGER}DROP TRIGGER IF EXISTS \`r\`;\nINSERT INTO \`t\` VALUES (1);\n`,
  ])('%j is fine', (sql) => {
    expect(reasons(sql)).toEqual([]);
  });
});

describe('calls of what the dump may have made', () => {
  test.each([
    "_f(),''",
    '_f (1)',
    '_utf8mb4/**/(1)',
    'inf()',
    'nan()',
    'utf8()',
    'NULL.f(1)',
    'NULL.1e(5)',
    'date.1e(5)',
    '_prod.0x1()',
    '`prod`.0x1()',
    '_prod .1e(5)',
    '1e(5)',
    '.1e(5)',
    '0x()',
    '0X1()',
    '0b()',
  ])('%j is refused among rows', (row) => {
    expect(reasons(`INSERT INTO \`t\` VALUES (${row});\n`)).toHaveLength(1);
  });
});

describe('rows that may lead elsewhere', () => {
  const view = 'CREATE VIEW `v` AS SELECT 1;\n';
  const remote = "CREATE TABLE `t` (`a` int) ENGINE=FEDERATED CONNECTION='x';\n";
  const rows = 'INSERT INTO `t` VALUES (1);\n';
  test.each([
    [`${TRIGGER}DROP TEMPORARY TABLE IF EXISTS \`t\`;\n${rows}`, 'creating a trigger'],
    [`${TRIGGER}DROP TABLE IF EXISTS \`t\`;\n${rows}`, 'creating a trigger'],
    [`${TRIGGER}/*!99999 DROP TRIGGER \`r\` */;\n${rows}`, 'creating a trigger'],
    [`${TRIGGER}DROP TRIGGER IF EXISTS \`s\`;\n${rows}`, 'creating a trigger'],
    [`${TRIGGER}INSERT INTO \`T\` VALUES (1);\n`, 'creating a trigger'],
    [`${remote}/*!99999 DROP TABLE \`t\` */;\n${rows}`, 'stored elsewhere'],
    [`${remote}DROP TEMPORARY TABLE IF EXISTS \`t\`;\n${rows}`, 'stored elsewhere'],
    [`${remote}INSERT INTO T VALUES (1);\n`, 'stored elsewhere'],
    [
      `${view}CREATE TABLE IF NOT EXISTS \`v\` (\`a\` int);\nINSERT INTO \`v\` VALUES (1);\n`,
      'through a view',
    ],
    [`${view}/*!99999 DROP VIEW \`v\` */;\nINSERT INTO \`v\` VALUES (1);\n`, 'through a view'],
    [`${view}INSERT INTO \`V\` VALUES (1);\n`, 'through a view'],
  ])('%j is refused', (sql, reason) => {
    expect(reasons(sql)).toEqual([expect.stringContaining(reason)]);
  });
});

describe('a routine that seems to go on', () => {
  const end = '; DROP DATABASE prod;;\nDELIMITER ;\n';
  test.each([
    `SET NAMES latin1;\nDELIMITER ;;\nCREATE PROCEDURE p() BEGIN END\xa0${end}`,
    `SET NAMES latin1;\nDELIMITER ;;\nCREATE PROCEDURE p() REPEAT SET @a=1; UNTIL 1\xa0END REPEAT${end}`,
    `SET NAMES latin1;\nDELIMITER ;;\nCREATE PROCEDURE p() REPEAT SET @a=1; UNTIL ${'a'.repeat(64)}\xa0END REPEAT${end}`,
    `SET sql_mode=ORACLE;\nDELIMITER ;;\nCREATE PROCEDURE shop.as AS BEGIN END${end}`,
    `SET sql_mode=ORACLE;\nDELIMITER ;;\nCREATE PROCEDURE as AS BEGIN END${end}`,
    `SET sql_mode=ORACLE;\nDELIMITER ;;\nCREATE PACKAGE BODY as AS BEGIN END${end}`,
  ])('%j is refused', (sql) => {
    expect(reasons(Buffer.from(sql, 'latin1'))).not.toEqual([]);
  });

  test.each([
    'DELIMITER ;;\nCREATE PROCEDURE p() BEGIN DECLARE à INT; END;;\nDELIMITER ;\n',
    'SET sql_mode=ORACLE;\nDELIMITER ;;\nCREATE PROCEDURE p AS x INT; BEGIN NULL; END;;\nDELIMITER ;\n',
    'SET sql_mode=ORACLE;\nDELIMITER ;;\nCREATE PACKAGE BODY p AS x INT; BEGIN NULL; END;;\nDELIMITER ;\n',
  ])('%j is fine', (sql) => {
    expect(reasons(sql)).toEqual([]);
  });
});

describe('forms that no dump program writes', () => {
  test.each([
    ['CREATE INDEX `i` ON `other`.`t` (`a`);\n', 'other'],
    ['CREATE INDEX `i`;\n', ''],
    ["CREATE SERVER `s` FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h');\n", 'creates a server'],
    ['CREATE SEQUENCE `other`.`s`;\n', 'other'],
    ['START SLAVE;\n', 'changes replication'],
    ['START TRANSACTION READ ONLY;\n', ''],
    ['DROP DATABASE `shop`;\n', 'drops a whole database'],
    ["DROP USER 'x'@'%';\n", 'drops a user'],
    ['DROP TABLE `other`.`t`;\n', 'other'],
    ['DROP TABLE 1;\n', ''],
    ["ALTER USER root IDENTIFIED BY 'x';\n", 'changes a user'],
    ['ALTER TABLE `other`.`t` ADD KEY `k` (`a`);\n', 'other'],
    ['TRUNCATE TABLE `other`.`t`;\n', 'other'],
    ['DELETE `t` FROM `t`, `u`;\n', ''],
    ["CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (load_file('/etc/passwd'));\n", ''],
    [
      'CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (/*!80099 (select 1) */);\n',
      'has rows that some servers skip because of a version comment',
    ],
    ['CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES ((SELECT 1));\n', ''],
    ['\\! ls\n', 'outside quotes is a client command'],
    ['COMMIT;\n--\x0bx\n', 'a comment that servers and clients see in different places'],
    ['CREATE OR REPLACE DEFINER=a@b.view VIEW prod.v AS SELECT 1;\n', 'prod.v'],
    ['CREATE DEFINER=a@view.b VIEW prod.v AS SELECT 1;\n', 'prod.v'],
    ['CREATE DEFINER=a@ TRIGGER event BEFORE INSERT ON prod.t FOR EACH ROW SET @a = 1;\n', ''],
    ['CREATE SQL SECURITY view VIEW prod.v AS SELECT 1;\n', ''],
    [`CREATE DEFINER=a@b${'.c'.repeat(300)} VIEW v AS SELECT 1;\n`, ''],
    ["CREATE LIBRARY prod.function LANGUAGE JAVASCRIPT AS 'x';\n", 'library'],
    ["CREATE LIBRARY l LANGUAGE JAVASCRIPT AS 'export function f() {}';\n", 'library'],
    ['CREATE TABLE t (a int) AS VALUES ROW(prod.f());\n', 'fills a table by a query'],
    ['CREATE TABLE t (a int) AS VALUES (f());\n', 'fills a table by a query'],
    ['CREATE TABLE t (a int) AS VALUES /*!99999 IN */ (f());\n', 'version comments'],
    ['CREATE TABLE t (a int DEFAULT (`prod`.`f`(1)));\n', 'calls a routine'],
    ['CREATE TABLE t (a int DEFAULT (prod./*!99999 x */f(1)));\n', 'version comments'],
    ["CREATE TABLE t (a text DEFAULT (`load_file`('/etc/passwd')));\n", 'reads a file'],
    ["ALTER TABLE t ADD a text DEFAULT (`LOAD_FILE` ('/etc/passwd'));\n", 'reads a file'],
    ['CREATE INDEX i ON t ((prod.f(a)));\n', 'calls a routine'],
    ['CREATE TABLE t (a int) ENGINE CONNECT;\nINSERT INTO t VALUES (1);\n', 'elsewhere'],
    [
      "CREATE TABLE t (a int) PARTITION BY HASH (a) (PARTITION p ENGINE 'Spider');\nINSERT INTO t VALUES (1);\n",
      'elsewhere',
    ],
  ])('%j is refused', (sql, reason) => {
    const [first, ...others] = reasons(sql);

    expect(first).toContain(reason);
    expect(others.length).toBeLessThan(3);
  });
});

test('a name whose letters cannot be told is refused, in a charset that cannot be read', () => {
  const dump = (charset: string, name: string) =>
    `SET NAMES ${charset};\nCREATE TABLE \`${name}\` (a int);\n`;

  expect(reasons(dump('cp850', 'é'))).toEqual([expect.stringContaining('a name in the charset cp850')]);
  expect(reasons(dump('cp850', 'plain'))).toEqual([]);
  expect(reasons(dump('latin1', 'é'))).toEqual([]);
});
