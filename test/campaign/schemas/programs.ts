import { beginEnd, parameters, statement, userVariable } from './bodies.ts';
import type { Place } from './bodies.ts';
import { commentClause } from './columns.ts';
import type { Column } from './columns.ts';
import type { Dice } from './dice.ts';
import { NO_SCOPE, numeric, textual } from './expressions.ts';
import type { Scope } from './expressions.ts';
import { quoted, written } from './names.ts';
import type { Names } from './names.ts';
import type { Table } from './tables.ts';
import { isMariadb } from './target.ts';
import type { Target } from './target.ts';
import { lastComment, seasoned, sql, unendedComment } from './text.ts';
import type { Relation } from './views.ts';

/** Everything that the bodies of a schema's stored programs may speak of. */
export interface World {
  readonly names: Names;
  readonly dice: Dice;
  readonly target: Target;
  readonly relations: readonly Relation[];
  readonly functions: Scope['functions'];
  readonly procedures: readonly string[];
}

/** What makes one stored program, and what it is called. */
export interface StoredProgram {
  readonly name: string;
  readonly statement: string;
}

export function randomFunction({
  names,
  dice,
  target,
  ...world
}: World): StoredProgram & { readonly arity: number } {
  const name = names.fresh('routine');
  const { text, variables } = parameters(names, dice, ['']);
  const place = { ...placeOf({ names, dice, target, ...world }), selects: false, dynamic: false };
  const inside: Place = { ...place, settable: variables, scope: { ...place.scope, variables } };
  const isText = dice.chance(0.5);
  const returned = (): string =>
    sql`RETURN ${isText ? textual(inside.scope, dice) : numeric(inside.scope, dice)}`;
  const body = dice.chance(0.4)
    ? returned()
    : `${sql`BEGIN `}${statement(inside, dice)};${sql` `}${returned()};${sql` END`}`;
  const returns = isText
    ? dice.pick([
        'VARCHAR(200)',
        'TEXT CHARACTER SET utf8mb4',
        'VARCHAR(50) CHARSET latin1 COLLATE latin1_bin',
      ])
    : 'DOUBLE';
  const head = sql`CREATE ${definer(dice)}FUNCTION ${written(name, dice)}(${text}) RETURNS ${returns} ${dice.pick(['DETERMINISTIC', 'NO SQL', 'READS SQL DATA'])}${characteristics(dice)} `;
  return { name, statement: finished(head + body, dice), arity: variables.length };
}

export function randomProcedure(world: World): StoredProgram {
  const { names, dice } = world;
  const name = names.fresh('routine');
  const { text, variables } = parameters(names, dice, ['', sql`IN `, sql`OUT `, sql`INOUT `]);
  const place = placeOf(world);
  const inside: Place = { ...place, settable: variables, scope: { ...place.scope, variables } };
  const body = dice.chance(0.7) ? beginEnd(inside, dice) : statement({ ...inside, depth: 1 }, dice);
  const where = dice.chance(0.1) ? `${quoted(names.database)}.` : '';
  const head = sql`CREATE ${definer(dice)}PROCEDURE ${where}${written(name, dice)}(${text})${characteristics(dice)} `;
  return { name, statement: finished(head + body, dice) };
}

export function randomTrigger(world: World, table: Table): StoredProgram {
  const { names, dice } = world;
  const name = names.fresh('trigger');
  const when = dice.pick(['BEFORE', 'AFTER']);
  const event = dice.pick(['INSERT', 'UPDATE', 'DELETE']);
  const rows = [...(event === 'INSERT' ? [] : ['OLD']), ...(event === 'DELETE' ? [] : ['NEW'])];
  const cased = rows.map((row) => dice.pick([row, row, row.toLowerCase(), quoted(row)]));
  const columns = cased.flatMap((qualifier) => table.columns.map((column) => ({ column, qualifier })));
  const place = placeOf(world);
  const settable =
    when === 'BEFORE' && event !== 'DELETE'
      ? table.columns.filter(isSettable).map((column) => `${cased.at(-1) ?? 'NEW'}.${quoted(column.name)}`)
      : [];
  const inside: Place = {
    ...place,
    selects: false,
    dynamic: false,
    settable,
    scope: { ...place.scope, columns },
  };
  const body = dice.chance(0.6) ? beginEnd(inside, dice) : statement({ ...inside, depth: 1 }, dice);
  const on = (dice.chance(0.15) ? `${quoted(names.database)}.` : '') + quoted(table.name);
  const head = sql`CREATE ${definer(dice)}TRIGGER ${written(name, dice)} ${when} ${event} ON ${on} FOR EACH ROW `;
  return { name, statement: finished(head + body, dice) };
}

function isSettable({ generated, kind }: Column): boolean {
  return !generated && (kind === 'number' || kind === 'text');
}

/** Far away or disabled, so that none runs meanwhile. */
export function randomEvent(world: World): StoredProgram {
  const { names, dice } = world;
  const name = names.fresh('event');
  const schedule = dice.pick([
    "AT '2037-01-01 00:00:00'",
    "EVERY 1 DAY STARTS '2037-01-01 03:00:00'",
    "EVERY '1:30' HOUR_MINUTE STARTS '2037-06-01 00:00:00' ENDS '2037-12-01 00:00:00'",
    "EVERY 3 WEEK STARTS '2037-01-01 00:00:00'",
  ]);
  const options = [
    dice.maybe(0.4, () => sql` ON COMPLETION ${dice.pick(['', 'NOT '])}PRESERVE`),
    dice.maybe(0.4, () => sql` ${dice.pick(['ENABLE', 'DISABLE'])}`),
    dice.maybe(0.3, () => commentClause(dice)),
  ];
  const place = placeOf(world);
  const body = dice.chance(0.6) ? beginEnd(place, dice) : statement({ ...place, depth: 1 }, dice);
  const head = sql`CREATE ${definer(dice)}EVENT ${written(name, dice)} ON SCHEDULE ${schedule}${options.join('')} DO `;
  // Two semicolons in a row make the dump tools hang for ever; create refuses such an event.
  return { name, statement: finished(head + body, dice, false).replaceAll(';;', ';') };
}

/** A sequence or a package, in MariaDB alone; with `ORACLE`, a routine in that language. */
export function randomMariadbObject({ names, dice }: World): {
  readonly statements: readonly string[];
  readonly mode?: string;
} {
  return dice.make([
    () => ({
      statements: [
        sql`CREATE SEQUENCE ${quoted(names.fresh('table'))} START WITH ${dice.between(1, 50)} INCREMENT BY ${dice.pick(['1', '7'])}${dice.maybe(0.4, () => ' CYCLE')}${dice.maybe(0.4, () => ' NOCACHE')}`,
      ],
    }),
    () => {
      const name = quoted(names.fresh('package'));
      const [one, two] = [quoted(names.any()), 'zz'];
      const note = dice.maybe(0.4, () => "-- it's; a note\n");
      return {
        mode: 'ORACLE',
        statements: [
          sql`CREATE PACKAGE ${name} AS FUNCTION ${one} RETURN INT; PROCEDURE ${two}; END`,
          sql`CREATE PACKAGE BODY ${name} AS FUNCTION ${one} RETURN INT AS BEGIN RETURN 1; END; PROCEDURE ${two} AS BEGIN ${note} IF '.' = '@' THEN NULL; END IF; END; END`,
        ],
      };
    },
    () => {
      const name = names.fresh('routine');
      const argument = quoted(names.any());
      return {
        mode: 'ORACLE',
        statements: [
          sql`CREATE PROCEDURE ${quoted(name)}(${argument} IN VARCHAR2(20)) AS zz INT := 0; BEGIN IF ${argument} = '.' THEN zz := zz + 1; ELSIF ${argument} = '@' THEN SET ${userVariable(names, dice)} = 2; END IF; <<lab>> LOOP EXIT lab WHEN zz > 0; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END`,
        ],
      };
    },
  ]);
}

function placeOf({ names, dice, target, relations, functions, procedures }: World): Place {
  return {
    names,
    relations,
    scope: {
      ...NO_SCOPE,
      database: names.database,
      functions,
      variables: dice.several(0, 2, () => userVariable(names, dice)),
    },
    settable: [],
    labels: [],
    selects: true,
    dynamic: true,
    procedures,
    mariadb: isMariadb(target),
    depth: dice.between(1, 3),
  };
}

function definer(dice: Dice): string {
  return dice.maybe(
    0.25,
    () => sql`DEFINER=${dice.pick(['root@localhost', '`root`@`localhost`', 'CURRENT_USER'])} `,
  );
}

function characteristics(dice: Dice): string {
  return [
    dice.maybe(0.2, () => sql` SQL SECURITY ${dice.pick(['INVOKER', 'DEFINER'])}`),
    dice.maybe(0.25, () => commentClause(dice)),
    dice.maybe(0.1, () => sql` LANGUAGE SQL`),
  ].join('');
}

/** With its comments; some bodies end in one. */
function finished(whole: string, dice: Dice, mayEndInLineComment = true): string {
  const text = seasoned(whole, dice, dice.pick([0, 0, 0.03, 0.2]));
  if (dice.chance(0.15)) return text + lastComment(dice);
  return mayEndInLineComment && dice.chance(0.05) ? text + unendedComment(dice) : text;
}
