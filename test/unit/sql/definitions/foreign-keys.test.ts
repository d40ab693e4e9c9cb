import { describe, expect, test } from 'vitest';
import {
  foreignKeysOf,
  keyTo,
  strayKeysOf,
  withReferencesTo,
} from '../../../../src/sql/definitions/foreign-keys.ts';

const DEFINITION = [
  'CREATE TABLE `t` (',
  "  `a` int COMMENT 'CONSTRAINT `no` FOREIGN KEY (`a`) REFERENCES `x` (`a`)',",
  '  KEY `a` (`a`),',
  '  CONSTRAINT `f,``1` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION,',
  '  CONSTRAINT `g` FOREIGN KEY (`a`, `b``c`) REFERENCES `q``;` (`x`, `y`),',
  '  CONSTRAINT `h` FOREIGN KEY (`a`) REFERENCES `other`.`p` (`id`),',
  '  CONSTRAINT `ck` CHECK (`a` > 0)',
  ') ENGINE=InnoDB',
].join('\n');

describe('foreignKeysOf', () => {
  test('finds them with all that they say', () => {
    expect(foreignKeysOf(DEFINITION)).toEqual([
      {
        name: '`f,``1`',
        columns: ['`a`'],
        database: undefined,
        table: '`p`',
        references: ['`id`'],
        rules: ' ON DELETE CASCADE ON UPDATE NO ACTION',
      },
      {
        name: '`g`',
        columns: ['`a`', '`b``c`'],
        database: undefined,
        table: '`q``;`',
        references: ['`x`', '`y`'],
        rules: '',
      },
      {
        name: '`h`',
        columns: ['`a`'],
        database: '`other`',
        table: '`p`',
        references: ['`id`'],
        rules: '',
      },
    ]);
  });

  test('gives what makes them anew, leading into a database', () => {
    expect(foreignKeysOf(DEFINITION).map((key) => keyTo('`shop`', key))).toEqual([
      'CONSTRAINT `f,``1` FOREIGN KEY (`a`) REFERENCES `shop`.`p` (`id`) ON DELETE CASCADE ON UPDATE NO ACTION',
      'CONSTRAINT `g` FOREIGN KEY (`a`, `b``c`) REFERENCES `shop`.`q``;` (`x`, `y`)',
      'CONSTRAINT `h` FOREIGN KEY (`a`) REFERENCES `shop`.`p` (`id`)',
    ]);
  });
});

describe('withReferencesTo', () => {
  const rewritten = (sql: string, ...tables: string[]): string =>
    withReferencesTo(Buffer.from(sql), '`shop`', (name) => tables.includes(name)).toString();

  test('knows a table with capitals and without quotes', () => {
    const sql = 'create table Cc (p int references Kept (id))';
    expect(rewritten(sql, 'Kept')).toBe(sql);
  });

  test('names the database of tables that stay elsewhere, and of no others', () => {
    expect(rewritten(DEFINITION, 'p', 't')).toBe(
      DEFINITION.replace('REFERENCES `q``;`', 'REFERENCES `shop`.`q``;`'),
    );
  });

  test.each([
    ['without quotes', 'create table c (p int references gone (id))', 'references `shop`.gone (id)'],
    ['with capitals', 'create table c (p int references Gone (id))', 'references `shop`.Gone (id)'],
    ['without a name', 'CREATE TABLE c (FOREIGN KEY (p) REFERENCES gone(id))', 'REFERENCES `shop`.gone(id)'],
    [
      'of ALTER TABLE',
      'ALTER TABLE `c` ADD CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES /* so */ `gone` (`id`)',
      'REFERENCES /* so */ `shop`.`gone` (`id`)',
    ],
  ])('finds keys %s', (_title, sql, expected) => {
    expect(rewritten(sql, 'c')).toContain(expected);
  });

  test.each([
    ["CREATE TABLE c (x int COMMENT 'REFERENCES gone (id)')"],
    ['CREATE TABLE c (`references` int, `REFERENCES gone` int)'],
    ['CREATE TABLE c (p int REFERENCES other.gone (id))'],
    ['CREATE TABLE c (p int REFERENCES c (id))'],
  ])('leaves %s as it is', (sql) => {
    expect(rewritten(sql, 'c')).toBe(sql);
  });
});

describe('strayKeysOf', () => {
  const key = (parent: string): string =>
    `CREATE TABLE \`c\` (\n  CONSTRAINT \`f\` FOREIGN KEY (\`p\`) REFERENCES ${parent} (\`id\`) ON DELETE CASCADE\n)`;
  const stray = (parent: string, arrives: string[], leaves: string[]): readonly string[] =>
    strayKeysOf(new Map([['c', key(parent)]]), '`shop`', {
      arrives: (name) => arrives.includes(name),
      leaves: (name) => leaves.includes(name),
    }).map(({ definition }) => definition);
  const ANEW = 'CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `shop`.`p` (`id`) ON DELETE CASCADE';

  test('are those that name the staging schema, or a table that leaves', () => {
    expect(stray('`p`', ['c'], ['p'])).toEqual([ANEW]);
    expect(stray('`p`', ['c'], [])).toEqual([ANEW]);
    expect(stray('`shop`.`p`', ['c'], ['p'])).toEqual([ANEW]);
  });

  test('are not those that come along, stay, or lead elsewhere', () => {
    expect(stray('`p`', ['c', 'p'], ['p'])).toEqual([]);
    expect(stray('`shop`.`p`', ['c'], ['x'])).toEqual([]);
    expect(stray('`other`.`p`', ['c'], ['p'])).toEqual([]);
  });
});
