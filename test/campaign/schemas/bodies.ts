import type { Dice } from './dice.ts';
import { condition, numeric, textual } from './expressions.ts';
import type { Scope } from './expressions.ts';
import { quoted, written } from './names.ts';
import type { Names } from './names.ts';
import { block, list, sql } from './text.ts';
import { randomSelect } from './views.ts';
import type { Relation } from './views.ts';

/** Where a statement of a stored program stands. */
export interface Place {
  readonly names: Names;
  readonly relations: readonly Relation[];
  readonly scope: Scope;
  /** Variables that may be set. */
  readonly settable: readonly string[];
  /** Labels of the loops and blocks around it. */
  readonly labels: readonly { readonly name: string; readonly loop: boolean }[];
  /** A function and a trigger give no result set; an event and a procedure may. */
  readonly selects: boolean;
  /** A function and a trigger take no dynamic SQL. */
  readonly dynamic: boolean;
  readonly procedures: readonly string[];
  readonly mariadb: boolean;
  readonly depth: number;
}

/** Several statements, each with its `;`. */
export function statements(place: Place, dice: Dice, least = 1, most = 3): string {
  return block(dice.several(least, most, () => statement(place, dice)));
}

/** One statement of a body, without `;`. */
export function statement(place: Place, dice: Dice): string {
  return dice.pick(place.depth <= 0 ? SIMPLE : [...SIMPLE, ...COMPOUND])(place, dice);
}

type Maker = (place: Place, dice: Dice) => string;

/** `BEGIN … END` with declarations, in the order that servers want. */
export function beginEnd(place: Place, dice: Dice): string {
  const label = dice.chance(0.35) ? freshLabel(place) : undefined;
  const key = `variable ${String(dice.random())}`;
  const variables = dice.several(0, 2, () => place.names.fresh(key));
  const declared = variables.map((name) => {
    const [type, value] = dice.pick([
      ['INT', numeric(place.scope, dice, 1)],
      ['VARCHAR(20)', textual(place.scope, dice, 0)],
      ['DECIMAL(10,2)', '0'],
      ['VARCHAR(10) CHARACTER SET latin1', "'.'"],
      ['DATETIME', 'NOW()'],
    ] as const);
    return sql`DECLARE ${written(name, dice)} ${type}${dice.maybe(0.6, () => sql` DEFAULT ${value}`)}`;
  });
  const conditions = dice.maybe(0.15, () => block([sql`DECLARE ${quoted(place.names.any())} CONDITION FOR SQLSTATE ${dice.pick(['', 'VALUE '])}'45000'`])); // prettier-ignore
  const cursorName = place.names.fresh(`cursor ${String(dice.random())}`);
  const hasCursor = dice.chance(0.15);
  const cursor = hasCursor
    ? block([
        sql`DECLARE ${quoted(cursorName)} CURSOR FOR ${randomSelect(place.names, place.relations, [], dice).text}`,
      ])
    : '';
  const inner: Place = {
    ...place,
    depth: place.depth - 1,
    settable: [...place.settable, ...variables.map(quoted)],
    scope: { ...place.scope, variables: [...place.scope.variables, ...variables.map(quoted)] },
    labels: label === undefined ? place.labels : [...place.labels, { name: label, loop: false }],
  };
  const handler = dice.maybe(0.25, () => {
    const what = dice.pick(['SQLEXCEPTION', 'NOT FOUND', 'SQLWARNING', "SQLSTATE '23000'", '1062', "SQLEXCEPTION, SQLSTATE VALUE '42000'"]); // prettier-ignore
    const kind = dice.pick(['CONTINUE', 'EXIT']);
    const act = dice.chance(0.5)
      ? sql`BEGIN END`
      : statement({ ...inner, depth: Math.min(1, inner.depth), labels: [] }, dice);
    return block([sql`DECLARE ${kind} HANDLER FOR ${what} ${act}`]);
  });
  const used = hasCursor ? block([sql`OPEN ${quoted(cursorName)}`, sql`CLOSE ${quoted(cursorName)}`]) : '';
  const begin = label === undefined ? sql`BEGIN ` : sql`${written(label, dice)}: BEGIN `;
  const end = label !== undefined && dice.chance(0.6) ? sql`END ${quoted(label)}` : 'END';
  return `${begin}${block(declared)}${conditions}${cursor}${handler}${statements(inner, dice, 0, 3)}${used}${end}`;
}

/** No label may stand within one of the same name. */
function freshLabel({ names, labels }: Place): string | undefined {
  const name = names.any();
  const isTaken = labels.some((label) => label.name.toLowerCase() === name.toLowerCase());
  return isTaken ? undefined : name;
}

const SIMPLE: readonly Maker[] = [setVariable, setVariable, insert, update, remove, selectInto, call, signal, dynamicSql, doNothing, leave, justSelect]; // prettier-ignore
const COMPOUND: readonly Maker[] = [
  beginEnd,
  ifThen,
  ifThen,
  caseOf,
  caseWhen,
  loop,
  whileDo,
  repeat,
  forLoop,
];

/** Variables of the session whose names have a point or a quote, or are those of other things. */
export function userVariable(names: Names, dice: Dice): string {
  return dice.make([
    () =>
      dice.pick([
        '@x',
        '@x.y',
        '@a.b.c',
        "@'it''s'",
        '@`a;b`',
        '@"q"',
        '@$$',
        '@_.',
        '@users.id',
        '@new.a',
        '@old.b',
        '@delimiter',
      ]),
    () => `@${quoted(names.any())}`,
    () => `@${quoted(names.database)}`,
  ]);
}

function setVariable({ names, scope, settable }: Place, dice: Dice): string {
  const value = dice.chance(0.5) ? numeric(scope, dice) : textual(scope, dice);
  const assigned = (): string => (settable.length > 0 && dice.chance(0.5) ? dice.pick(settable) : userVariable(names, dice)); // prettier-ignore
  return sql`SET ${assigned()} ${dice.pick(['=', ':='])} ${value}${dice.maybe(0.2, () => sql`, ${userVariable(names, dice)} = '.'`)}`;
}

function relationName({ names, relations }: Place, dice: Dice): string {
  const name = dice.chance(0.8) ? dice.pick(relations).name : names.any();
  return (dice.chance(0.25) ? `${quoted(names.database)}.` : '') + quoted(name);
}

function insert(place: Place, dice: Dice): string {
  const { names, scope } = place;
  const ignored = dice.pick(['', sql`IGNORE `]);
  const into = sql`INSERT ${ignored}${dice.pick(['INTO ', ''])}${relationName(place, dice)}`;
  return dice.make([
    () =>
      sql`${into} (${quoted(names.any())}) VALUES (${numeric(scope, dice, 1)}), (${textual(scope, dice, 0)})`,
    () => sql`${into} SET ${quoted(names.any())} = ${textual(scope, dice, 1)}`,
    () => sql`${into} VALUES (1) ON DUPLICATE KEY UPDATE ${quoted(names.any())} = ${numeric(scope, dice, 1)}`,
    () => sql`${into} ${randomSelect(names, place.relations, [], dice).text}`,
    () => sql`REPLACE INTO ${relationName(place, dice)} VALUES ('.', '@')`,
  ]);
}

function update(place: Place, dice: Dice): string {
  const alias = quoted(place.names.any());
  const column = quoted(place.names.any());
  return dice.make([
    () =>
      sql`UPDATE ${relationName(place, dice)} SET ${column} = ${numeric(place.scope, dice, 1)} WHERE ${condition(place.scope, dice, 1)}`,
    () => sql`UPDATE ${relationName(place, dice)} AS ${alias} SET ${alias}.${column} = 1`,
    () =>
      sql`UPDATE ${relationName(place, dice)} AS ${alias}, ${relationName(place, dice)} AS zz SET ${alias}.${column} = zz.${column}`,
  ]);
}

function remove(place: Place, dice: Dice): string {
  const alias = quoted(place.names.any());
  return dice.make([
    () => sql`DELETE FROM ${relationName(place, dice)} WHERE ${condition(place.scope, dice, 1)}`,
    () =>
      sql`DELETE ${alias} FROM ${relationName(place, dice)} AS ${alias} JOIN ${relationName(place, dice)} AS zz ON ${alias}.a = zz.b`,
    () =>
      sql`DELETE FROM ${alias} USING ${relationName(place, dice)} AS ${alias} WHERE ${alias}.${quoted(place.names.any())} = ${dice.pick(["'.'", "'@'"])}`,
  ]);
}

function selectInto({ names, relations, scope }: Place, dice: Dice): string {
  return dice.make([
    () => sql`SELECT ${textual(scope, dice)} INTO ${userVariable(names, dice)}`,
    () =>
      sql`SELECT COUNT(*) INTO ${userVariable(names, dice)} FROM (${randomSelect(names, relations, [], dice).text}) AS ${quoted(names.any())}`,
    () =>
      sql`SELECT /*+ ${dice.pick(['MAX_EXECUTION_TIME(1000)', 'NO_MERGE()', 'BKA(t1)', "SET_VAR(sql_mode='')"])} */ 1 INTO ${userVariable(names, dice)}`,
  ]);
}

function call({ names, procedures, scope }: Place, dice: Dice): string {
  const name = procedures.length > 0 && dice.chance(0.6) ? dice.pick(procedures) : names.any();
  const where = dice.chance(0.4) ? `${quoted(names.database)}.` : '';
  return sql`CALL ${where}${quoted(name)}(${dice.maybe(0.5, () => numeric(scope, dice, 0))})`;
}

function signal(_place: Place, dice: Dice): string {
  return sql`SIGNAL SQLSTATE '45000'${dice.maybe(0.6, () => sql` SET MESSAGE_TEXT = ${dice.pick(["'it''s; over'", "'.'", "'@'", "'END IF;'"])}`)}`;
}

function dynamicSql(place: Place, dice: Dice): string {
  if (!place.dynamic) return doNothing(place, dice);
  const name = quoted(place.names.any());
  const text = dice.pick([
    "'SELECT 1'",
    "'DROP TABLE IF EXISTS nothing; -- no'",
    "'USE mysql'",
    userVariable(place.names, dice),
  ]);
  return dice.make([
    () => sql`PREPARE ${name} FROM ${text}`,
    () => sql`EXECUTE ${name}${dice.maybe(0.4, () => sql` USING @x.y, @b`)}`,
    () => sql`DEALLOCATE PREPARE ${name}`,
    () => (place.mariadb ? sql`EXECUTE IMMEDIATE ${text}` : sql`DROP PREPARE ${name}`),
  ]);
}

function doNothing({ scope }: Place, dice: Dice): string {
  return sql`DO ${numeric(scope, dice)}`;
}

function leave(place: Place, dice: Dice): string {
  const loops = place.labels.filter((label) => label.loop);
  if (loops.length > 0 && dice.chance(0.4)) return sql`ITERATE ${quoted(loops.at(-1)!.name)}`;
  return place.labels.length > 0 ? sql`LEAVE ${quoted(place.labels.at(-1)!.name)}` : doNothing(place, dice);
}

function justSelect(place: Place, dice: Dice): string {
  return place.selects ? randomSelect(place.names, place.relations, [], dice).text : doNothing(place, dice);
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth - 1 };
}

function ifThen(place: Place, dice: Dice): string {
  const inner = deeper(place);
  const tests = (): string =>
    dice.pick([condition(place.scope, dice), sql`NEW IS NULL`.replace('NEW', "'.'"), sql`'.' = '@'`]);
  const otherwise = dice.maybe(0.4, () => sql`ELSEIF ${tests()} THEN ${statements(inner, dice, 1, 2)}`);
  const last = dice.maybe(0.5, () => sql`ELSE ${statements(inner, dice, 1, 2)}`);
  return sql`IF ${tests()} THEN ${statements(inner, dice, 1, 2)}${otherwise}${last}END IF`;
}

function caseOf(place: Place, dice: Dice): string {
  const inner = deeper(place);
  const value = dice.chance(0.5) ? textual(place.scope, dice, 1) : numeric(place.scope, dice, 1);
  const whens = dice.several(
    1,
    3,
    () => sql`WHEN ${dice.pick(["'@'", "'.'", '1', "';'"])} THEN ${statements(inner, dice, 1, 2)}`,
  );
  return sql`CASE ${value} ${whens.join('')}${dice.maybe(0.5, () => sql`ELSE ${statements(inner, dice, 1, 1)}`)}END CASE`;
}

function caseWhen(place: Place, dice: Dice): string {
  const inner = deeper(place);
  const whens = dice.several(
    1,
    3,
    () => sql`WHEN ${condition(place.scope, dice, 1)} THEN ${statements(inner, dice, 1, 2)}`,
  );
  return sql`CASE ${whens.join('')}ELSE ${statements(inner, dice, 1, 1)}END CASE`;
}

function looping(
  place: Place,
  dice: Dice,
  make: (inside: Place) => { readonly begin: string; readonly body: string; readonly end: string },
): string {
  const label = dice.chance(0.6) ? freshLabel(place) : undefined;
  const labels = label === undefined ? place.labels : [...place.labels, { name: label, loop: true }];
  const { begin, body, end } = make({ ...deeper(place), labels });
  const ending = label !== undefined && dice.chance(0.6) ? sql`${end} ${quoted(label)}` : end;
  return `${label === undefined ? '' : sql`${written(label, dice)}: `}${begin}${body}${ending}`;
}

function loop(place: Place, dice: Dice): string {
  return looping(place, dice, (inside) => ({
    begin: sql`LOOP `,
    body: statements(inside, dice),
    end: sql`END LOOP`,
  }));
}

function whileDo(place: Place, dice: Dice): string {
  return looping(place, dice, (inside) => ({
    begin: sql`WHILE ${condition(place.scope, dice, 1)} DO `,
    body: statements(inside, dice),
    end: sql`END WHILE`,
  }));
}

function repeat(place: Place, dice: Dice): string {
  return looping(place, dice, (inside) => ({
    begin: sql`REPEAT `,
    body: statements(inside, dice),
    end: sql`UNTIL ${condition(place.scope, dice, 1)} END REPEAT`,
  }));
}

function forLoop(place: Place, dice: Dice): string {
  if (!place.mariadb) return whileDo(place, dice);
  const counter = quoted(place.names.any());
  const range = dice.make([
    () => sql`${counter} IN ${dice.pick(['', sql`REVERSE `])}1 .. 3`,
    () => sql`${counter} IN (${randomSelect(place.names, place.relations, [], dice).text})`,
  ]);
  return looping(place, dice, (inside) => ({
    begin: sql`FOR ${range} DO `,
    body: statements(inside, dice),
    end: sql`END FOR`,
  }));
}

/** The arguments of a routine and the variables that they are. */
export function parameters(
  names: Names,
  dice: Dice,
  modes: readonly string[],
): { readonly text: string; readonly variables: readonly string[] } {
  const key = `parameter ${String(dice.random())}`;
  const all = dice.several(0, 2, () => {
    const name = names.fresh(key);
    const type = dice.pick([
      'INT',
      'VARCHAR(20)',
      'DECIMAL(10,2)',
      'VARCHAR(10) CHARACTER SET latin1',
      'DATE',
      'JSON',
      "ENUM('.','@',';')",
    ]);
    return { name: quoted(name), text: sql`${dice.pick(modes)}${written(name, dice)} ${type}` };
  });
  return { text: list(all.map(({ text }) => text)), variables: all.map(({ name }) => name) };
}
