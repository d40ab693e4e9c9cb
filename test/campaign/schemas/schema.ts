import type { Random } from '../family.ts';
import { Dice } from './dice.ts';
import { quoted, Names } from './names.ts';
import {
  randomEvent,
  randomFunction,
  randomMariadbObject,
  randomProcedure,
  randomTrigger,
} from './programs.ts';
import type { World } from './programs.ts';
import { randomTable } from './tables.ts';
import type { Table } from './tables.ts';
import { collations, isMariadb } from './target.ts';
import type { Target } from './target.ts';
import { plain, seasoned } from './text.ts';
import { randomView } from './views.ts';
import type { Relation } from './views.ts';

export interface Statement {
  readonly text: string;
  /** Of the session that gives it. */
  readonly mode: string;
}

/** A database as somebody might have made it, of whom we know nothing. */
export interface Schema {
  readonly database: string;
  readonly tables: readonly string[];
  /** Of a table that foreign keys may refer to, and that is not there. */
  readonly gone: string;
  readonly statements: readonly Statement[];
}

/** Takes zero dates and long defaults as they come; what a mode changes is how the text is read. */
const MODES = ['', '', '', '', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'PIPES_AS_CONCAT,IGNORE_SPACE'];

/**
 * A random schema: a few tables, views on them, routines, triggers and events, with names that collide and texts that
 * lead a reader of SQL astray. The server refuses some of it, which is then not there.
 */
export function randomSchema(random: Random, target: Target, database?: string): Schema {
  const dice = new Dice(random);
  const names = new Names(dice, database);
  const made: Statement[] = [{ text: createDatabase(names.database, dice, target), mode: '' }];
  made.push({ text: `USE ${quoted(names.database)}`, mode: '' });
  const add = (texts: readonly string[], mode = ''): void => {
    for (const text of texts) made.push(fitForDumps(plain(text), mode));
  };

  const gone = names.fresh('table');
  const tables: Table[] = [];
  for (let count = dice.between(1, 4); count > 0; count -= 1) {
    const table = randomTable(names, tables, gone, dice, target);
    tables.push(table);
    add(table.statements.map((text) => seasoned(text, dice, dice.pick([0, 0.05]))));
  }

  const functions: { name: string; arity: number }[] = [];
  const procedures: string[] = [];
  const relations: Relation[] = [...tables];
  const world: World = { names, dice, target, relations, functions, procedures };
  const mode = (): string => dice.pick(MODES);
  const makers: readonly (() => void)[] = [
    () => {
      const made = randomFunction(world);
      functions.push(made);
      add([made.statement], mode());
    },
    () => {
      const view = randomView(names, relations, functions, dice);
      relations.push(view);
      add([view.statement]);
    },
    () => {
      const made = randomProcedure(world);
      procedures.push(made.name);
      add([made.statement], mode());
    },
    () => {
      add([randomTrigger(world, dice.pick(tables)).statement], mode());
    },
    () => {
      add([randomEvent(world).statement], mode());
    },
    () => {
      if (!isMariadb(target)) return;
      const { statements, mode: language } = randomMariadbObject(world);
      add(statements, language);
    },
  ];
  const weighted = [0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5];
  for (let count = dice.between(2, 7); count > 0; count -= 1) makers[dice.pick(weighted)]!();
  return { database: names.database, tables: tables.map(({ name }) => name), gone, statements: made };
}

/** Without what no client can load of a dump. */
function fitForDumps(text: string, mode: string): Statement {
  // MariaDB prints a routine's COMMENT with its backslashes doubled in this mode, too.
  if (mode === 'NO_BACKSLASH_ESCAPES')
    return { text: text.replaceAll(String.raw`'back\\slash'`, "'back/slash'"), mode };
  // A name like this one is between double quotes then, where clients take a backslash for an escape; create refuses it.
  return { text, mode: /ANSI_QUOTES|ORACLE/.test(mode) && text.includes('\\') ? '' : mode };
}

function createDatabase(name: string, dice: Dice, target: Target): string {
  const charset = dice.pick(['utf8mb4', 'utf8mb4', 'latin1', 'utf8mb3']);
  const collation = dice.pick(collations(target)[charset]!);
  const clause = dice.pick([
    '',
    ` DEFAULT CHARACTER SET ${charset}`,
    ` DEFAULT CHARACTER SET ${charset} COLLATE ${collation}`,
  ]);
  return `CREATE DATABASE ${quoted(name)}${clause}`;
}
