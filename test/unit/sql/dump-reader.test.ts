import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { objectNamed } from '../../../src/sql/definitions/database-object.ts';
import { DumpReader } from '../../../src/sql/dump-reader.ts';
import { type DumpReport, type GuardOptions } from '../../../src/sql/dump-report.ts';

const DUMPS = new URL('../../fixtures/dumps/', import.meta.url);
const FOR_SHOP: GuardOptions = { sourceDatabase: 'shop', targetDatabase: 'shop' };

describe('tables of MySQL 4', () => {
  test.each([
    ['CREATE TABLE `t` (\n  `a` int\n) TYPE=MyISAM;\n', { line: 3, engine: 'MyISAM' }],
    ['CREATE TABLE t (a int) type = InnoDB;\n', { line: 1, engine: 'InnoDB' }],
    ['CREATE TABLE `t` (`type` int, `b` varchar(9) COMMENT ") TYPE=x") ENGINE=MyISAM;\n', undefined],
    ["INSERT INTO `t` VALUES (') TYPE=MyISAM');\n", undefined],
  ])('are known by TYPE in %j', (sql, oldEngine) => {
    expect(read(sql, FOR_SHOP).oldEngine).toEqual(oldEngine);
  });
});

describe('DumpReader on what dump programs write', () => {
  test.each(readdirSync(DUMPS).filter((name) => !name.includes('two-databases')))(
    'finds nothing in %s',
    (name) => {
      const findings = read(readFileSync(new URL(name, DUMPS)), FOR_SHOP);

      expect(findings).toMatchObject({
        unsafe: [],
        warnings: [],
        malformed: undefined,
        looksLike: undefined,
      });
      expect(findings).toMatchObject({ complete: true, databases: ['shop'], rowsWithoutTable: [] });
    },
  );

  test.each(['mariadb-10.11.sql', 'mariadb-11.8.sql', 'mysql-9.7.sql'])('lists what %s creates', (name) => {
    const { inventory } = read(readFileSync(new URL(name, DUMPS)), FOR_SHOP);

    expect(inventory.tables).toEqual(
      name.startsWith('mysql')
        ? ['c', 'inv', 'p', 't', 'we`ird; name']
        : ['c', 'p', 's1', 'sv', 't', 'we`ird; name'],
    );
    expect(inventory).toMatchObject({
      views: ['v', 'v2'],
      routines: ['function fu', 'procedure p1', 'procedure pr'],
      triggers: ['trg', 'trg2'],
      events: ['ev'],
    });
  });

  test('names both databases of a dump of two, and the lines of the second', () => {
    const findings = read(readFileSync(new URL('mariadb-11.8-two-databases.sql', DUMPS)), FOR_SHOP);

    expect(findings.databases).toEqual(['shop', 'stock']);
    expect(findings.unsafe.map(({ text }) => text)).toContain('USE `stock`');
  });

  test.each<{ title: string; sql: string }>([
    {
      title: 'client commands in strings',
      sql: "INSERT INTO `t` VALUES ('\\\\! touch x','\nsystem ls\n','; DROP DATABASE x;');",
    },
    { title: 'client commands in quoted names', sql: 'INSERT INTO `\\! ;t` VALUES (1);' },
    {
      title: 'client commands in comments',
      sql: "-- \\! ls\n# system ls\n/* \\! ls; it's */\nUNLOCK TABLES;",
    },
    {
      title: 'binary text',
      sql: "INSERT INTO `t` VALUES (_binary '\0\\0\\'\\Z\x01;--'),(0xFF00),(x'00'),(b'101'),(-1e5),(1.5E-3);",
    },
    {
      title: 'client words inside a routine',
      sql: 'DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\nsource: LOOP\nLEAVE source;\nEND LOOP;\nEND//\nDELIMITER ;\n',
    },
    {
      title: 'a routine that writes files and other databases',
      sql: 'DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1 INTO OUTFILE "/tmp/x"; DELETE FROM other.t; END$$\nDELIMITER ;\n',
    },
    {
      title: 'the moment among rows',
      sql: 'INSERT INTO t VALUES (now(), NOW(6), CURDATE(), current_timestamp, CURRENT_TIMESTAMP(3), utc_date(), sysdate(), localtime),\n(DATE_ADD(NOW(), INTERVAL 2 HOUR), NOW() - INTERVAL 1 DAY, unix_timestamp(), from_unixtime(1), .5, -.5, 1.5e3, str_to_date("1", "%d"), date(now()));',
    },
    { title: 'a view of another database', sql: 'CREATE VIEW `v` AS select * from `other`.`t`;' },
    {
      title: 'a foreign key into another database',
      sql: 'CREATE TABLE `t` (`a` int, FOREIGN KEY (`a`) REFERENCES `other`.`t` (`a`));',
    },
    {
      title: "phpMyAdmin's header and rows",
      sql: 'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\nSET time_zone = "+00:00";\nINSERT INTO `t` (`a`, `b`) VALUES\n(1, ST_GeomFromText(\'POINT(1 1)\')),\n(2, NULL);\nALTER TABLE `t`\n  ADD PRIMARY KEY (`a`), MODIFY `a` int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;\nCOMMIT;\n',
    },
    {
      title: "HeidiSQL's header",
      sql: "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;\nDELETE FROM `t`;\n",
    },
    {
      title: "Percona's bulk load switch",
      sql: "/*!50112 SELECT COUNT(*) INTO @is_rocksdb_supported FROM INFORMATION_SCHEMA.SESSION_VARIABLES */;\n/*!50112 SET @save_old_rocksdb_bulk_load = IF (@is_rocksdb_supported, 'SET SESSION rocksdb_bulk_load=1', 'SET @d = 0') */;\n/*!50112 PREPARE s FROM @save_old_rocksdb_bulk_load */;\n/*!50112 EXECUTE s */;\n/*!50112 DEALLOCATE PREPARE s */;\n",
    },
    { title: 'USE without a semicolon', sql: 'USE shop\nUNLOCK TABLES;\n' },
    {
      title: 'Windows line ends',
      sql: "DELIMITER ;;\r\nCREATE PROCEDURE p() BEGIN SELECT 1; END ;;\r\nDELIMITER ;\r\nINSERT INTO `t` VALUES ('a\r\nb');\r\n",
    },
    {
      title: 'a view stand-in',
      sql: '/*!50001 CREATE TABLE `v` (`a` tinyint NOT NULL) ENGINE=MyISAM */;\n/*!50001 DROP TABLE IF EXISTS `v`*/;\n/*!50001 CREATE VIEW `v` AS select 1 AS `a` */;\n',
    },
    {
      title: 'backslashes that are none',
      sql: "SET sql_mode='NO_BACKSLASH_ESCAPES';\nINSERT INTO `t` VALUES ('c:\\'),('; DROP DATABASE x');\n",
    },
    {
      title: 'names in double quotes',
      sql: 'SET sql_mode=\'ANSI_QUOTES\';\nCREATE TABLE "t" ("a;" int);\nINSERT INTO "t" VALUES (1);\n',
    },
    {
      title: 'a table in the target by its full name',
      sql: 'DROP TABLE IF EXISTS `shop`.`t`;\nCREATE TABLE `shop`.`t` (`a` int);\n',
    },
    {
      title: 'a sequence',
      sql: 'CREATE SEQUENCE `s` start with 1 minvalue 1 increment by 1 ENGINE=InnoDB;\nSELECT SETVAL(`s`, 1, 0);\nDO SETVAL(`s`, 1, 0);\n',
    },
  ])('lets $title pass', ({ sql }) => {
    const { unsafe, malformed } = read(sql, FOR_SHOP);

    expect(unsafe).toEqual([]);
    expect(malformed).toBeUndefined();
  });
});

describe('DumpReader on what reaches outside', () => {
  test.each<{ sql: string; line?: number; reason: RegExp }>([
    // Client commands.
    { sql: 'UNLOCK TABLES;\n\\! touch canary\n', line: 2, reason: /client command/ },
    { sql: 'UNLOCK TABLES; \\! touch canary\n', reason: /client command/ },
    { sql: '/*!50000 \\! touch canary */;\n', reason: /client command/ },
    { sql: '-- a comment\n\\! touch canary\n', line: 2, reason: /client command/ },
    { sql: 'DELIMITER //\n\\! touch canary\n//\nDELIMITER ;\n', line: 2, reason: /client command/ },
    { sql: 'INSERT INTO `t` VALUES (1) \\! touch canary\n;\n', reason: /client command/ },
    { sql: '\\. /etc/passwd\n', reason: /client command/ },
    { sql: '\\r shop evil.example\n', reason: /client command/ },
    ...[
      'system ls',
      'SOURCE /tmp/x',
      'connect shop evil',
      'tee /tmp/x',
      'pager sh',
      'edit',
      '  source x',
    ].map((sql) => ({
      sql: `UNLOCK TABLES;\n${sql}\n`,
      line: 2,
      reason: /client command/,
    })),
    { sql: 'UNLOCK TABLES; system ls;\n', reason: /client command/ },
    { sql: '/* x */ source x;\n', reason: /client command/ },
    // DELIMITER.
    { sql: 'DELIMITER \\!\n', reason: /DELIMITER/ },
    { sql: "DELIMITER '\n", reason: /DELIMITER/ },
    { sql: 'DELIMITER abc\n', reason: /DELIMITER/ },
    { sql: 'UNLOCK TABLES; DELIMITER //\n;', reason: /DELIMITER/ },
    {
      sql: 'DELIMITER //\nCREATE PROCEDURE p() SELECT 1; DROP DATABASE x //\nDELIMITER ;\n',
      line: 2,
      reason: /second statement/,
    },
    {
      sql: 'DELIMITER //\nCREATE VIEW v AS SELECT 1; DROP DATABASE x //\nDELIMITER ;\n',
      line: 2,
      reason: /second statement/,
    },
    {
      sql: 'DELIMITER //\nINSERT INTO `t` VALUES (1);\nDROP DATABASE x //\nDELIMITER ;\n',
      line: 2,
      reason: /second statement/,
    },
    {
      sql: 'DELIMITER //\nUNLOCK TABLES;\nDROP DATABASE x //\nDELIMITER ;\n',
      line: 3,
      reason: /second statement/,
    },
    {
      sql: 'DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1 AS begin; END; DROP DATABASE x //\nDELIMITER ;\n',
      line: 2,
      reason: /second statement/,
    },
    // Files, programs, the server.
    { sql: "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;", reason: /reads a file/ },
    { sql: "LOAD XML INFILE '/etc/passwd' INTO TABLE t;", reason: /reads a file/ },
    { sql: "SELECT 1 INTO OUTFILE '/tmp/x';", reason: /query/ },
    { sql: "CREATE TABLE t (a int) SELECT 1 INTO OUTFILE '/tmp/x';", reason: /query/ },
    { sql: 'CREATE TABLE t SELECT * FROM other.t;', reason: /query/ },
    { sql: "INSERT INTO t VALUES (1,\n LOAD_FILE('/etc/passwd'));", line: 2, reason: /reads a file/ },
    { sql: 'INSERT INTO t VALUES ((SELECT password FROM mysql.user));', reason: /from a query/ },
    { sql: 'INSERT INTO t VALUES (f(1));', reason: /calls a routine/ },
    { sql: 'INSERT INTO t VALUES (now (1));', reason: /more than plain values/ },
    { sql: 'INSERT INTO t VALUES (curdate/**/());', reason: /more than plain values/ },
    { sql: 'INSERT INTO t VALUES (cast\n(1 AS char));', reason: /more than plain values/ },
    { sql: 'INSERT INTO t VALUES (other.now());', reason: /outside its rows/ },
    { sql: 'INSERT INTO t VALUES (date.now());', reason: /refers to something outside its rows/ },
    { sql: 'INSERT INTO t VALUES (1, date /* */ . now());', reason: /refers to something outside its rows/ },
    { sql: 'INSERT INTO t VALUES (`f`(1));', reason: /calls a routine/ },
    { sql: 'INSERT INTO t VALUES (1,\n`f` -- x\n (1));', line: 3, reason: /calls a routine/ },
    { sql: 'INSERT INTO t VALUES (`other`.`f`(1));', reason: /refers to something outside its rows/ },
    { sql: 'INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE `a` = `f`(1);', reason: /calls a routine/ },
    { sql: 'INSERT INTO t VALUES (@@hostname);', reason: /more than plain values/ },
    { sql: `INSERT INTO t VALUES (0x${'41'.repeat(100)}g(1));`, reason: /more than plain values/ },
    { sql: 'INSERT INTO t SELECT * FROM other.t;', reason: /are not in the file/ },
    { sql: "INSTALL PLUGIN x SONAME 'x.so';", reason: /plugin/ },
    { sql: "CREATE FUNCTION f RETURNS STRING SONAME 'x.so';", reason: /library/ },
    {
      sql: "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x');",
      reason: /not part of a database/,
    },
    ...[
      'FLUSH TABLES',
      'KILL 1',
      'SHUTDOWN',
      'CHANGE MASTER TO MASTER_HOST="x"',
      'STOP SLAVE',
      'RESET MASTER',
      'CALL p()',
    ].map((statement) => ({ sql: `${statement};`, reason: /./ })),
    ...[
      'DO SLEEP(10)',
      "PREPARE s FROM 'DROP DATABASE x'",
      'EXECUTE x',
      'UPDATE t SET a = 1',
      'HANDLER t OPEN',
      'XA START "x"',
    ].map((statement) => ({ sql: `${statement};`, reason: /./ })),
    { sql: 'BEGIN NOT ATOMIC DROP DATABASE x', reason: /block of statements/ },
    { sql: 'ANALYZE UPDATE t SET a = 1;', reason: /./ },
    // Accounts and variables.
    { sql: "GRANT ALL ON *.* TO 'x'@'%';", reason: /privileges/ },
    { sql: "CREATE USER 'x'@'%' IDENTIFIED BY 'secret';", reason: /user/ },
    { sql: "SET PASSWORD = 'secret';", reason: /password/ },
    { sql: 'SET GLOBAL max_connections = 1;', reason: /whole server/ },
    { sql: '/*!50000 SET @@GLOBAL.general_log = 1 */;', reason: /./ },
    { sql: 'SET PERSIST max_connections = 1;', reason: /whole server/ },
    { sql: 'SET STATEMENT max_statement_time=1 FOR DROP DATABASE x;', reason: /./ },
    { sql: "SET @a = (SELECT LOAD_FILE('/etc/passwd'));", reason: /more than a plain value/ },
    { sql: 'SET SESSION debug = "d,crash";', reason: /no dump needs/ },
    { sql: 'SET NAMES gbk;', reason: /charset/ },
    { sql: 'SET @a = 28; SET character_set_client = @a;', reason: /charset/ },
    { sql: 'SET @a = 4; SET sql_mode = @a;', reason: /sql_mode/ },
    { sql: "/*M!100000 SET sql_mode='ANSI_QUOTES' */;", reason: /some servers/ },
    // Other databases.
    { sql: 'UNLOCK TABLES;\nUSE prod;\n', line: 2, reason: /prod/ },
    { sql: 'USE prod\n', reason: /prod/ },
    { sql: 'DROP DATABASE shop;', reason: /whole database/ },
    { sql: '/*!40000 DROP DATABASE IF EXISTS `prod`*/;', reason: /whole database/ },
    { sql: 'CREATE DATABASE prod;', reason: /prod/ },
    { sql: 'ALTER DATABASE prod CHARACTER SET latin1;', reason: /prod/ },
    { sql: 'ALTER DATABASE shop READ ONLY = 1;', reason: /charset/ },
    { sql: 'DROP TABLE IF EXISTS `a`, `prod`.`t`;', reason: /prod\.t/ },
    { sql: 'CREATE TABLE `prod` . `t` (a int);', reason: /prod\.t/ },
    { sql: 'INSERT INTO `prod`.`t` VALUES (1);', reason: /prod\.t/ },
    { sql: 'REPLACE prod.t VALUES (1);', reason: /prod\.t/ },
    { sql: 'INSERT INTO `prod`/* */./**/`t` VALUES (1);', reason: /prod\.t/ },
    { sql: 'INSERT INTO /*!50000 prod. */ t VALUES (1);', reason: /prod\.t/ },
    { sql: 'INSERT INTO /*M!100000 prod. */ t VALUES (1);', reason: /./ },
    { sql: 'LOCK TABLES `prod`.`t` WRITE;', reason: /prod\.t/ },
    { sql: 'ALTER TABLE t RENAME TO prod.t;', reason: /renames/ },
    { sql: 'ALTER TABLE t EXCHANGE PARTITION p WITH TABLE prod.t;', reason: /./ },
    { sql: 'RENAME TABLE t TO prod.t;', reason: /renames/ },
    { sql: 'CREATE TRIGGER prod.x BEFORE INSERT ON prod.t FOR EACH ROW SET @a=1;', reason: /prod/ },
    {
      sql: 'CREATE TABLE m (a int) ENGINE=MERGE UNION=(`prod`.`t`) INSERT_METHOD=LAST;',
      reason: /other databases/,
    },
    {
      sql: 'CREATE VIEW v AS SELECT * FROM prod.t;\nINSERT INTO v VALUES (1);',
      line: 2,
      reason: /through a view/,
    },
    {
      sql: 'CREATE TABLE t (a int) ENGINE=FEDERATED CONNECTION="mysql://x";\nINSERT INTO t VALUES (1);',
      line: 2,
      reason: /elsewhere/,
    },
    {
      sql: 'CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW INSERT INTO prod.t VALUES (1);\nINSERT INTO t VALUES (1);',
      line: 2,
      reason: /trigger/,
    },
    // What servers and clients read in different ways.
    { sql: "CREATE TABLE t (a int) /*!99999 '*/ ; DROP DATABASE x; -- ' */;", reason: /version comment/ },
    { sql: '/*!99999 /* */ DROP DATABASE x */;', reason: /version comment/ },
    { sql: "INSERT INTO t VALUES (1) --\u0001 '\n;", reason: /comment|control/ },
    { sql: "/* /*!1 */ ' */ DROP DATABASE x; -- '\n;", reason: /not a statement/ },
    { sql: "/* /*/ ' */ DROP DATABASE x; -- '\n;", reason: /not a statement/ },
    { sql: "/*!50001 UNLOCK TABLES */* ' */; DROP DATABASE x; -- '\n;", reason: /comment/ },
    { sql: '/*!50001 CREATE TABLE t (a int) */\nDELIMITER $$\n;', line: 2, reason: /DELIMITER/ },
    { sql: 'SELECT $$ a;b $$;', reason: /./ },
    { sql: 'CREATE TABLE t (a int)\u00a0SELECT 1;', reason: /outside ASCII|query/ },
    { sql: 'SET sql_mode=\'ANSI_QUOTES\';\nCREATE TABLE "a\\" (a int);', line: 2, reason: /double quotes/ },
  ])('refuses $sql', ({ sql, line = sql.startsWith('SET @a = ') ? 1 : undefined, reason }) => {
    const { unsafe } = read(sql, FOR_SHOP);

    expect(unsafe.map((remark) => remark.reason).join('; ')).toMatch(reason);
    if (line !== undefined) expect(unsafe.map((remark) => remark.line)).toContain(line);
  });

  test('refuses a statement that is too long to be examined, SET included', () => {
    const set = (times: number, last: string): string => `SET ${'@a=1,'.repeat(times)}${last};\n`;

    expect(read(set(50_000, 'GLOBAL general_log=ON'), FOR_SHOP).unsafe).toMatchObject([
      { line: 1, reason: 'is too long to be examined' },
    ]);
    expect(read(set(1_000, '@b=1'), FOR_SHOP).unsafe).toEqual([]);
  });

  test('shows names and words, but no values, of what it refuses', () => {
    const { unsafe } = read(
      "CREATE USER `bob`@'%' IDENTIFIED BY 'secret';\nUPDATE `a\u001b[2J` SET x = 4711;\n4711,Alice,secret;",
      FOR_SHOP,
    );

    expect(unsafe.map(({ text }) => text)).toEqual([
      "CREATE USER `bob`@'…' identified by '…'",
      'UPDATE `a\\u{1b}[2J` SET x = …',
      '…',
    ]);
  });

  test('keeps the first twenty', () => {
    expect(read('FLUSH TABLES;\n'.repeat(50), FOR_SHOP).unsafe).toHaveLength(20);
  });
});

describe('DumpReader on what to leave out or replace', () => {
  test.each<{ title: string; sql: string; options?: GuardOptions; loaded: string }>([
    {
      title: 'USE and CREATE DATABASE of the one database',
      sql: "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;\nUSE `shop`;\nUNLOCK TABLES;\n",
      loaded: '\n\nUNLOCK TABLES;\n',
    },
    {
      title: 'replication settings',
      sql: "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-2,\nc-d:1-3';\nSET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n",
      loaded: '\n\n\n\n',
    },
    {
      title: 'both sandbox lines',
      sql: '/*!999999\\- enable the sandbox mode */ \n/*M!999999\\- enable the sandbox mode */ \n',
      loaded: ' \n \n',
    },
    { title: 'a byte order mark', sql: '\ufeffUNLOCK TABLES;\n', loaded: 'UNLOCK TABLES;\n' },
    {
      title: 'escapes that a client stumbles over',
      sql: 'SET @a = \'a\\\nb\';\nSET @b = "\\\0\\\\\n";\n',
      loaded: 'SET @a = \'a\nb\';\nSET @b = "\0\\\\\n";\n',
    },
    {
      title: 'such escapes with the statement that they are in',
      sql: "SET @@GLOBAL.GTID_PURGED='a\\\nb';\nSET @a = 'a\\\nb';\n",
      loaded: "\nSET @a = 'a\nb';\n",
    },
    {
      title: 'comments to some clients only',
      sql: '--x;\n--\\! x\n-- y\nUNLOCK TABLES; --z\n',
      loaded: '\n\n-- y\nUNLOCK TABLES; \n',
    },
    {
      title: 'the name of the database around routines',
      sql: 'ALTER DATABASE `shop` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n',
      options: { sourceDatabase: 'shop', targetDatabase: 'co`py' },
      loaded: 'ALTER DATABASE `co``py` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n',
    },
    {
      title: 'DROP DATABASE in front of the one that is made or used next',
      sql: '/*!40000 DROP DATABASE IF EXISTS `shop`*/;\nSET @a=1;\nCREATE DATABASE `shop`;\n',
      options: { sourceDatabase: undefined, targetDatabase: 'copy' },
      loaded: '\nSET @a=1;\n\n',
    },
    {
      title: 'DROP SCHEMA, CREATE SCHEMA and USE',
      sql: 'DROP SCHEMA IF EXISTS shop ;\nCREATE SCHEMA IF NOT EXISTS shop DEFAULT CHARACTER SET utf8 ;\nUSE shop ;\n',
      options: { sourceDatabase: undefined, targetDatabase: 'copy' },
      loaded: '\n\n\n',
    },
    {
      title: "the dump's own database name in front of its tables",
      sql:
        'DROP TABLE IF EXISTS `shop` . `t`, shop.u, v;\nCREATE TABLE IF NOT EXISTS `shop`.`t` (`a` int REFERENCES shop.p (a),\n' +
        'FOREIGN KEY (a) REFERENCES `shop`.`q` (a), FOREIGN KEY (a) REFERENCES `other`.`q` (a));\n' +
        'INSERT INTO `shop`.`t` VALUES (1);\nALTER TABLE shop.t ADD b INT;\nCREATE INDEX i ON shop.t (a);\n' +
        'LOCK TABLES shop.t WRITE;\nDO SETVAL(shop.s, 1, 0);\nDELETE FROM shop.t;\nTRUNCATE shop.t;\nANALYZE TABLE shop.t;\n',
      options: { sourceDatabase: 'shop', targetDatabase: 'copy' },
      loaded:
        'DROP TABLE IF EXISTS `t`, u, v;\nCREATE TABLE IF NOT EXISTS `t` (`a` int REFERENCES p (a),\n' +
        'FOREIGN KEY (a) REFERENCES `q` (a), FOREIGN KEY (a) REFERENCES `other`.`q` (a));\n' +
        'INSERT INTO `t` VALUES (1);\nALTER TABLE t ADD b INT;\nCREATE INDEX i ON t (a);\n' +
        'LOCK TABLES t WRITE;\nDO SETVAL(s, 1, 0);\nDELETE FROM t;\nTRUNCATE t;\nANALYZE TABLE t;\n',
    },
    {
      title: 'the name of the database in a default',
      sql: 'CREATE TABLE `t` (`a` int DEFAULT nextval(`shop`.`s`));\n',
      options: { sourceDatabase: 'shop', targetDatabase: 'copy' },
      loaded: 'CREATE TABLE `t` (`a` int DEFAULT nextval(`copy`.`s`));\n',
    },
  ])('$title', ({ sql, options = FOR_SHOP, loaded }) => {
    const findings = read(sql, options);

    expect(findings.unsafe).toEqual([]);
    expect(edited(sql, findings)).toBe(loaded);
  });

  test.each([
    { title: 'a row', sql: "INSERT INTO t VALUES ('a\\\nb');\n", told: 'never' },
    { title: 'a routine', sql: "CREATE FUNCTION f() RETURNS INT RETURN 'a\\\nb';\n", told: 'by-client' },
  ])('tells of an escape that is left out of $title', ({ sql, told }) => {
    expect(read(`CREATE TABLE t (v TEXT);\n${sql}`, FOR_SHOP).edits).toMatchObject([{ told }]);
  });

  test('says when there are more of them than are kept, and goes on', () => {
    const rows = Array.from({ length: 1_001 }, () => `('${'\\\n'.repeat(100)}')`);
    const findings = read(`CREATE TABLE t (v TEXT);\nINSERT INTO t VALUES ${rows.join(',')};\n`, FOR_SHOP);

    expect(findings.edits).toHaveLength(100_000);
    expect(findings.unfitForClient).toBe('a backslash in front of a newline or NUL more than 100,000 times');
    expect(findings.unsafe).toEqual([]);
  });

  test('takes the database from the header or the first USE when no manifest names it', () => {
    const options = { sourceDatabase: undefined, targetDatabase: 'copy' };

    expect(read('USE `a`;\nUSE `a`;\n', options)).toMatchObject({ databases: ['a'], unsafe: [] });
    expect(read('-- Host: localhost    Database: b\nUSE `a`;\n', options)).toMatchObject({
      databases: ['b', 'a'],
      unsafe: [{ line: 2 }],
    });
    expect(read('-- Database: `c`\n', options).databases).toEqual(['c']);
  });

  test('refuses another database by its full name when the source is known, and when it is not', () => {
    for (const sourceDatabase of ['shop', undefined])
      expect(
        read('DROP TABLE `other`.`t`;', { sourceDatabase, targetDatabase: 'copy' }).unsafe,
      ).toMatchObject([{ reason: 'drops other.t, in another database' }]);
  });

  test.each([
    'DROP DATABASE shop;\n',
    'DROP DATABASE shop;\nCREATE TABLE t (a int);\nCREATE DATABASE shop;\n',
    'DROP DATABASE shop;\nCREATE DATABASE copy;\n',
    'CREATE TABLE t (a int);\nDROP DATABASE shop;\nCREATE DATABASE shop;\n',
    'DROP DATABASE other;\nCREATE DATABASE other;\nUSE other;\n',
    'USE shop;\nCREATE TABLE t (a int);\nDROP SCHEMA IF EXISTS shop;\nUSE shop;\n',
    'DELIMITER ;;\nDROP DATABASE shop; USE shop;;\nDELIMITER ;\n',
    '/*!50001 DROP DATABASE shop */;\n/*!80000 CREATE TABLE t (a int) */;\nUSE shop;\n',
  ])('refuses %j, which is not what makes room for the database that is made next', (sql) => {
    expect(read(sql, { sourceDatabase: 'shop', targetDatabase: 'copy' }).unsafe).not.toEqual([]);
  });

  test('a DROP DATABASE is refused at its own line', () => {
    expect(read('-- x\nDROP DATABASE shop;\nCREATE TABLE t (a int);\n', FOR_SHOP).unsafe).toEqual([
      expect.objectContaining({ line: 2, text: 'DROP DATABASE `shop`', reason: 'drops a whole database' }),
    ]);
  });

  const ACCOUNTS = [
    "CREATE USER a@'%' IDENTIFIED BY 'x'",
    'CREATE OR REPLACE USER a',
    'DROP USER IF EXISTS a',
    "ALTER USER a IDENTIFIED BY 'x'",
    'RENAME USER a TO b',
    'CREATE ROLE r',
    'DROP ROLE r',
    'GRANT ALL ON *.* TO a',
    'REVOKE ALL ON shop.* FROM a',
    'SET DEFAULT ROLE r TO a',
    'SET ROLE r',
    "SET PASSWORD = 'x'",
    'FLUSH PRIVILEGES',
    '/*!50001 GRANT SELECT ON shop.* TO a */',
  ];

  test.each(ACCOUNTS)('%s is refused, and left out when users are', (sql) => {
    const text = `${sql};\n`;

    expect(read(text, FOR_SHOP).unsafe).toMatchObject([{ line: 1, ofAccounts: true }]);
    const findings = read(text, { ...FOR_SHOP, skipAccounts: true });
    expect(findings.unsafe).toEqual([]);
    expect(edited(text, findings)).toBe('\n');
  });

  test.each([
    'RENAME TABLE t TO other.t;\n',
    'FLUSH TABLES;\n',
    'DROP SERVER s;\n',
    'DELIMITER ;;\nGRANT ALL ON *.* TO a; DROP DATABASE x;;\nDELIMITER ;\n',
    'SET ROLE r; SET GLOBAL long_query_time = 1;\n',
  ])('%j is refused even so', (sql) => {
    expect(read(sql, { ...FOR_SHOP, skipAccounts: true }).unsafe).not.toEqual([]);
  });

  test.each([
    ['UPDATE', 'INSERT INTO t VALUES (1)', 'fine'],
    ['DELETE', 'INSERT INTO t VALUES (1)', 'fine'],
    ['DELETE', 'INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)', 'fine'],
    ['UPDATE', 'TRUNCATE TABLE t', 'fine'],
    ['INSERT', 'DELETE FROM t', 'fine'],
    ['INSERT', 'INSERT INTO t VALUES (1)', 'refused'],
    ['INSERT', 'REPLACE INTO t VALUES (1)', 'refused'],
    ['DELETE', 'REPLACE INTO t VALUES (1)', 'refused'],
    ['UPDATE', 'INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)', 'refused'],
    ['DELETE', 'DELETE FROM t', 'refused'],
    ['INSERT OR UPDATE', 'INSERT INTO t VALUES (1)', 'refused'],
    ['UPDATE OR INSERT', 'INSERT INTO t VALUES (1)', 'refused'],
    ['UPDATE OF a', 'INSERT INTO t VALUES (1)', 'refused'],
  ])('behind a trigger on %s, %s is %s', (event, sql, outcome) => {
    const text = `CREATE TABLE t (a int);\nCREATE TRIGGER g BEFORE ${event} ON t FOR EACH ROW SET @a = 1;\n${sql};\n`;

    const { unsafe } = read(text, FOR_SHOP);

    expect(unsafe.map(({ line }) => line)).toEqual(outcome === 'fine' ? [] : [3]);
    for (const { reason } of unsafe) expect(reason).toContain('after creating a trigger');
  });
});

describe('DumpReader on what a program said on stderr', () => {
  const WARNING = 'mysqldump: [Warning] Using a password on the command line interface can be insecure.';

  test.each([
    [WARNING, 'mysqldump'],
    [`${WARNING}\r`, 'mysqldump'],
    [
      "/usr/bin/mysqldump: Deprecated program name. It will be removed in a future release, use '/usr/bin/mariadb-dump' instead",
      'mysqldump',
    ],
    ["mysqldump.exe: Couldn't execute 'SHOW FIELDS FROM `t`", 'mysqldump'],
    ['C:\\\\xampp\\\\mysql\\\\bin\\\\mysqldump.exe: Got error: 2013', 'mysqldump'],
    ['mariadb-dump: Error 2013: Lost connection', 'mariadb-dump'],
    ['mysqlpump: [WARNING] (1681) mysqlpump is deprecated', 'mysqlpump'],
    ['bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)', 'bash'],
    [
      'Warning: A partial dump from a server that has GTIDs will by default include the GTIDs, even of others',
      'the dump tool',
    ],
    ['Enter password: -- MySQL dump 10.13', 'the dump tool'],
  ])('says of %s that it is a message, and blames nothing else', (line, program) => {
    for (const [before, number] of [
      ['', 1],
      ['-- MySQL dump 10.13\n\nUNLOCK TABLES;\n', 4],
    ] as const) {
      const findings = read(`${before}${line}\nUNLOCK TABLES;\n-- Dump completed\n`, FOR_SHOP);

      expect(findings.malformed).toMatchObject({
        line: number,
        reason: `is a message from ${program}, not SQL`,
        isMessage: true,
      });
      expect(findings.unsafe).toEqual([]);
    }
  });

  test.each([
    'CREATE TABLE t (\nmysqldump int);\n',
    "INSERT INTO t VALUES ('\nmysqldump: [Warning] x\n');\n",
    '-- mysqldump: x\n',
    '/*\nmysqldump: x\n*/\n',
    'DELIMITER ;;\nCREATE PROCEDURE p()\nmysqldump: BEGIN END;;\nDELIMITER ;\n',
  ])('finds none in %j', (sql) => {
    expect(read(sql, FOR_SHOP)).toMatchObject({ malformed: undefined, unsafe: [] });
  });
});

describe('DumpReader on the state of the file', () => {
  test.each<{ sql: string; line: number; reason: RegExp }>([
    { sql: "INSERT INTO `t` VALUES (1,'abc'),(2,'x')\n", line: 1, reason: /truncated/ },
    { sql: "UNLOCK TABLES;\nINSERT INTO `t` VALUES ('abc;\n", line: 2, reason: /quote/ },
    { sql: 'UNLOCK TABLES;\n/* abc;\n', line: 2, reason: /comment/ },
    { sql: 'UNLOCK TABLES;\n/*!50003 SET @a=1\n', line: 2, reason: /version comment/ },
    { sql: 'DELIMITER ;;\n', line: 2, reason: /DELIMITER/ },
    { sql: 'UNLOCK TABLES;\n\0', line: 2, reason: /NUL/ },
  ])('says where $sql stops reading as SQL', ({ sql, line, reason }) => {
    const { malformed } = read(sql, FOR_SHOP);

    expect(malformed?.line).toBe(line);
    expect(malformed?.reason).toMatch(reason);
  });

  test.each<{ sql: string; complete: boolean }>([
    { sql: 'UNLOCK TABLES;\n\n-- Dump completed on 2026-11-23  3:23:10\n', complete: true },
    { sql: 'UNLOCK TABLES;\n-- Dump completed', complete: true },
    { sql: 'SET SQL_MODE=@OLD_SQL_MODE;\n-- Dump end time: Sun Mar  3 12:00:01 2024\n', complete: true },
    { sql: '-- Dump end time: Sun Mar  3 12:00:01 2024\nUNLOCK TABLES;\n', complete: false },
    { sql: '-- Dump start time: Sun Mar  3 12:00:01 2024\n', complete: false },
    { sql: '-- Dump completed\nUNLOCK TABLES;\n', complete: false },
    { sql: "INSERT INTO `t` VALUES ('\n-- Dump completed\n');\n", complete: false },
    { sql: '-- Dump completed\n-- more\n', complete: false },
    { sql: '#- Dump completed\n', complete: false },
    { sql: "INSERT INTO `t` VALUES ('\n-- Dump completed\n", complete: false },
    { sql: '', complete: false },
  ])('complete is $complete for $sql', ({ sql, complete }) => {
    expect(read(sql, FOR_SHOP).complete).toBe(complete);
  });

  test.each<[end: string, madeAt: string | undefined]>([
    ['-- Dump completed on 2026-11-23  3:23:10\n', '2026-11-23 3:23:10'],
    ['-- Dump completed on 2026-11-23  3:23:10\r\n', '2026-11-23 3:23:10'],
    ['-- Dump completed on: Sun, 03 Mar 2024 12:00:01 +0000\n', 'Sun, 03 Mar 2024 12:00:01 +0000'],
    ['-- Dump end time: Sun Mar  3 12:00:01 2024\n', 'Sun Mar 3 12:00:01 2024'],
    ['-- Dump completed\n', undefined],
    ['-- Dump completed on 2026-11-23  3:23:10\nUNLOCK TABLES;\n', undefined],
  ])('with the end %j was made at %s', (end, madeAt) => {
    expect(read(`UNLOCK TABLES;\n${end}`, FOR_SHOP).madeAt).toBe(madeAt);
  });

  test('counts statements, lines and bytes', () => {
    expect(read("UNLOCK TABLES;\nINSERT INTO `t` VALUES ('a\nb');\n", FOR_SHOP)).toMatchObject({
      statements: 2,
      lines: 4,
      bytes: 47,
      longestStatementBytes: 31,
      rowsWithoutTable: ['t'],
    });
  });

  test('tells of tables that are kept elsewhere', () => {
    const sql =
      'CREATE TABLE `a` (`a` int) ENGINE=FEDERATED CONNECTION="x";\nCREATE TABLE `b` (`a` int) DATA DIRECTORY="/x";\n';

    expect(read(sql, FOR_SHOP)).toMatchObject({ unsafe: [], outside: [{ line: 1 }, { line: 2 }] });
  });

  test.each([
    'CREATE TABLE `t` (engine varchar(9), connection text, directory int) ENGINE=InnoDB;\n',
    'CREATE TABLE `t` (`a` int) ENGINE = aria, STORAGE ENGINE=MyISAM;\n',
    'CREATE TABLE `t` (`a` int, FOREIGN KEY (`a`) REFERENCES `shop`.`u` (`a`)) ENGINE=InnoDB;\n',
    'CREATE TABLE `t` (`a` int DEFAULT (NEXT VALUE FOR `shop`.`s`), `b` int DEFAULT nextval(`s`));\n',
  ])('%j is tied to nothing outside', (sql) => {
    expect(read(sql, FOR_SHOP)).toMatchObject({ unsafe: [], outside: [] });
  });
});

describe('DumpReader on a copy under another name', () => {
  const sql = 'CREATE VIEW `v` AS select `shop`.`t`.`a` from `shop`.`t` join `stock`.`o`;\n';

  test('warns of a view that would go on reading the original', () => {
    const { unsafe, warnings } = read(sql, { sourceDatabase: 'shop', targetDatabase: 'copy' });

    expect(unsafe).toEqual([]);
    expect(warnings).toMatchObject([{ line: 1, reason: expect.stringContaining('names tables of shop') }]);
  });

  test('says nothing of it where the view comes home', () => {
    expect(read(sql, FOR_SHOP).warnings).toEqual([]);
  });
});

describe('DumpReader and names without quotes', () => {
  test('keeps their capitals, as servers do', () => {
    const sql =
      'CREATE TABLE Goods (Id int);\nINSERT INTO Goods VALUES (1);\nDELIMITER ;;\n' +
      'CREATE TRIGGER Bi BEFORE INSERT ON Goods FOR EACH ROW SET @a = 1 ;;\n' +
      'CREATE TRIGGER Shop.bi AFTER INSERT ON Shop.Goods FOR EACH ROW SET @a = 1 ;;\nDELIMITER ;\n-- Dump completed\n';

    const { inventory, script, unsafe } = read(sql, { sourceDatabase: 'Shop', targetDatabase: 'Shop' });

    expect(unsafe).toEqual([]);
    expect(inventory).toMatchObject({ tables: ['Goods'], triggers: ['Bi', 'bi'] });
    expect(script).toMatchObject({
      storedObjects: [
        { name: 'Bi', table: 'Goods' },
        { name: 'bi', table: 'Goods' },
      ],
    });
  });
});

describe('DumpReader and what its remarks are about', () => {
  test.each([
    [
      'DELIMITER ;;\nCREATE PROCEDURE `P`() BEGIN\nSELECT 1; END; DROP TABLE x ;;\nDELIMITER ;\n',
      'procedure P',
    ],
    ['CREATE TABLE `t` (a int DEFAULT (LOAD_FILE(0)), b int\n) SELECT 1;\n', 'table t'],
    ['INSERT IGNORE INTO `t` VALUES (1),\n(SLEEP(9));\n', 'table t'],
    ['CREATE DEFINER=`a`@`b` VIEW `v` AS SELECT /*!99999 1, */ 2;\n', 'view v'],
    ['GRANT ALL ON *.* TO x;\n', undefined],
    ['system ls\nCREATE TABLE `t` (a int);\n', undefined],
  ])('names what %j makes', (sql, object) => {
    const { unsafe } = read(sql, FOR_SHOP);

    expect(unsafe.length).toBeGreaterThan(0);
    expect(unsafe[0]?.object).toEqual(object && objectNamed(object));
  });

  test.each([
    { sql: 'CREATE TABLE `t` (a int)', lacksDelimiter: true },
    { sql: 'CREATE TABLE `t` (a int)\n-- whole', lacksDelimiter: true },
    { sql: "INSERT INTO `t` VALUES ('a", lacksDelimiter: false },
    { sql: 'DELIMITER ;;\nCREATE PROCEDURE p() BEGIN END;\n', lacksDelimiter: false },
  ])('tells whether a delimiter alone is missing: $sql', ({ sql, lacksDelimiter }) => {
    const { malformed } = read(sql, FOR_SHOP);

    expect(malformed?.reason).toBeDefined();
    expect(malformed?.lacksDelimiter).toBe(lacksDelimiter);
  });

  test('names what is cut off', () => {
    expect(read('CREATE TABLE `t` (a int', FOR_SHOP).malformed).toMatchObject({
      line: 1,
      object: { kind: 'table', name: 't' },
    });
  });
});

describe('DumpReader in strings', () => {
  test('finds the end of each, whatever is in it and wherever it starts', () => {
    const parts = ['a', '&', '\\\\', "\\'", "''", '"', '\n', 'é'];
    const strings = Array.from({ length: 4 * parts.length ** 4 }, (_, nth) => {
      const text = [1, 8, 64, 512].map((place) => parts[Math.floor(nth / place) % parts.length]).join('');
      return `${' '.repeat(nth >> 12)}'${text}'`;
    });
    const sql = `INSERT INTO t VALUES (${strings.join(',')});\nNONSENSE;\n`;

    const { statements, malformed, unsafe } = read(sql, FOR_SHOP);

    expect({ statements, malformed }).toEqual({ statements: 2, malformed: undefined });
    expect(unsafe.map(({ line }) => line)).toEqual([sql.split('\n').length - 1]);
  });
});

describe('DumpReader and the pieces it is given', () => {
  test('finds the same in one-byte pieces and in random ones', () => {
    const samples = readdirSync(DUMPS).map((name) => readFileSync(new URL(name, DUMPS)));
    const hostile = Buffer.from(
      '\ufeffDELIMITER ;;\nCREATE PROCEDURE p() SELECT 1; DROP DATABASE x ;;\nDELIMITER ;\nsystem ls\n\\! ls\n' +
        `INSERT INTO \`a\`\`b\` VALUES ('it''s \\\\','\\'',0x${'ab'.repeat(300)},-1.5e10,NULL,LOAD_FILE('x'));\n` +
        `/*!99999 '*/' */;\n/* * / ** */\n-- ${'x'.repeat(500)}\nUSE other\n${'w'.repeat(400)} (1);\n-- Dump completed\n`,
    );
    const random = seeded(42);
    for (const sample of [...samples, hostile]) {
      const whole = read(sample, FOR_SHOP);
      expect(readInPieces(sample, () => 1)).toEqual(whole);
      for (let round = 0; round < 5; round++) {
        expect(readInPieces(sample, () => 1 + Math.floor(random() * 400))).toEqual(whole);
      }
    }
  });
});

function read(sql: string | Buffer, options: GuardOptions): DumpReport {
  const reader = new DumpReader(options);
  reader.push(Buffer.from(sql));
  return reader.finish();
}

function readInPieces(sql: Buffer, pieceBytes: () => number): DumpReport {
  const reader = new DumpReader(FOR_SHOP);
  for (let at = 0; at < sql.length;) {
    const size = pieceBytes();
    reader.push(sql.subarray(at, at + size));
    at += size;
  }
  return reader.finish();
}

function edited(sql: string, { edits }: DumpReport): string {
  const bytes = Buffer.from(sql);
  let text = '';
  let at = 0;
  for (const { start, end, replacement } of edits) {
    text += bytes.toString('utf8', at, start) + replacement;
    at = end;
  }
  return text + bytes.toString('utf8', at);
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
