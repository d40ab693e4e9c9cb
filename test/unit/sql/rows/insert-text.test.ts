import { expect, test } from 'vitest';
import { isPlainInsert, rowsIn } from '../../../../src/sql/rows/insert-text.ts';

test.each<[sql: string, plain: boolean, rows: number]>([
  ['INSERT INTO `t` VALUES (1,2),(3,4);\n', true, 2],
  ['insert into t (a, `values`) values (1)', true, 1],
  ['INSERT IGNORE INTO `t` (`a`) VALUES (1),(2),(3)', false, 3],
  ["REPLACE INTO `t` VALUES ('(),(\\'),(',\"(\",(1)),(2, ON, 3)", false, 2],
  ['INSERT INTO `t` (`a`) VALUES (1),(2) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`), b = (1)', false, 2],
  ['INSERT DELAYED INTO t VALUE (1)', false, 1],
  ["INSERT INTO `t` VALUES\n('it''s',1),\n(_binary 'x\\\\',2),\n(0x28,CONVERT('(' USING utf8mb4))", true, 3],
])('%s', (sql, plain, rows) => {
  expect(isPlainInsert(sql)).toBe(plain);
  expect(rowsIn(sql)).toBe(rows);
});
