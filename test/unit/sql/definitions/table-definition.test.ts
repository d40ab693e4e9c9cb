import { describe, expect, test } from 'vitest';
import {
  asReference,
  hasEngineOf,
  sameDefinition,
  sameLines,
  withSortedConstraints,
  withoutConstraintNames,
} from '../../../../src/sql/definitions/table-definition.ts';

const table = (options: string, column = '`a` int'): string =>
  `CREATE TABLE \`t\` (\n  ${column}\n) ${options}`;

describe('sameDefinition', () => {
  test.each([
    ['the same text', table('ENGINE=InnoDB'), table('ENGINE=InnoDB'), true],
    [
      'another counter',
      table('ENGINE=InnoDB AUTO_INCREMENT=5 X'),
      table('ENGINE=InnoDB AUTO_INCREMENT=7 X'),
      true,
    ],
    ['a counter and none', table('ENGINE=InnoDB AUTO_INCREMENT=5'), table('ENGINE=InnoDB'), true],
    ['another engine', table('ENGINE=InnoDB'), table('ENGINE=MyISAM'), false],
    ['another column', table('ENGINE=InnoDB'), table('ENGINE=InnoDB', '`a` bigint'), false],
    [
      'another comment that looks like a counter',
      table('ENGINE=InnoDB', "`a` int COMMENT ' AUTO_INCREMENT=5'"),
      table('ENGINE=InnoDB', "`a` int COMMENT ' AUTO_INCREMENT=7'"),
      false,
    ],
  ])('%s: %#', (_title, one, other, same) => {
    expect(sameDefinition(one, other)).toBe(same);
    expect(sameDefinition(other, one)).toBe(same);
  });
});

test('leaves the names of constraints out, whatever they are', () => {
  expect(
    withoutConstraintNames(
      '  CONSTRAINT `a``, b` FOREIGN KEY (`x`) REFERENCES `p` (`y`),\n  CONSTRAINT `c` CHECK (`x` > 0)',
    ),
  ).toBe('  FOREIGN KEY (`x`) REFERENCES `p` (`y`),\n  CHECK (`x` > 0)');
});

describe('hasEngineOf', () => {
  test.each([
    [table('ENGINE=InnoDB'), table('ENGINE=InnoDB COMMENT'), true],
    [table('ENGINE=InnoDB'), 'create table t (\na int\n)  engine = innodb', true],
    [table('ENGINE=InnoDB'), table('ENGINE=MyISAM'), false],
    [table('ENGINE=InnoDB'), table('DEFAULT CHARSET=latin1'), true],
    [table('ENGINE=InnoDB'), 'create table engine (engine int) engine NoSuch', false],
    [
      table('ENGINE=InnoDB'),
      "create table t (a int comment 'engine=x', engine int) comment 'engine=x'",
      true,
    ],
    [table('ENGINE=InnoDB'), 'create table t (a int) engine=innodb partition by hash (a)', true],
  ])('%#', (found, definition, fits) => {
    expect(hasEngineOf(found, Buffer.from(definition))).toBe(fits);
  });
});

describe('a collation', () => {
  const MYSQL = new Map([
    ['utf8mb4', 'utf8mb4_0900_ai_ci'],
    ['latin1', 'latin1_swedish_ci'],
  ]);
  const GENERAL = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci';
  test.each([
    [
      'with its charset or without',
      '`a` varchar(10) COLLATE utf8mb4_bin',
      '`a` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      true,
    ],
    ['of the table, named or not', '`a` text COLLATE utf8mb4_general_ci', '`a` text', true],
    [
      'of the charset, named or not',
      '`a` char(1) CHARACTER SET latin1',
      '`a` char(1) CHARACTER SET latin1 COLLATE latin1_swedish_ci',
      true,
    ],
    [
      'of an enum',
      "`a` enum('a,b','it''s (') COLLATE utf8mb4_bin",
      "`a` enum('a,b','it''s (') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
      true,
    ],
    [
      'that is another',
      '`a` varchar(10) COLLATE utf8mb4_bin',
      '`a` varchar(10) COLLATE utf8mb4_unicode_ci',
      false,
    ],
    ["that is the charset's and not the table's", '`a` text CHARACTER SET utf8mb4', '`a` text', false],
    [
      'in a comment',
      "`a` text COMMENT '`a` text COLLATE utf8mb4_bin'",
      "`a` text COMMENT '`a` text COLLATE latin1_bin'",
      false,
    ],
  ])('%s', (_title, one, other, same) => {
    expect(sameDefinition(table(GENERAL, one), table(GENERAL, other), MYSQL)).toBe(same);
    expect(sameDefinition(table(GENERAL, other), table(GENERAL, one), MYSQL)).toBe(same);
  });
});

test('constraints of other names stand in another order', () => {
  const [one, other] = [
    '(\n  `b` int,\n  `a` int,\n  CONSTRAINT `x` CHECK (`b` > 0),\n  CONSTRAINT `y` CHECK (`a` > 0)\n)',
    '(\n  `b` int,\n  `a` int,\n  CONSTRAINT `y` CHECK (`a` > 0),\n  CONSTRAINT `x` CHECK (`b` > 0)\n)',
  ];
  expect(withSortedConstraints(one)).toBe(withSortedConstraints(other));
  expect(withSortedConstraints(one)).not.toBe(
    withSortedConstraints(one.replace('`b` int,\n  `a` int', '`a` int,\n  `b` int')),
  );
});

test('the order of lines can be left out of account', () => {
  expect(sameLines('(\n  a,\n  b\n)', '(\n  b,\n  a\n)')).toBe(true);
  expect(sameLines('(\n  a,\n  b\n)', '(\n  a,\n  c\n)')).toBe(false);
});

describe('a reference', () => {
  test.each([
    [
      'CREATE TABLE `t` (\n  CONSTRAINT `t` FOREIGN KEY (`a`) REFERENCES `t` (`b`),\n  CONSTRAINT c CHECK (`a` > 0)\n)',
      'CREATE TABLE `r` (\n  CONSTRAINT `r_0` FOREIGN KEY (`a`) REFERENCES `t` (`b`),\n  CONSTRAINT `r_1` CHECK (`a` > 0)\n)',
    ],
    [
      'create table if not exists t(a int, constraint check (a))',
      'create table if not exists `r`(a int, constraint check (a))',
    ],
    ['CREATE SEQUENCE s START WITH 1', 'CREATE SEQUENCE `r` START WITH 1'],
    ['CREATE TABLE `shop`.t (a int)', 'CREATE TABLE `r` (a int)'],
  ])('of %s', (definition, create) => {
    expect(asReference(Buffer.from(definition), 'r')?.create.toString()).toBe(create);
  });

  test('is read with the capitals of a name without quotes', () => {
    expect(asReference(Buffer.from('create table Tt (a int)'), 'r')?.read('CREATE TABLE `r` (')).toBe(
      'CREATE TABLE `Tt` (',
    );
  });

  test('is read with the names that the definition has', () => {
    const definition =
      'create table `t``x` (constraint kept foreign key (p) references q (id), foreign key (z) references q (id))';
    const shown = [
      'CREATE TABLE `r` (',
      '  KEY `r_0` (`p`),',
      '  CONSTRAINT `r_0` FOREIGN KEY (`p`) REFERENCES `q` (`id`),',
      '  CONSTRAINT `r_ibfk_1` FOREIGN KEY (`z`) REFERENCES `q` (`id`)',
      ')',
    ].join('\n');

    expect(asReference(Buffer.from(definition), 'r')?.read(shown)).toBe(
      [
        'CREATE TABLE `t``x` (',
        '  KEY `kept` (`p`),',
        '  CONSTRAINT `kept` FOREIGN KEY (`p`) REFERENCES `q` (`id`),',
        '  CONSTRAINT `t``x_ibfk_1` FOREIGN KEY (`z`) REFERENCES `q` (`id`)',
        ')',
      ].join('\n'),
    );
  });
});
