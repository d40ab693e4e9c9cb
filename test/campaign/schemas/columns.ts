import type { Dice } from './dice.ts';
import { quoted, written } from './names.ts';
import { collations, hasVectors, isMariadb } from './target.ts';
import type { Target } from './target.ts';
import { sql } from './text.ts';

export type ColumnKind = 'number' | 'text' | 'binary' | 'time' | 'json' | 'geometry' | 'other';

/** A column that a table or a view has, as those that read it need it. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly type: string;
  /** Its value comes from an expression, and none is given. */
  readonly generated: boolean;
  readonly nullable: boolean;
  /** May stand in an index without a prefix. */
  readonly indexable: boolean;
  /** A value that it takes. */
  readonly value: (dice: Dice) => string;
}

type Type = Omit<Column, 'name' | 'generated' | 'nullable'> & {
  /** What `SHOW CREATE TABLE` puts between the type and `NOT NULL`. */
  readonly collation?: string;
};

/** A type with its values, any of those that the server has. */
export function randomType(dice: Dice, target: Target): Type {
  const kinds = [number, number, text, text, time, binary, choice, json, geometry, special];
  return dice.pick(kinds)(dice, target);
}

function number(dice: Dice): Type {
  const base = { kind: 'number', indexable: true } as const;
  const small = (): string => String(dice.between(0, 100));
  return dice.make<Type>([
    () => ({ ...base, type: 'INT', value: small }),
    () => ({
      ...base,
      type: dice.pick(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'BIGINT', 'BOOLEAN', 'INT(5)', 'INTEGER']),
      value: (d) => String(d.between(-100, 100)),
    }),
    () => ({
      ...base,
      type: sql`${dice.pick(['TINYINT', 'INT', 'BIGINT'])} UNSIGNED${dice.maybe(0.3, () => sql` ZEROFILL`)}`,
      value: small,
    }),
    () => ({
      ...base,
      type: dice.pick([
        'DECIMAL(10,2)',
        'DECIMAL(65,30)',
        'DECIMAL',
        'NUMERIC(5,0)',
        'DOUBLE',
        'DOUBLE(10,3)',
        'FLOAT',
        'REAL',
      ]),
      value: (d) => `${d.between(-99, 99)}.5`,
    }),
    () => ({
      ...base,
      type: dice.pick(['BIT', 'BIT(8)', 'BIT(64)']),
      value: (d) => `b'${d.pick(['0', '1'])}'`,
    }),
  ]);
}

const WORDS = ["''", "'a'", "'it''s'", '\'say "so"\'', "'.'", "'@'", "';'", "'a.b@c;'", "'\\\\'", "'--'", "'/*'", "'NULL'", "'$$'", "'line\\nline'"]; // prettier-ignore
const WIDE_WORDS = ["'é'", "'ünï'"];

/** A string that any charset holds. */
export function word(dice: Dice): string {
  return dice.pick(WORDS);
}

function text(dice: Dice, target: Target): Type {
  const type = dice.pick([
    'VARCHAR(20)',
    'CHAR(10)',
    'VARCHAR(200)',
    'TEXT',
    'TINYTEXT',
    'MEDIUMTEXT',
    'LONGTEXT',
    'NATIONAL VARCHAR(10)',
  ]);
  const plainly = dice.chance(0.5) || type.startsWith('NATIONAL');
  const charset = dice.pick(Object.keys(collations(target)));
  const collation = dice.pick(collations(target)[charset]!);
  const clause = plainly
    ? ''
    : dice.make([
        () => sql` CHARACTER SET ${charset}`,
        () => sql` CHARACTER SET ${charset} COLLATE ${collation}`,
        () => sql` COLLATE ${collation}`,
      ]);
  return {
    kind: 'text',
    type,
    collation: clause,
    indexable: type.includes('CHAR(') && !type.includes('200'),
    value: (d) => (plainly && d.chance(0.2) ? d.pick(WIDE_WORDS) : word(d)),
  };
}

function time(dice: Dice): Type {
  const base = { kind: 'time', indexable: true } as const;
  return dice.make<Type>([
    () => ({ ...base, type: 'DATE', value: (d) => d.pick(["'2026-02-28'", "'0000-00-00'", "'2026-00-00'"]) }),
    () => ({
      ...base,
      type: dice.pick(['DATETIME', 'DATETIME(6)', 'DATETIME(3)']),
      value: (d) => d.pick(["'2026-02-28 01:02:03'", "'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'"]),
    }),
    () => ({
      ...base,
      type: dice.pick(['TIMESTAMP', 'TIMESTAMP(6)']),
      value: (d) => d.pick(["'2026-03-29 02:30:00'", "'1971-01-01 00:00:00'", "'0000-00-00 00:00:00'"]),
    }),
    () => ({
      ...base,
      type: dice.pick(['TIME', 'TIME(2)']),
      value: (d) => d.pick(["'-838:59:59'", "'12:00'"]),
    }),
    () => ({ ...base, type: 'YEAR', value: (d) => d.pick(['0', '1999', '2155']) }),
  ]);
}

function binary(dice: Dice): Type {
  const type = dice.pick(['BINARY(4)', 'VARBINARY(30)', 'BLOB', 'TINYBLOB', 'LONGBLOB']);
  return {
    kind: 'binary',
    type,
    indexable: type.includes('BINARY'),
    value: (d) => d.pick(['0x00', "x'0A27'", "''", '0x5C3B']),
  };
}

function choice(dice: Dice): Type {
  const values = "'a','it''s','.','@',';','say \"so\"','(',''";
  const kind = dice.pick(['ENUM', 'SET']);
  return {
    kind: 'text',
    type: `${kind}(${values})`,
    collation: dice.maybe(0.3, () => sql` CHARACTER SET latin1`),
    indexable: true,
    value: (d) => d.pick(["'a'", "'it''s'", "'.'", "';'", "''"]),
  };
}

function json(): Type {
  return {
    kind: 'json',
    type: 'JSON',
    indexable: false,
    value: (d) => d.pick([`'{"a": 1}'`, `'[]'`, `'"it''s;"'`, `'null'`]),
  };
}

function geometry(dice: Dice, target: Target): Type {
  const type = dice.pick(['POINT', 'GEOMETRY', isMariadb(target) ? 'POINT' : 'POINT SRID 0']);
  return { kind: 'geometry', type, indexable: false, value: () => sql`ST_GeomFromText('POINT(1 2)')` };
}

function special(dice: Dice, target: Target): Type {
  const other = { kind: 'other', indexable: false } as const;
  const vector: Type = {
    ...other,
    type: 'VECTOR(2)',
    value: () => (isMariadb(target) ? "VEC_FromText('[1,2]')" : "STRING_TO_VECTOR('[1,2]')"),
  };
  const all: readonly Type[] = isMariadb(target)
    ? [
        { ...other, type: 'INET6', value: () => "'::1'" },
        { ...other, type: 'INET4', value: () => "'10.0.0.1'" },
        { ...other, type: 'UUID', value: () => "'123e4567-e89b-12d3-a456-426655440000'" },
        { ...other, type: 'TEXT COMPRESSED', value: (d) => word(d) },
      ]
    : [json()];
  return dice.pick(hasVectors(target) ? [...all, vector] : all);
}

/** What stands behind the type: constraints, default, comment, visibility. */
export function columnOptions(type: Type, dice: Dice, target: Target): { text: string; nullable: boolean } {
  const nullable = dice.chance(0.6);
  const parts = [nullable ? dice.maybe(0.3, () => sql` NULL`) : sql` NOT NULL`];
  const hasDefault = type.kind !== 'geometry' && (type.kind !== 'other' || nullable);
  if (hasDefault && dice.chance(0.35)) parts.push(sql` DEFAULT ${defaultOf(type, nullable, dice)}`);
  if (type.kind === 'time' && /^(TIMESTAMP|DATETIME)$/.test(type.type) && dice.chance(0.3))
    parts.push(sql` ON UPDATE CURRENT_TIMESTAMP`);
  if (dice.chance(0.08)) parts.push(sql` INVISIBLE`);
  const text = [...parts, dice.maybe(0.2, () => commentClause(dice))].join('');
  // MySQL wants a default or NULL for what no statement names; a column that may be NULL has one.
  const hidden = text.includes('INVISIBLE') && !nullable && !text.includes('DEFAULT');
  return { text: hidden && isMariadb(target) ? text.replace('INVISIBLE', '') : text, nullable };
}

/** `COMMENT '…'` with everything in it that a reader may trip over. */
export function commentClause(dice: Dice): string {
  return sql` COMMENT ${dice.pick(["'it''s'", '\'say "so"; -- no\'', "'/* no comment */'", "'back\\\\slash'", "'a.b @c; DELIMITER ;;'", "'ünïcode 表'", "''", "'`tick`'"])}`;
}

function defaultOf(type: Type, nullable: boolean, dice: Dice): string {
  const ofKind: Partial<Record<ColumnKind, readonly string[]>> = {
    number: type.type.includes('BIT') ? ["b'1'"] : ['1', '(1 + 2 * 3)', '(ABS(-5))', '0'],
    text: /ENUM|SET/.test(type.type) ? ["'a'"] : type.type.includes('TEXT') ? ["('it''s;')", "(CONCAT('.','@'))"] : ["'it''s'", "'.'", "'@'", "(CONCAT(';','.'))", "(UPPER('a'))"], // prettier-ignore
    binary: type.type.includes('BLOB') ? ["('x')"] : ["'x'", '0x41'],
    time: TIME_DEFAULTS[type.type] ?? ["'0'"],
    json: [`(JSON_OBJECT('it''s', '.'))`, `('[]')`],
  };
  const defaults = ofKind[type.kind] ?? [];
  return nullable && (defaults.length === 0 || dice.chance(0.3)) ? 'NULL' : defaults.length === 0 ? "('')" : dice.pick(defaults); // prettier-ignore
}

const TIME_DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  TIMESTAMP: ['CURRENT_TIMESTAMP', "'0000-00-00 00:00:00'", "'2026-01-01 00:00:00'"],
  DATETIME: ['CURRENT_TIMESTAMP', "'0000-00-00 00:00:00'", '(NOW())'],
  'TIMESTAMP(6)': ['CURRENT_TIMESTAMP(6)'],
  'DATETIME(6)': ['CURRENT_TIMESTAMP(6)'],
  DATE: ["'0000-00-00'", "'2026-01-01'"],
  TIME: ["'00:00:00'"],
  'TIME(2)': ["'00:00:00'"],
  'DATETIME(3)': ["'2026-01-01 00:00:00'"],
  YEAR: ['2026'],
};

/** The whole line of a column whose values are given. */
export function columnLine(name: string, dice: Dice, target: Target): { line: string; column: Column } {
  const { collation, ...type } = randomType(dice, target);
  const options = columnOptions(type, dice, target);
  return {
    line: sql`${written(name, dice)} ${type.type}${collation ?? ''}${options.text}`,
    column: { ...type, name, generated: false, nullable: options.nullable },
  };
}

/** A column as it is called in an expression. */
export function reference(column: Column, qualifier: string | undefined): string {
  return qualifier === undefined ? quoted(column.name) : `${qualifier}.${quoted(column.name)}`;
}
