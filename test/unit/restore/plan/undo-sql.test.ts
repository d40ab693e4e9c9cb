import { expect, test } from 'vitest';
import { undoSqlOf } from '../../../../src/restore/plan/undo-sql.ts';
import { NOTHING } from '../../../../src/sql/definitions/object-names.ts';
import { someRestorePlan } from '../../cli/render/some-plans.ts';

const { target } = someRestorePlan();
const empty = { ...target, holds: NOTHING };

test.each([
  ['creates its database', { target: empty, createsDatabase: true }, 'DROP DATABASE `shop`;'],
  ['fills an empty database', { target: empty }, 'DROP DATABASE `shop`; CREATE DATABASE `shop`;'],
  [
    'fills an empty database with defaults of its own',
    {
      target: {
        ...empty,
        createStatement: 'CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET latin1 */',
      },
    },
    'DROP DATABASE `shop`; CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET latin1 */;',
  ],
  ['adds tables', { onlyTables: ['items', 'odd`name'] }, 'DROP TABLE `shop`.`items`, `shop`.`odd``name`;'],
  ['adds a table to an empty database', { target: empty, onlyTables: ['a'] }, 'DROP TABLE `shop`.`a`;'],
  ['replaces one of two tables', { onlyTables: ['orders', 'items'] }, undefined],
  [
    'replaces a view by a table',
    { target: { ...target, holds: { ...NOTHING, views: ['items'] } }, onlyTables: ['items'] },
    undefined,
  ],
  ['replaces the database', {}, undefined],
])('what undoes by hand a restore that %s', (_title, changes, sql) => {
  expect(undoSqlOf(someRestorePlan(changes))).toBe(sql);
});
