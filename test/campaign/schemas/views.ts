import type { Column } from './columns.ts';
import type { Dice } from './dice.ts';
import { condition, NO_SCOPE, numeric, textual } from './expressions.ts';
import type { Scope } from './expressions.ts';
import { quoted, written } from './names.ts';
import type { Names } from './names.ts';
import { list, sql } from './text.ts';

/** What a SELECT may read: a table or another view. */
export interface Relation {
  readonly name: string;
  readonly columns: readonly Column[];
}

export interface View extends Relation {
  readonly statement: string;
}

interface Source {
  /** As it stands in FROM. */
  readonly text: string;
  readonly alias: string;
  readonly columns: readonly Column[];
}

interface Select {
  readonly text: string;
  readonly columns: readonly Column[];
}

/** A view on tables and views, with aliases that mean something else elsewhere. */
export function randomView(
  names: Names,
  relations: readonly Relation[],
  functions: Scope['functions'],
  dice: Dice,
): View {
  const name = names.fresh('table');
  const select = randomSelect(names, relations, functions, dice);
  const algorithm = dice.maybe(0.2, () => sql`ALGORITHM=${dice.pick(['MERGE', 'TEMPTABLE', 'UNDEFINED'])} `);
  const security = dice.maybe(0.3, () => sql`SQL SECURITY ${dice.pick(['INVOKER', 'DEFINER'])} `);
  const where = dice.chance(0.2) ? `${quoted(names.database)}.` : '';
  return {
    name,
    columns: select.columns,
    statement: sql`CREATE ${algorithm}${security}VIEW ${where}${written(name, dice)} AS ${select.text}`,
  };
}

/** Any form of SELECT, with names for its columns. */
export function randomSelect(
  names: Names,
  relations: readonly Relation[],
  functions: Scope['functions'],
  dice: Dice,
): Select {
  return dice.make([
    () => simpleSelect(names, relations, functions, dice),
    () => simpleSelect(names, relations, functions, dice),
    () => simpleSelect(names, relations, functions, dice),
    () => union(names, relations, functions, dice),
    () => withClause(names, relations, functions, dice),
  ]);
}

function simpleSelect(
  names: Names,
  relations: readonly Relation[],
  functions: Scope['functions'],
  dice: Dice,
): Select {
  const sources = sourcesOf(names, relations, dice);
  const scope: Scope = {
    ...NO_SCOPE,
    database: names.database,
    functions,
    columns: sources.flatMap(({ alias, columns }) =>
      columns.map((column) => ({ column, qualifier: quoted(alias) })),
    ),
  };
  const taken = `column of select ${String(dice.random())}`;
  const columns: Column[] = [];
  const items = dice.several(1, 3, () => {
    const name = names.fresh(taken);
    const kind = dice.pick(['number', 'text', 'column'] as const);
    const picked = dice.pick(scope.columns);
    const isColumn = kind === 'column';
    const text = isColumn ? `${picked.qualifier ?? ''}.${quoted(picked.column.name)}` : kind === 'number' ? numeric(scope, dice) : textual(scope, dice); // prettier-ignore
    columns.push({ ...(isColumn ? picked.column : { ...UNKNOWN, kind }), name });
    return sql`${text} AS ${quoted(name)}`;
  });
  const from = joined(sources, names.database, dice);
  const distinct = dice.maybe(0.15, () => sql`DISTINCT `);
  const where = dice.maybe(0.4, () => sql` WHERE ${condition(scope, dice)}`);
  const exists =
    where === ''
      ? ''
      : dice.maybe(
          0.2,
          () => sql` AND EXISTS (SELECT 1 FROM ${relationText(dice.pick(relations), names, dice)})`,
        );
  const order = dice.maybe(0.2, () => sql` ORDER BY ${dice.pick(['1', '1 DESC'])}`);
  const limit = dice.maybe(0.1, () => sql` LIMIT 3`);
  return {
    text: sql`SELECT ${distinct}${list(items)} FROM ${from}${where}${exists}${order}${limit}`,
    columns,
  };
}

/** What joins in turn; a condition may read what stands in its own join alone. */
function joined(sources: readonly Source[], database: string, dice: Dice): string {
  const [first, ...others] = sources;
  let text = first!.text;
  let group = [first!];
  for (const source of others) {
    if (dice.chance(0.4)) {
      text = sql`${text}, ${source.text}`;
      group = [source];
      continue;
    }
    group.push(source);
    const scope: Scope = {
      ...NO_SCOPE,
      deterministic: true,
      database,
      columns: group.flatMap(({ alias, columns }) =>
        columns.map((column) => ({ column, qualifier: quoted(alias) })),
      ),
    };
    const join = dice.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'INNER JOIN', 'STRAIGHT_JOIN']);
    text = sql`${text} ${join} ${source.text} ON ${condition(scope, dice, 0)}`;
  }
  return text;
}

const UNKNOWN: Omit<Column, 'name' | 'kind'> = {
  type: 'TEXT',
  generated: true,
  nullable: true,
  indexable: false,
  value: () => 'NULL',
};

function sourcesOf(names: Names, relations: readonly Relation[], dice: Dice): readonly Source[] {
  const taken = `alias ${String(dice.random())}`;
  return dice.several(1, dice.pick([1, 2, 3]), () => {
    const relation = dice.pick(relations);
    const alias = names.fresh(taken);
    const as = dice.pick([sql` AS `, sql` `]);
    if (dice.chance(0.15)) {
      const columns = relation.columns.slice(0, 2);
      const inner = sql`(SELECT ${list(columns.map(({ name }) => quoted(name)))} FROM ${relationText(relation, names, dice)})`;
      return { text: `${inner}${as}${quoted(alias)}`, alias, columns };
    }
    return {
      text: `${relationText(relation, names, dice)}${as}${quoted(alias)}`,
      alias,
      columns: relation.columns,
    };
  });
}

/** A table's name, with its database's before it now and then. */
function relationText({ name }: Relation, names: Names, dice: Dice): string {
  return (dice.chance(0.25) ? `${quoted(names.database)}.` : '') + quoted(name);
}

function union(
  names: Names,
  relations: readonly Relation[],
  functions: Scope['functions'],
  dice: Dice,
): Select {
  const [a, b] = [0, 1].map(() => simpleSelect(names, relations, functions, dice));
  const column: Column = { ...UNKNOWN, kind: 'other', name: names.fresh(`union ${String(dice.random())}`) };
  const one = (select: Select): string =>
    sql`SELECT COUNT(*) AS ${quoted(column.name)} FROM (${select.text}) AS ${quoted(names.any())}`;
  return {
    text: sql`${one(a!)} UNION ${dice.maybe(0.5, () => sql`ALL `)}${one(b!)}`,
    columns: [{ ...column, kind: 'number' }],
  };
}

function withClause(
  names: Names,
  relations: readonly Relation[],
  functions: Scope['functions'],
  dice: Dice,
): Select {
  const inner = simpleSelect(names, relations, functions, dice);
  const name = names.plain(); // MariaDB prints it as it is
  const column = inner.columns[0]!;
  const alias = names.any();
  if (dice.chance(0.3)) {
    const n = quoted(names.plain());
    return {
      text: sql`WITH RECURSIVE ${quoted(name)} (${n}) AS (SELECT 1 UNION ALL SELECT ${n} + 1 FROM ${quoted(name)} WHERE ${n} < 3) SELECT ${quoted(alias)}.${n} AS ${quoted(column.name)} FROM ${quoted(name)} AS ${quoted(alias)}`,
      columns: [{ ...UNKNOWN, kind: 'number', name: column.name }],
    };
  }
  return {
    text: sql`WITH ${quoted(name)} AS (${inner.text}) SELECT ${quoted(alias)}.${quoted(column.name)} FROM ${quoted(name)} AS ${quoted(alias)}`,
    columns: [column],
  };
}
