import type { Dice } from './dice.ts';

/** Names that mean something else to a reader of SQL, or that need quoting; servers take none with a space at the end. */
const NAMES = [
  'users', 'new', 'NEW', 'old', 'Old', 'select', 'from', 'order', 'group', 'key', 'table', 'database', 'delimiter', 'DELIMITER',
  'begin', 'end', 'END', 'case', 'when', 'then', 'else', 'do', 'if', 'loop', 'while', 'repeat', 'declare', 'trigger', 'procedure',
  'call', 'use', 'set', 'into', 'values', 'references', 'join', 'on', 'as', 'definer', 'view', 'event', 'dual', 'mysql', 'sys',
  'a', 'b', 't', 'id', 'Users', 'USERS', 'shop', 'Shop', 'root', 'localhost', 'app', 'insert', 'return', 'function', 'body',
  '.', '@', 'a.b', 'users.id', '@x', 'a@b', "it's", 'say "so"', 'a`b', '`', '``', '"', "'", ';', ';;', '$$', '//', '--', '-x', '-- x', '#', '/*', '*/',
  '/*!50003', 'two words', ' leading', 'tab\there', 'new\nline', 'naïve', 'ünï', '表', 'Дата', 'ß', 'İ', 'DELIMITER ;;', 'END$$', '\\', "\\'", '(', ')', ',', '=', '0', '123', '1e5', '%', '_', '*',
  'null', 'x'.repeat(64), `${'é'.repeat(31)}z`, 'select 1; drop table t', 'dbbackup_stage', 'staging',
] as const; // prettier-ignore

/**
 * What no database is called here: the system's names; what has a server's longest name as a folder, which is tested
 * elsewhere; and what mariadb-dump escapes where it should not when it looks for events.
 */
const NO_DATABASE = /^(?:mysql|sys|dbbackup_.*|x{64})$|['"\\\n]/i;

/**
 * A schema's names: few, so that databases, tables, columns, aliases and variables share them, each in several cases.
 * Names of one kind are taken once.
 */
export class Names {
  readonly database: string;
  readonly #dice: Dice;
  readonly #shared: readonly string[];
  readonly #taken = new Map<string, Set<string>>();
  #count = 0;

  constructor(dice: Dice, database?: string) {
    this.#dice = dice;
    const base = dice.several(2, 4, () => dice.pick(NAMES));
    const cased = base.flatMap((name) => [name, ...(dice.chance(0.4) ? [otherCase(name)] : [])]);
    const picked = dice.pick(cased);
    this.database = database ?? (NO_DATABASE.test(picked) ? 'users' : picked);
    this.#shared = [this.database, ...cased];
  }

  /** A name that no other of these kinds has, whatever its case. */
  fresh(...kinds: readonly [string, ...string[]]): string {
    const sets = kinds.map((kind) => this.#takenOf(kind));
    const take = (name: string): string => {
      for (const taken of sets) taken.add(folded(name));
      return name;
    };
    for (let tries = 0; tries < 6; tries += 1) {
      const name = this.any();
      if (!sets.some((taken) => taken.has(folded(name)))) return take(name);
    }
    this.#count += 1;
    return take(`${kinds[0].slice(0, 30)}${this.#count}`);
  }

  /** Takes a name that the server gives by itself, so that no other is the same. */
  take(kind: string, name: string): void {
    this.#takenOf(kind).add(folded(name));
  }

  /** One of the shared names, most of the time; it may be one that is taken, or that nothing has. */
  any(): string {
    return this.#dice.chance(0.65) ? this.#dice.pick(this.#shared) : this.#dice.pick(NAMES);
  }

  /** A plain word, for where a server forgets to quote what it prints. */
  plain(): string {
    return this.#dice.pick(['users', 'shop', 'app', 'a', 'naïve', 'cte']);
  }

  #takenOf(kind: string): Set<string> {
    const taken = this.#taken.get(kind) ?? new Set();
    this.#taken.set(kind, taken);
    return taken;
  }
}

/** In backticks. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** As users write it: bare where that is a plain word that no server reserves. */
export function written(name: string, dice: Dice): string {
  return BARE.has(name) && dice.chance(0.6) ? name : quoted(name);
}

const BARE = new Set(['users', 'Users', 'USERS', 'a', 'b', 't', 'id', 'shop', 'Shop', 'app', 'root', 'naïve', 'ünï', '表', 'staging', 'definer', 'event', 'view', 'delimiter', 'DELIMITER']); // prettier-ignore

function otherCase(name: string): string {
  const upper = name.toUpperCase();
  return name === upper ? name.toLowerCase() : upper;
}

/** As servers compare names of columns and routines: without case and, most of them, without accents. */
function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}
