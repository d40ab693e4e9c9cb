import { describe, expect, test } from 'vitest';
import { RoutineBody } from '../../../../src/sql/lexer/routine-body.ts';
import { SqlReader } from '../../../../src/sql/lexer/sql-lexer.ts';
import { listeningTo } from '../../../../src/sql/lexer/sql-listener.ts';

const WHOLE = [
  'PROCEDURE p() SELECT 1',
  'PROCEDURE p(IN a INT) COMMENT "x" BEGIN SELECT 1; SELECT 2; END',
  'PROCEDURE p() BEGIN SELECT 1; END;',
  'PROCEDURE IF NOT EXISTS p() IF a THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE SELECT 3; END IF',
  'PROCEDURE p() CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE',
  'PROCEDURE p() BEGIN SELECT CASE WHEN a THEN b ELSE c END; SELECT IF(a, b, c), REPEAT("x", 2); END',
  'PROCEDURE p() l: BEGIN w: WHILE a DO SET a = 1; END WHILE w; REPEAT SET a = 2; UNTIL a END REPEAT; END l',
  'PROCEDURE p() BEGIN l: LOOP IF a THEN LEAVE l; END IF; END LOOP; SELECT `end`, begin FROM t; END',
  'PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END',
  'PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION, NOT FOUND, SQLSTATE VALUE "23000" BEGIN ROLLBACK; END; COMMIT; END',
  'PROCEDURE p() BEGIN DECLARE c CURSOR FOR SELECT 1; DECLARE CONTINUE HANDLER FOR 1062 SET a = 1; OPEN c; END',
  'FUNCTION f(a INT) RETURNS varchar(10) CHARSET utf8mb4 DETERMINISTIC RETURN a',
  'FUNCTION f() RETURNS int READS SQL DATA SQL SECURITY INVOKER BEGIN DECLARE a int; RETURN a; END',
  'TRIGGER t BEFORE INSERT ON x FOR EACH ROW FOLLOWS y BEGIN SET NEW.a = 1; SET NEW.b = 2; END',
  'TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a THEN SET NEW.a = 1; END IF',
  'EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; DELETE FROM u; END',
  'VIEW v AS SELECT 1',
  "TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a = '.' THEN IF NEW.b THEN SET NEW.b = 1; END IF; END IF",
  "PROCEDURE p() CASE c WHEN '@' THEN BEGIN SELECT 1; END; ELSE BEGIN END; END CASE",
  "PROCEDURE p() BEGIN WHILE a <> '.' DO SET a = 1; END WHILE; SELECT CASE '@' WHEN a THEN '.' ELSE ';' END; END",
  'PROCEDURE p() BEGIN IF `.` THEN SELECT `;`, `@`; END IF; REPEAT SET a = `.`; UNTIL `@` END REPEAT; END',
  'PROCEDURE p() BEGIN IF a = "(" THEN SELECT ")"; END IF; IF a = ":" THEN SELECT "<"; END IF; END',
  'PROCEDURE `procedure`(`each` INT) BEGIN DECLARE CONTINUE HANDLER FOR SQLSTATE "01000", `,` SET a = 1; END',
  'TRIGGER `trigger` BEFORE INSERT ON `each` FOR EACH ROW FOLLOWS `follows` BEGIN SET NEW.a = 1; END',
  "EVENT `do` ON SCHEDULE EVERY 1 DAY COMMENT 'do' DO IF '.' THEN SELECT 1; END IF",
  'FUNCTION `returns`() RETURNS int COMMENT "." DETERMINISTIC BEGIN RETURN 1; END',
  'FUNCTION f() RETURNS TYPE OF s.t.begin DETERMINISTIC BEGIN RETURN 1; END',
  'PROCEDURE p(a ROW TYPE OF t) BEGIN NOT ATOMIC DECLARE b INT; IF a.x THEN SELECT 1; END IF; END',
];
const ORACLE = [
  'PROCEDURE p(a INT) AS z INT := 0; BEGIN <<l>> LOOP EXIT l WHEN z >> 1 > 0; END LOOP; <<m>> BEGIN NULL; END; END',
  'PROCEDURE p AS BEGIN <<`w`>> WHILE a LOOP NULL; END LOOP; <<f>> FOR i IN 1..3 LOOP IF a THEN NULL; END IF; END LOOP; END',
  'PROCEDURE p(a INT) AS x INT; BEGIN x := 1; IF x THEN NULL; ELSIF a THEN NULL; END IF; END',
  'FUNCTION f RETURN INT IS BEGIN RETURN 1; EXCEPTION WHEN OTHERS THEN RETURN 2; END',
  'PROCEDURE p AS BEGIN FOR i IN 1..3 LOOP NULL; END LOOP; WHILE a LOOP NULL; END LOOP; END p',
  'PACKAGE p AS FUNCTION f RETURN INT; PROCEDURE q(a INT); END',
  'PACKAGE BODY p AS x INT; FUNCTION f RETURN INT AS BEGIN RETURN x; END; PROCEDURE q(a INT) AS BEGIN NULL; END; END',
];

describe('RoutineBody', () => {
  test.each(WHOLE)('follows to its end: %s', (sql) => {
    expect(endsBefore(sql, false)).toBe(false);
  });

  test.each(WHOLE)('sees what stands behind: %s', (sql) => {
    expect(endsBefore(`${sql}; DROP DATABASE x`, false)).toBe(true);
  });

  test.each(ORACLE)("in Oracle's mode, follows to its end: %s", (sql) => {
    expect(endsBefore(sql, true)).toBe(false);
  });

  test.each(ORACLE)("in Oracle's mode, sees what stands behind: %s", (sql) => {
    expect(endsBefore(`${sql}; DROP DATABASE x`, true)).toBe(true);
  });

  test.each<{ sql: string; mayEnd: boolean }>([
    { sql: 'PROCEDURE p() SELECT 1', mayEnd: true },
    { sql: 'PROCEDURE p() BEGIN SELECT 1; END', mayEnd: true },
    { sql: 'PROCEDURE p() l: BEGIN SELECT 1; END l', mayEnd: true },
    { sql: 'PROCEDURE p() IF a THEN SELECT 1; END IF', mayEnd: true },
    { sql: 'PROCEDURE p() SELECT CASE 1 WHEN 2 THEN 3 END', mayEnd: true },
    { sql: 'PROCEDURE p() CASE 1 WHEN 2 THEN SELECT 3; END CASE', mayEnd: true },
    { sql: 'PROCEDURE p()', mayEnd: false },
    { sql: 'PROCEDURE p() BEGIN', mayEnd: false },
    { sql: 'PROCEDURE p() BEGIN SELECT 1', mayEnd: false },
    { sql: 'PROCEDURE p() BEGIN SELECT 1; END; SELECT 2', mayEnd: false },
    { sql: 'PROCEDURE p() BEGIN IF a THEN SELECT 1; END', mayEnd: false },
    { sql: 'PROCEDURE p() BEGIN SELECT 1; END IF', mayEnd: false },
    { sql: 'PROCEDURE p() SELECT CASE 1 WHEN 2', mayEnd: false },
    { sql: 'PROCEDURE p() CASE 1 WHEN 2 THEN SELECT 3; END', mayEnd: false },
    { sql: 'TRIGGER t BEFORE INSERT ON x FOR EACH ROW', mayEnd: false },
    { sql: 'VIEW v AS SELECT 1', mayEnd: false },
  ])('may end behind $sql: $mayEnd', ({ sql, mayEnd }) => {
    expect(follow(`DELIMITER $$\nCREATE ${sql}`, false).body.mayEnd).toBe(mayEnd);
  });

  test.each([
    'PROCEDURE p() SELECT 1 AS begin; DROP DATABASE x; SELECT 1 AS end',
    'PROCEDURE p() SET a = b, begin = 1; DROP DATABASE x',
    'PROCEDURE p() BEGIN SELECT begin, case1 FROM loop1; END; DROP DATABASE x',
    'PROCEDURE p() BEGIN SELECT 1; END IF; DROP DATABASE x',
    'FUNCTION f() RETURNS int RETURN begin; DROP DATABASE x',
    'TRIGGER t AFTER DELETE ON x FOR EACH ROW SET @begin = 1; DROP DATABASE x',
  ])('is not led astray by %s', (sql) => {
    expect(endsBefore(sql, false)).toBe(true);
  });
});

/** Whether some of the text stands behind the end of the body. */
function endsBefore(sql: string, oracle: boolean): boolean {
  return follow(`DELIMITER $$\nCREATE ${sql} $$\nDELIMITER ;\n`, oracle).behind;
}

function follow(sql: string, oracle: boolean): { body: RoutineBody; behind: boolean } {
  const body = new RoutineBody(oracle);
  let behind = false;
  const reader = new SqlReader(
    listeningTo({
      code: (token) => {
        behind = body.isBehind(token) || behind;
      },
    }),
  );
  reader.push(Buffer.from(sql));
  reader.finish();
  return { body, behind };
}
