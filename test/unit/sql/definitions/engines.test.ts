import { expect, test } from 'vitest';
import { rowsInBackup } from '../../../../src/sql/definitions/engines.ts';

test.each([
  ['InnoDB', 'of one moment'],
  ['MyISAM', 'of its turn'],
  ['Aria', 'of its turn'],
  ['MEMORY', 'of its turn'],
  ['BLACKHOLE', 'none'],
  ['MRG_MyISAM', 'none'],
])('a backup has the rows of %s %s', (engine, rows) => {
  expect(rowsInBackup(engine)).toBe(rows);
});
