import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../src/model/dump-guard.ts';

/** What the guard says of each statement of a text that is restored into shop: nothing, or why not. */
function reasons(sql: string): string[] {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(sql));
  const { unsafe, malformed } = reader.finish();
  return [...unsafe.map(({ reason }) => reason), ...(malformed === undefined ? [] : [malformed.reason])];
}

describe('forms that other programs write', () => {
  test.each([
    'CREATE INDEX `i` ON `t` (`a`);\n',
    'CREATE UNIQUE INDEX `i` USING BTREE ON `shop`.`t` (`a`);\n',
    'CREATE FULLTEXT INDEX IF NOT EXISTS `i` ON `t` (`a`);\n',
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
      'has rows that some servers skip, by a version comment',
    ],
    ['CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES ((SELECT 1));\n', ''],
    ['\\! ls\n', 'outside quotes is a command to the client program'],
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
