import { reference, word } from './columns.ts';
import type { Column } from './columns.ts';
import type { Dice } from './dice.ts';
import { quoted } from './names.ts';
import { sql } from './text.ts';

/** What an expression may read. */
export interface Scope {
  readonly columns: readonly { readonly column: Column; readonly qualifier: string | undefined }[];
  /** `@x`, `@@y`, and variables of a routine: none in views, generated columns and checks. */
  readonly variables: readonly string[];
  /** Names of functions of the schema, with how many arguments they take. */
  readonly functions: readonly { readonly name: string; readonly arity: number }[];
  /** The same each time, for generated columns and checks. */
  readonly deterministic: boolean;
  readonly database: string;
}

export const NO_SCOPE: Omit<Scope, 'database'> = {
  columns: [],
  variables: [],
  functions: [],
  deterministic: false,
};

/** Texts that are signs to a reader that forgets that they are quoted. */
const SIGNS = [
  "'.'",
  "'@'",
  "';'",
  "';;'",
  "'$$'",
  "'//'",
  "':='",
  "','",
  "'('",
  "'`'",
  "'\"'",
  "''''",
  "'--'",
  "'/*'",
  "'END'",
];

export function numeric(scope: Scope, dice: Dice, depth = 2): string {
  const inner = (): string => numeric(scope, dice, depth - 1);
  const leaf = (): string => {
    const columns = scope.columns.filter(({ column }) => column.kind === 'number');
    if (columns.length > 0 && dice.chance(0.6)) return columnOf(columns, dice);
    if (scope.variables.length > 0 && dice.chance(0.5)) return dice.pick(scope.variables);
    return dice.pick([
      '1',
      '0',
      scope.deterministic ? '2' : '-1',
      '42',
      '1.5',
      '1e3',
      'NULL',
      "x'01'",
      "b'1'",
    ]);
  };
  if (depth <= 0) return leaf();
  const calls = scope.functions.length > 0 && dice.chance(0.2) ? [(): string => call(scope, dice)] : [];
  return dice.make([
    leaf,
    // A virtual column below zero of unsigned ones is there until somebody reads it; MariaDB's dump of it has a 0.
    () => sql`${inner()} ${dice.pick(scope.deterministic ? ['+'] : ['+', '-', '*'])} ${inner()}`,
    () => sql`(${inner()})`,
    () => sql`ABS(${inner()})`,
    () => sql`COALESCE(${inner()}, ${inner()})`,
    () => sql`IF(${condition(scope, dice, depth - 1)}, ${inner()}, ${inner()})`,
    () => sql`LENGTH(${textual(scope, dice, depth - 1)})`,
    () => sql`CASE WHEN ${condition(scope, dice, depth - 1)} THEN ${inner()} ELSE ${inner()} END`,
    () => sql`CASE ${inner()} WHEN ${inner()} THEN ${inner()} WHEN 2 THEN ${inner()} END`,
    () => sql`GREATEST(${inner()}, ${inner()})`,
    () => sql`CAST(${inner()} AS SIGNED)`,
    ...calls,
    ...(scope.deterministic
      ? []
      : [(): string => sql`(SELECT ${inner()})`, (): string => sql`ROUND(RAND() * ${inner()})`]),
  ]);
}

export function textual(scope: Scope, dice: Dice, depth = 2): string {
  const inner = (): string => textual(scope, dice, depth - 1);
  const leaf = (): string => {
    const columns = scope.columns.filter(({ column }) => column.kind === 'text');
    if (columns.length > 0 && dice.chance(0.4)) return columnOf(columns, dice);
    return dice.chance(0.6) ? dice.pick(SIGNS) : word(dice);
  };
  if (depth <= 0) return leaf();
  return dice.make([
    leaf,
    () => sql`CONCAT(${dice.pick(SIGNS)}, ${inner()}, ${dice.pick(SIGNS)})`,
    () => sql`UPPER(${inner()})`,
    () => sql`REPLACE(${inner()}, '.', '@')`,
    () => sql`CASE WHEN ${condition(scope, dice, depth - 1)} THEN '.' ELSE '@' END`,
    () => sql`CASE ${dice.pick(SIGNS)} WHEN '@' THEN ${inner()} WHEN '.' THEN 'a' ELSE ';' END`,
    () => sql`IFNULL(${inner()}, 'x')`,
    () => sql`CAST(${numeric(scope, dice, depth - 1)} AS CHAR)`,
    () => sql`SUBSTRING(${inner()} FROM 1 FOR 2)`,
    () => sql`TRIM(BOTH 'x' FROM ${inner()})`,
  ]);
}

export function condition(scope: Scope, dice: Dice, depth = 2): string {
  const inner = (): string => condition(scope, dice, depth - 1);
  const columns = scope.columns;
  const leaf = (): string =>
    dice.make([
      () => sql`${textual(scope, dice, 0)} = ${dice.pick(SIGNS)}`,
      () =>
        sql`${numeric(scope, dice, 0)} ${dice.pick(['<', '>', '=', '<>', '<=>'])} ${numeric(scope, dice, 0)}`,
      () => (columns.length === 0 ? '1' : sql`${columnOf(columns, dice)} IS ${dice.pick(['', 'NOT'])} NULL`),
      () => sql`${textual(scope, dice, 0)} LIKE ${dice.pick(["'%.%'", "'@_'", "'\\\\%'"])}`,
      () => sql`${numeric(scope, dice, 0)} IN (1, 2, ${numeric(scope, dice, 0)})`,
      () => sql`${numeric(scope, dice, 0)} BETWEEN 1 AND ${numeric(scope, dice, 0)}`,
    ]);
  if (depth <= 0) return leaf();
  return dice.make([
    leaf,
    () => sql`${inner()} ${dice.pick(['AND', 'OR', 'XOR'])} ${inner()}`,
    () => sql`NOT (${inner()})`,
    () => sql`(${inner()})`,
  ]);
}

function columnOf(columns: Scope['columns'], dice: Dice): string {
  const { column, qualifier } = dice.pick(columns);
  return reference(column, qualifier);
}

function call(scope: Scope, dice: Dice): string {
  const { name, arity } = dice.pick(scope.functions);
  const where = dice.chance(0.3) ? `${quoted(scope.database)}.` : '';
  return `${where}${quoted(name)}(${Array.from({ length: arity }, () => numeric(scope, dice, 0)).join(', ')})`;
}
