import { expect, test } from 'vitest';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { whyOnlyInPlace } from '../../../../src/sql/script/only-in-place.ts';

test.each([
  ['CREATE TABLE `t` (`a` int);\n', undefined],
  [
    'CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\nTRUNCATE TABLE `t`;\n',
    'line 3 empties a table that was filled before, so the dump cannot be split',
  ],
  [
    'CREATE TABLE `m` (`a` int) ENGINE=MRG_MyISAM UNION=(`a`,`b`);\n',
    'the table m refers to its own database or to other tables by name',
  ],
])('of %j: %s', (sql, reason) => {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  reader.push(Buffer.from(sql));

  expect(whyOnlyInPlace(reader.finish().script)).toBe(reason);
});
