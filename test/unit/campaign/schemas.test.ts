import { describe, expect, test } from 'vitest';
import { Dice } from '../../campaign/schemas/dice.ts';
import { Names } from '../../campaign/schemas/names.ts';
import { randomSchema } from '../../campaign/schemas/schema.ts';
import type { Schema } from '../../campaign/schemas/schema.ts';
import { scriptOf, shrink } from '../../campaign/schemas/shrink.ts';
import { plain, seasoned, sql } from '../../campaign/schemas/text.ts';
import { randomNumbers } from '../../harness/random.ts';

const TARGETS = [
  { flavour: 'mariadb', version: '11.8.6' },
  { flavour: 'mysql', version: '9.7.4' },
] as const;

describe('a random schema', () => {
  test.each(TARGETS)('is the same for the same seed, and another for another ($flavour)', (target) => {
    const [one, again, other] = [7, 7, 8].map((seed) => randomSchema(randomNumbers(seed), target));

    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test.each(TARGETS)('in a hundred has all that a database can hold ($flavour)', (target) => {
    const text = Array.from({ length: 100 }, (_, seed) => randomSchema(randomNumbers(seed), target))
      .flatMap(({ statements }) => statements.map((statement) => statement.text))
      .join('\n');

    for (const word of [
      'TABLE',
      'VIEW',
      'FUNCTION',
      'PROCEDURE',
      'TRIGGER',
      'EVENT',
      'FOREIGN',
      'CHECK',
      'PARTITION',
      'FULLTEXT',
      'HANDLER',
      'CURSOR',
      'ITERATE',
      'END CASE',
      'REPEAT',
      'RECURSIVE',
      'UNION',
      '/*+',
      'COLLATE',
      'INVISIBLE',
      '\n--',
      '# ',
    ])
      expect(text).toContain(word);
    expect(text).not.toContain('\u0001');
  });

  test('has names of the database in other places, too', () => {
    const shared = Array.from({ length: 50 }, (_, seed) =>
      randomSchema(randomNumbers(seed), TARGETS[0]),
    ).filter(({ database, statements }) =>
      statements.slice(2).some(({ text }) => text.includes(`\`${database}\``) && text.includes('VIEW')),
    );

    expect(shared.length).toBeGreaterThan(10);
  });
});

describe('names', () => {
  test('of one kind are not the same in another case', () => {
    const names = new Names(new Dice(randomNumbers(1)));
    const fresh = Array.from({ length: 40 }, () => names.fresh('table').toLowerCase());

    expect(new Set(fresh).size).toBe(40);
  });

  test('that a server gives by itself are not given again', () => {
    const names = new Names(new Dice(randomNumbers(1)), 'shop');
    names.take('key', 'SHOP');

    expect(Array.from({ length: 40 }, () => names.fresh('key'))).not.toContain('shop');
  });
});

describe('text', () => {
  test('takes comments between its words, and never in a name or a string', () => {
    const text = sql`SELECT ${'`a b`'} AS ${"'c d'"} FROM t`;
    const commented = seasoned(text, new Dice(randomNumbers(3)), 1);

    expect(plain(text)).toBe("SELECT `a b` AS 'c d' FROM t");
    expect(commented).toContain('`a b`');
    expect(commented).toContain("'c d'");
    expect(commented).toMatch(/--|#|\/\*/);
  });
});

describe('shrinking', () => {
  const schema: Schema = {
    tables: [],
    gone: '',
    database: 'shop',
    statements: ['CREATE DATABASE shop', 'USE shop', 'a', 'b', 'c', 'd', 'e'].map((text) => ({
      text,
      mode: '',
    })),
  };

  test('leaves what fails, and how to get there', async () => {
    const fails = ({ statements }: Schema): Promise<boolean> =>
      Promise.resolve(['b', 'e'].every((needed) => statements.some(({ text }) => text === needed)));

    const small = await shrink(schema, fails, Date.now() + 60_000);

    expect(small.statements.map(({ text }) => text)).toEqual(['CREATE DATABASE shop', 'USE shop', 'b', 'e']);
  });

  test('writes a script whose delimiter is in none of the statements, and whose modes are set', () => {
    const script = scriptOf({
      tables: [],
      gone: '',
      database: 'shop',
      statements: [
        { text: "SELECT '~~'", mode: '' },
        { text: 'SELECT "a"', mode: 'ANSI_QUOTES' },
      ],
    });

    expect(script).toContain('DELIMITER ^^\n');
    expect(script).toMatch(/SET SESSION sql_mode = 'ANSI_QUOTES'\^\^\nSELECT "a"\n\^\^/);
  });
});
