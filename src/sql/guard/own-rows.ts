import { isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';
import { OPERATORS, opensAllowable } from './allowable.ts';
import { ENDS, isName, isNoAlias } from './clause-words.ts';
import { TRIGGER_EVENTS, type DumpInventory } from './dump-inventory.ts';

/** Whether a statement reads and changes rows of tables that the dump has made, and nothing else. */
export function concernsOwnRows({ shape, tokens }: SqlStatement, inventory: DumpInventory): boolean {
  return shape === 'plain' && new OwnRows(tokens, inventory).isAll();
}

/** Parentheses within each other: each costs some of the stack. */
const MOST_DEPTH = 50;

/**
 * Follows a statement by a grammar of few forms, and gives up at all that is not of it. A table is named in no place
 * but those where the grammar has one, and there it must be the dump's own, without a database in front of it. What
 * stands in front of a point is one of these tables, or an alias of the statement.
 */
class OwnRows {
  readonly #tokens: readonly SqlToken[];
  readonly #inventory: DumpInventory;
  #at = 0;
  #depth = 0;
  /** Own tables and aliases, as written. */
  readonly #known = new Set<string>();
  /** What must be one of them. */
  readonly #named: string[] = [];

  constructor(tokens: readonly SqlToken[], inventory: DumpInventory) {
    this.#tokens = tokens;
    this.#inventory = inventory;
  }

  isAll(): boolean {
    return (
      this.#tokens.every(({ note }) => note === 0) &&
      this.#statement() &&
      this.#next === undefined &&
      this.#named.every((name) => this.#known.has(name))
    );
  }

  get #next(): SqlToken | undefined {
    return this.#tokens[this.#at];
  }

  #takeWord(...words: readonly string[]): boolean {
    const isOne = isWord(this.#next, ...words);
    if (isOne) this.#at++;
    return isOne;
  }

  #takeSign(sign: string): boolean {
    const isOne = isSign(this.#next, sign);
    if (isOne) this.#at++;
    return isOne;
  }

  #statement(): boolean {
    if (isWord(this.#next, 'select')) return this.#query();
    if (this.#takeWord('insert', 'replace')) return this.#insert();
    if (this.#takeWord('update')) return this.#update();
    if (this.#takeWord('delete')) return this.#delete();
    return this.#takeWord('optimize', 'repair', 'check', 'checksum') && this.#upkeep();
  }

  #insert(): boolean {
    this.#takeWord('low_priority', 'high_priority', 'delayed');
    this.#takeWord('ignore');
    this.#takeWord('into');
    if (!this.#ownTable()) return false;
    if (this.#takeWord('set')) {
      if (!this.#expressions()) return false;
    } else {
      const isQuery = isWord(this.#tokens[this.#at + 1], 'select');
      if (isSign(this.#next, '(') && !isQuery && !this.#columns()) return false;
      if (!this.#query()) return false;
    }
    if (this.#next === undefined) return true;
    if (!this.#isOnDuplicate) return false;
    this.#at += 'on duplicate key update'.split(' ').length;
    return this.#expressions();
  }

  get #isOnDuplicate(): boolean {
    return ['on', 'duplicate', 'key', 'update'].every((word, ahead) =>
      isWord(this.#tokens[this.#at + ahead], word),
    );
  }

  #update(): boolean {
    this.#takeWord('low_priority');
    this.#takeWord('ignore');
    return this.#tables() && this.#takeWord('set') && this.#expressions() && this.#clauses();
  }

  #delete(): boolean {
    this.#takeWord('low_priority');
    this.#takeWord('quick');
    this.#takeWord('ignore');
    if (!this.#takeWord('from'))
      return this.#names() && this.#takeWord('from') && this.#tables() && this.#clauses();
    const from = this.#at;
    if (this.#names() && this.#takeWord('using')) return this.#tables() && this.#clauses();
    this.#at = from;
    return this.#ownTable() && this.#clauses();
  }

  /** Of a table's file. */
  #upkeep(): boolean {
    this.#takeWord('no_write_to_binlog', 'local');
    if (!this.#takeWord('table', 'tables')) return false; // MariaDB has CHECK VIEW, too
    do if (!this.#ownTable()) return false;
    while (this.#takeSign(','));
    while (this.#takeWord('quick', 'fast', 'medium', 'extended', 'changed'));
    return true;
  }

  #query(): boolean {
    return this.#deeper(() => {
      do if (!this.#queryTerm()) return false;
      while (this.#takeUnion());
      return this.#clauses();
    });
  }

  #takeUnion(): boolean {
    if (!this.#takeWord('union', 'except', 'intersect')) return false;
    this.#takeWord('all', 'distinct');
    return true;
  }

  #queryTerm(): boolean {
    if (this.#takeSign('(')) return this.#query() && this.#takeSign(')');
    if (this.#takeWord('table')) return this.#ownTable();
    if (!this.#takeWord('select') || !this.#expressions()) return false;
    return (!this.#takeWord('from') || this.#tables()) && this.#clauses();
  }

  /** WHERE and what may stand behind it. */
  #clauses(): boolean {
    for (;;) {
      if (this.#takeWord('group', 'order')) {
        if (!this.#takeWord('by')) return false;
      } else if (this.#takeWord('limit')) {
        if (this.#next?.kind !== 'number') return false;
      } else if (!this.#takeWord('where', 'having')) return true;
      if (!this.#expressions()) return false;
    }
  }

  /** `a, b AS c LEFT JOIN (d, e) ON …` */
  #tables(): boolean {
    if (!this.#table()) return false;
    for (;;) {
      if (isWord(this.#next, 'on') && !this.#isOnDuplicate) {
        this.#at++;
        if (!this.#expressions(true)) return false;
      } else if (this.#takeWord('using')) {
        if (!this.#columns()) return false;
      } else if (this.#takeSign(',') || this.#takeWord('straight_join')) {
        if (!this.#table()) return false;
      } else {
        const from = this.#at;
        this.#takeWord('natural');
        if (this.#takeWord('left', 'right')) this.#takeWord('outer');
        else this.#takeWord('inner', 'cross');
        if (!this.#takeWord('join')) return this.#at === from;
        if (!this.#table()) return false;
      }
    }
  }

  #table(): boolean {
    if (this.#takeWord('dual')) return true;
    if (!this.#takeSign('(')) return this.#ownTable() && this.#alias(false);
    if (isWord(this.#next, 'select', 'table'))
      return this.#query() && this.#takeSign(')') && this.#alias(true);
    return this.#deeper(() => this.#tables() && this.#takeSign(')'));
  }

  /** It was made by the dump, and its rows are where it is. */
  #ownTable(): boolean {
    const token = this.#next;
    this.#at++;
    if (!isName(token) || isSign(this.#next, '.')) return false;
    const { written } = token;
    this.#known.add(written);
    return (
      this.#inventory.has('table', written) &&
      this.#inventory.whyRowsLeave(written, TRIGGER_EVENTS) === undefined
    );
  }

  #alias(isNeeded: boolean): boolean {
    const isSaid = this.#takeWord('as');
    const token = this.#next;
    if (!isName(token) || (token.kind === 'word' && isNoAlias(token.text))) return !isNeeded && !isSaid;
    this.#at++;
    this.#known.add(token.written);
    return true;
  }

  /** Of tables from which rows are deleted: `a, b.*`. */
  #names(): boolean {
    do {
      if (!isName(this.#next)) return false;
      this.#named.push(this.#next.written);
      this.#at++;
      if (this.#takeSign('.') && !this.#takeSign('*')) return false;
    } while (this.#takeSign(','));
    return true;
  }

  #columns(): boolean {
    if (!this.#takeSign('(')) return false;
    do {
      if (!isName(this.#next)) return false;
      this.#at++;
    } while (this.#takeSign(','));
    return this.#takeSign(')');
  }

  /** One or several; the first word that cannot be part of one ends them. */
  #expressions(isOne = false): boolean {
    const from = this.#at;
    for (;;) {
      const token = this.#next;
      const ends =
        token === undefined ||
        isSign(token, ')') ||
        (isOne && isSign(token, ',')) ||
        this.#endsExpression(token);
      if (ends) return this.#at > from;
      if (!this.#part(token)) return false;
    }
  }

  #endsExpression(token: SqlToken): boolean {
    if (token.kind !== 'word' || !ENDS.has(token.text)) return false;
    const isFunction = isSign(this.#tokens[this.#at + 1], '(') && ['left', 'right'].includes(token.text);
    return !isFunction;
  }

  #part(token: SqlToken): boolean {
    const before = this.#tokens[this.#at - 1];
    this.#at++;
    switch (token.kind) {
      case 'string':
        return true;
      case 'number':
        return !isName(before) || before.end < token.start;
      case 'name':
      case 'word':
        if (isSign(this.#next, '.')) return this.#column(token);
        return token.kind === 'name' || (isName(token) && token.text !== 'update');
      case 'sign':
        if (token.text !== '(') return OPERATORS.has(token.text);
        if ((before?.kind === 'name' || before?.kind === 'word') && !opensAllowable(before, token))
          return false;
        return this.#deeper(() => this.#inParentheses());
    }
  }

  /** `s.id`, `s.*`: neither `db.t.id` nor `db.f(…)`. */
  #column(table: SqlToken): boolean {
    this.#named.push(table.written);
    this.#at++;
    if (!isName(this.#next) && !isSign(this.#next, '*')) return false;
    this.#at++;
    return !isSign(this.#next, '.') && !isSign(this.#next, '(');
  }

  #inParentheses(): boolean {
    if (isWord(this.#next, 'select', 'table')) return this.#query() && this.#takeSign(')');
    if (this.#takeSign(')')) return true;
    if (!isWord(this.#next, 'order') && !this.#expressions()) return false;
    if (this.#takeWord('order') && !(this.#takeWord('by') && this.#expressions())) return false;
    return this.#takeSign(')');
  }

  #deeper(read: () => boolean): boolean {
    if (this.#depth === MOST_DEPTH) return false;
    this.#depth++;
    const isRead = read();
    this.#depth--;
    return isRead;
  }
}
