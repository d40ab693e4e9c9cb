import { columnLine, commentClause } from './columns.ts';
import type { Column } from './columns.ts';
import type { Dice } from './dice.ts';
import { condition, NO_SCOPE, numeric, textual } from './expressions.ts';
import type { Scope } from './expressions.ts';
import { quoted, written } from './names.ts';
import type { Names } from './names.ts';
import { collations, isMariadb } from './target.ts';
import type { Target } from './target.ts';
import { list, sql } from './text.ts';

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The key that others may refer to. */
  readonly id: string;
  /** Whether foreign keys may lead to it. */
  readonly isParent: boolean;
  /** Its CREATE TABLE and what fills it. */
  readonly statements: readonly string[];
}

type Storage = 'plain' | 'partitioned' | 'foreign';

/** A table that is being written. */
interface Draft {
  readonly name: string;
  readonly columns: Column[];
  readonly lines: string[];
  readonly names: Names;
  readonly dice: Dice;
  readonly target: Target;
  readonly storage: Storage;
  /** Whether the server counts the first column up; then no expression may read it. */
  readonly counted: boolean;
}

/**
 * A table with an integer key, columns of every type, generated ones, indexes, checks, foreign keys and a few rows.
 *
 * @param parents Tables that are there; a foreign key may also lead to the table itself.
 * @param gone One that never comes, to which a foreign key may lead, too.
 */
export function randomTable(
  names: Names,
  parents: readonly Table[],
  gone: string,
  dice: Dice,
  target: Target,
): Table {
  const name = names.fresh('table');
  const storage = dice.pick(['plain', 'plain', 'plain', 'plain', 'plain', 'partitioned', 'foreign'] as const);
  const draft: Draft = {
    name,
    columns: [],
    lines: [],
    names,
    dice,
    target,
    storage,
    counted: dice.chance(0.4),
  };
  addId(draft);
  for (let count = dice.between(1, 4); count > 0; count -= 1) addColumn(draft);
  if (storage !== 'foreign' && dice.chance(0.35)) addGenerated(draft);
  for (let count = dice.between(0, 2); count > 0; count -= 1) addIndex(draft);
  if (dice.chance(0.3)) addCheck(draft);
  if (storage === 'plain')
    for (let count = dice.between(0, 2); count > 0; count -= 1) addForeignKey(draft, parents, gone);
  const create = sql`CREATE TABLE ${written(name, dice)} (${list(draft.lines)})${tableOptions(draft)}${partitions(draft)}`;
  return {
    name,
    id: idOf(draft).name,
    columns: draft.columns,
    isParent: storage === 'plain',
    statements: [create, ...rows(draft)],
  };
}

function addId({ name, columns, lines, names, dice, counted }: Draft): void {
  const id = names.fresh(`column of ${name}`);
  columns.push({ name: id, kind: 'number', type: 'INT', generated: false, nullable: false, indexable: true, value: () => '1' }); // prettier-ignore
  lines.push(sql`${written(id, dice)} INT NOT NULL${counted ? sql` AUTO_INCREMENT` : ''} PRIMARY KEY`);
}

function idOf({ columns }: Draft): Column {
  return columns[0]!;
}

function addColumn({ name, columns, lines, names, dice, target, storage }: Draft): void {
  const { line, column } = columnLine(names.fresh(`column of ${name}`), dice, target);
  if (storage === 'partitioned' && column.kind === 'geometry') return;
  lines.push(line);
  columns.push(column);
}

function addGenerated(draft: Draft): void {
  const { columns, lines, names, dice, target } = draft;
  const name = names.fresh(`column of ${draft.name}`);
  const isText = dice.chance(0.5);
  const expression = isText ? textual(scopeOf(draft), dice, 1) : numeric(scopeOf(draft), dice, 1);
  const type = isText ? 'VARCHAR(250)' : 'DOUBLE';
  const always = dice.maybe(0.5, () => sql` GENERATED ALWAYS`);
  const stored = isMariadb(target) ? dice.pick([sql` PERSISTENT`, sql` STORED`]) : sql` STORED`;
  const kept = dice.pick(['', sql` VIRTUAL`, stored]);
  const comment = dice.maybe(0.2, () => commentClause(dice));
  lines.push(sql`${quoted(name)} ${type}${always} AS (${expression})${kept}${comment}`);
  columns.push({ name, kind: isText ? 'text' : 'number', type, generated: true, nullable: true, indexable: false, value: () => 'DEFAULT' }); // prettier-ignore
}

function addIndex({ name: table, columns, lines, names, dice, target, storage, counted }: Draft): void {
  const name = quoted(names.fresh(`key of ${table}`));
  const given = columns.filter(({ generated }) => !generated);
  const simple = given.filter(({ indexable }) => indexable);
  const texts = given.filter(({ type }) => /^(VARCHAR|TEXT|CHAR)/.test(type) && !type.includes('COMPRESSED'));
  const points = given.filter(({ kind, nullable }) => kind === 'geometry' && !nullable);
  const hidden = isMariadb(target) ? sql` IGNORED` : sql` INVISIBLE`;
  const descends = isMariadb(target) || storage !== 'foreign'; // on MySQL in InnoDB alone
  const makers: (() => string)[] = [
    () => {
      const parts = dice.shuffled(simple).slice(0, dice.between(1, 2));
      const keys = parts.map((each) => quoted(each.name) + dice.maybe(descends ? 0.2 : 0, () => sql` DESC`));
      return sql`KEY ${name} (${list(keys)})${dice.maybe(0.2, () => commentClause(dice))}${dice.maybe(0.15, () => hidden)}`;
    },
  ];
  if (texts.length > 0) {
    makers.push(() => sql`KEY ${name} (${quoted(dice.pick(texts).name)}(3))`);
    if (storage === 'plain' && dice.chance(0.3))
      makers.push(() => sql`FULLTEXT KEY ${name} (${quoted(dice.pick(texts).name)})`);
  }
  if (points.length > 0 && storage === 'plain')
    makers.push(() => sql`SPATIAL KEY ${name} (${quoted(dice.pick(points).name)})`);
  if (!isMariadb(target) && storage !== 'foreign' && !counted)
    makers.push(() => sql`KEY ${name} ((${quoted(columns[0]!.name)} + 1))`);
  lines.push(dice.make(makers));
}

/** Rows have to pass it, so it is one that all of them do. */
function addCheck(draft: Draft): void {
  const { lines, names, dice, counted } = draft;
  const named = dice.maybe(0.6, () => sql`CONSTRAINT ${quoted(names.fresh('constraint'))} `);
  const anyway = counted ? '1' : sql`${quoted(idOf(draft).name)} IS NOT NULL`;
  lines.push(sql`${named}CHECK (${condition(scopeOf(draft), dice, 1)} OR ${anyway})`);
}

function addForeignKey(draft: Draft, parents: readonly Table[], gone: string): void {
  const { name, columns, lines, names, dice, target } = draft;
  const own = names.fresh(`column of ${name}`);
  const self = { name, id: idOf(draft).name };
  const there = parents.filter(({ isParent }) => isParent);
  const parent = dice.pick([
    self,
    ...there,
    ...there,
    ...(dice.chance(0.3) ? [{ name: gone, id: 'id' }] : []),
  ]);
  const constraint = dice.chance(0.6) ? names.fresh('constraint', `key of ${name}`) : undefined;
  if (constraint === undefined) names.take(`key of ${name}`, own); // the server's name for its index
  lines.push(sql`${quoted(own)} INT`);
  columns.push({ name: own, kind: 'number', type: 'INT', generated: false, nullable: true, indexable: true, value: () => 'NULL' }); // prettier-ignore
  // MariaDB 10.11 prints these without doubling a tick in them, and nobody can load that.
  if (isMariadb(target) && [own, parent.id, constraint ?? name].some((each) => each.includes('`'))) return;
  const clause = constraint === undefined ? '' : sql`CONSTRAINT ${quoted(constraint)} `;
  const where = dice.chance(0.2) ? `${quoted(names.database)}.` : '';
  const actions =
    dice.maybe(0.5, () => sql` ON DELETE ${dice.pick(['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION'])}`) +
    dice.maybe(0.4, () => sql` ON UPDATE ${dice.pick(['CASCADE', 'SET NULL', 'RESTRICT'])}`);
  lines.push(
    sql`${clause}FOREIGN KEY (${quoted(own)}) REFERENCES ${where}${quoted(parent.name)} (${quoted(parent.id)})${actions}`,
  );
}

function tableOptions({ columns, dice, target, storage }: Draft): string {
  const charset = dice.pick(Object.keys(collations(target)));
  const collation = dice.pick(collations(target)[charset]!);
  const charsetClause = dice.pick([
    sql` DEFAULT CHARSET=${charset}`,
    sql` DEFAULT CHARSET=${charset} COLLATE=${collation}`,
    sql` COLLATE=${collation}`,
  ]);
  const format = dice.pick(['DYNAMIC', 'COMPACT', 'REDUNDANT', 'COMPRESSED']);
  return [
    storage === 'foreign' ? sql` ENGINE=${foreignEngine(columns, dice, target)}` : dice.maybe(0.3, () => sql` ENGINE=InnoDB`), // prettier-ignore
    dice.maybe(0.4, () => charsetClause),
    dice.maybe(0.15, () => sql` AUTO_INCREMENT=${dice.between(2, 5000)}`),
    storage === 'plain' ? dice.maybe(0.15, () => sql` ROW_FORMAT=${format}`) : '',
    dice.maybe(0.2, () => commentClause(dice)),
  ].join('');
}

/** One that takes all of the columns. */
function foreignEngine(columns: readonly Column[], dice: Dice, target: Target): string {
  const long = columns.some(({ kind, type }) => kind === 'geometry' || /TEXT|BLOB|JSON|VECTOR/.test(type));
  return dice.pick(['MyISAM', ...(long ? [] : ['MEMORY']), ...(isMariadb(target) ? ['Aria'] : [])]);
}

function partitions({ storage, columns, names, dice }: Draft): string {
  if (storage !== 'partitioned') return '';
  const id = quoted(columns[0]!.name);
  const older = quoted(names.any());
  return dice.make([
    () => sql` PARTITION BY ${dice.pick(['HASH', 'KEY'])} (${id}) PARTITIONS ${dice.between(2, 3)}`,
    () =>
      sql` PARTITION BY RANGE (${id}) (PARTITION ${older} VALUES LESS THAN (2) COMMENT = 'it''s', PARTITION zz VALUES LESS THAN MAXVALUE)`,
    () => sql` PARTITION BY LIST (${id}) (PARTITION ${older} VALUES IN (0,1,2,3,4,5,6))`,
  ]);
}

/** All columns by name, or a part of them where there is none; foreign keys are empty. */
function rows({ name, columns, counted, dice }: Draft): readonly string[] {
  const given = columns.filter(({ generated }) => !generated);
  const valueOf = (column: Column, index: number, row: number): string => {
    if (index === 0) return String(counted && row === 0 ? 1 : row * 2 + 1);
    return column.nullable && dice.chance(0.3) ? 'NULL' : column.value(dice);
  };
  return dice.several(0, 3, (row) => {
    const values = given.map((column, index) => valueOf(column, index, row));
    return sql`INSERT INTO ${quoted(name)} (${list(given.map((column) => quoted(column.name)))}) VALUES (${list(values)})`;
  });
}

function scopeOf({ columns, names, counted }: Draft): Scope {
  const readable = columns.filter(({ generated }, index) => !generated && !(counted && index === 0));
  return {
    ...NO_SCOPE,
    deterministic: true,
    database: names.database,
    columns: readable.map((column) => ({ column, qualifier: undefined })),
  };
}
