import { describe, expect, test } from 'vitest';
import { hasEngineOf, sameDefinition, withoutConstraintNames } from '../../../src/model/definition.ts';

const TABLE =
  'CREATE TABLE `t` (\n  `id` int NOT NULL\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4';

test('a counter that has moved is no other definition, another column is', () => {
  expect(sameDefinition(TABLE, TABLE.replace(' AUTO_INCREMENT=7', ''))).toBe(true);
  expect(sameDefinition(TABLE, TABLE.replace('NOT NULL', 'DEFAULT NULL'))).toBe(false);
});

test('constraints lose their names, whatever those hold', () => {
  expect(withoutConstraintNames('CONSTRAINT `a``b` FOREIGN KEY (`c`)')).toBe('FOREIGN KEY (`c`)');
});

describe('an engine fits', () => {
  test.each([
    { definition: TABLE.replace('InnoDB', 'INNODB'), fits: true },
    { definition: TABLE.replace('ENGINE=InnoDB', 'engine = innodb'), fits: true },
    { definition: 'CREATE TABLE t (id INT)', fits: true },
    { definition: TABLE.replace('InnoDB', 'MyISAM'), fits: false },
  ])('$definition: $fits', ({ definition, fits }) => {
    expect(hasEngineOf(TABLE, definition)).toBe(fits);
  });
});
