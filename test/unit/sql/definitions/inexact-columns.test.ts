import { describe, expect, test } from 'vitest';
import { constraintsOn, inexactWarning } from '../../../../src/sql/definitions/inexact-columns.ts';

const DEFINITION = [
  'CREATE TABLE `t` (',
  '  `id` int(11) NOT NULL,',
  '  `plain` float DEFAULT NULL,',
  '  `own_check` float DEFAULT NULL CHECK (`own_check` > 0),',
  '  `in_key` float DEFAULT NULL,',
  '  `twice` float GENERATED ALWAYS AS (`base` * 2) STORED,',
  '  `twice_more` float GENERATED ALWAYS AS (`twice` * 2) STORED,',
  '  `base` float DEFAULT NULL,',
  '  `Odd``one` float DEFAULT NULL,',
  '  `expressed` float DEFAULT NULL,',
  '  `lax` float DEFAULT NULL,',
  '  PRIMARY KEY (`id`),',
  '  UNIQUE KEY `in_key` (`in_key`,`id`),',
  '  UNIQUE KEY `plain` (`twice_more`),',
  '  UNIQUE KEY `u` (((`expressed` * 2))),',
  '  KEY `k` (`plain`),',
  '  CONSTRAINT `c` CHECK (`Odd``one` < `in_key`),',
  '  CONSTRAINT `n` CHECK ((`lax` > 0)) /*!80016 NOT ENFORCED */',
  ') ENGINE=InnoDB',
].join('\n');

describe('constraintsOn', () => {
  test.each([
    { column: 'plain', partOf: [] },
    { column: 'lax', partOf: [] },
    { column: 'own_check', partOf: ['check'] },
    { column: 'in_key', partOf: ['unique key', 'check'] },
    { column: 'base', partOf: ['unique key'] },
    { column: 'odd`one', partOf: ['check'] },
    { column: 'expressed', partOf: ['unique key'] },
  ] as const)('$column: $partOf', ({ column, partOf }) => {
    expect(constraintsOn(DEFINITION, column)).toEqual(partOf);
  });
});

describe('inexactWarning', () => {
  const column = (name: string): { table: string; column: string } => ({ table: 't', column: name });

  test('says nothing of no column, and of a restore only what may fail', () => {
    expect(inexactWarning([])).toBeUndefined();
    expect(inexactWarning([column('a')])).toBe(
      'FLOAT values are rounded to six significant digits in the backup, because the dump tools print no more: t.a.',
    );
  });

  test('names first what may keep a restore from succeeding, and why', () => {
    const columns = [
      ...['a', 'b', 'c', 'd', 'e'].map(column),
      { ...column('f'), partOf: ['check'] as const },
      { ...column('g'), partOf: ['unique key', 'check'] as const },
    ];
    expect(inexactWarning(columns)).toContain(
      ': t.g (in a unique key, in a check), t.f (in a check), t.a, t.b, t.c and 2 more. A restore may fail because of it: where rounded values are the same, or do not pass the check.',
    );
  });
});
