import { describe, expect, test } from 'vitest';
import { RoutineBody } from '../../../src/model/routine-body.ts';
import { SqlReader } from '../../../src/model/sql-reader.ts';

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
];
const ORACLE = [
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
  const body = new RoutineBody(oracle);
  let behind = false;
  const ignore = (): void => undefined;
  const reader = new SqlReader({
    statement: ignore,
    code: (token) => {
      behind = body.isBehind(token) || behind;
    },
    row: ignore,
    commentLine: ignore,
    harmless: ignore,
    suspicious: ignore,
    malformed: ignore,
  });
  reader.push(Buffer.from(`DELIMITER $$\nCREATE ${sql} $$\nDELIMITER ;\n`));
  reader.finish();
  return behind;
}
