import type { TextRange } from '../lexer/statement.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';

/** What is open between two parentheses, or of the statement itself. */
interface Frame {
  /** A FROM in it names tables; in `EXTRACT(YEAR FROM …)` it does not. */
  isQuery: boolean;
  /** A table, view or routine may be named next. */
  place: boolean;
  /** So it may behind a comma. */
  list: boolean;
}

/** What may stand between a word behind which an object is named, and its name. */
const BETWEEN: ReadonlySet<string> = new Set(
  'low_priority high_priority delayed quick ignore history if not exists lateral oj body temporary local only'.split(
    ' ',
  ),
);

/** What ends a list of tables. */
const BEHIND_TABLES: ReadonlySet<string> = new Set(
  'where having limit set values window returning union except intersect'.split(' '),
);

const CREATED: ReadonlySet<string> = new Set(
  'view procedure function trigger event sequence package'.split(' '),
);

/**
 * Finds where a statement names one of some databases. `X.` is a database in `X.table.column`, in a call `X.f(…)`, and
 * where a table, view, sequence or routine may be named: behind FROM, JOIN, INTO, UPDATE, CALL, REFERENCES … Anywhere
 * else it is a table, an alias, NEW or OLD, or a part of a variable (`@app.user`), whatever it is called.
 */
export class DatabaseNames {
  readonly #databases: readonly (string | undefined)[];
  readonly #found: TextRange[] = [];
  #frames: [Frame, ...Frame[]] = [statementFrame()];
  /** The token to look at when the next one is known. */
  #held: SqlToken | undefined;
  #before: SqlToken | undefined;
  #verb = '';
  #isRowType = false;
  /** Names with points between them, so far. */
  #chain: SqlToken[] = [];
  #chainIsInPlace = false;
  #beforeChain: SqlToken | undefined;

  constructor(databases: readonly (string | undefined)[]) {
    this.#databases = databases;
  }

  take(token: SqlToken): void {
    const held = this.#held;
    this.#held = token;
    if (held !== undefined) this.#read(held, token);
  }

  /** Call once, behind the last token. */
  finish(): readonly TextRange[] {
    if (this.#held !== undefined) this.#read(this.#held, undefined);
    this.#held = undefined;
    return this.#found;
  }

  get #frame(): Frame {
    return this.#frames.at(-1) ?? this.#frames[0];
  }

  #read(token: SqlToken, next: SqlToken | undefined): void {
    if (this.#chain.length > 0) {
      if (isSign(this.#before, '.')) this.#chain.push(token);
      if (!isSign(token, '.') && !isSign(next, '.')) this.#endChain(next);
    } else if ((token.kind === 'name' || token.kind === 'word') && isSign(next, '.')) {
      this.#chain = [token];
      this.#chainIsInPlace = this.#frame.place;
      this.#beforeChain = this.#before;
      this.#frame.place = false;
    } else if (token.kind === 'word') {
      this.#word(token.text, next);
    } else if (token.kind === 'sign') {
      this.#sign(token.text);
    } else {
      this.#frame.place = false;
    }
    this.#before = token;
  }

  #endChain(next: SqlToken | undefined): void {
    const [first, second, third] = this.#chain;
    this.#chain = [];
    if (first === undefined || second === undefined || isSign(this.#beforeChain, '@')) return;
    if (!this.#databases.includes(first.written)) return;
    const isObject = this.#chainIsInPlace || isSign(next, '(');
    if (third !== undefined || (isObject && !isSign(second, '*')))
      this.#found.push({ start: first.start, end: first.end });
  }

  #sign(sign: string): void {
    const frame = this.#frame;
    switch (sign) {
      case '(': {
        const ofSequence = isWord(this.#before, 'nextval', 'lastval', 'setval');
        this.#frames.push({ isQuery: false, place: frame.place || ofSequence, list: frame.place });
        frame.place = false;
        return;
      }
      case ')':
        if (this.#frames.length > 1) this.#frames.pop();
        this.#frame.place = false;
        return;
      case ',':
        frame.place = frame.list;
        return;
      case ';':
        this.#frames = [statementFrame()];
        this.#verb = '';
        return;
      case '{': // of {OJ …}
        return;
      default:
        frame.place = false;
    }
  }

  #word(word: string, next: SqlToken | undefined): void {
    const frame = this.#frame;
    const before = this.#before;
    const expect = (list: boolean): void => {
      frame.place = true;
      frame.list = list;
    };
    switch (word) {
      case 'select':
        frame.isQuery = true;
        frame.list = false;
        frame.place = false;
        this.#verb = word;
        return;
      case 'from':
        if (frame.isQuery && !isWord(before, 'distinct')) expect(true);
        return;
      case 'join':
        if (!isWord(before, 'for')) expect(true);
        return;
      case 'straight_join': // or an option of SELECT
        if (frame.list) expect(true);
        return;
      case 'using':
        if (this.#verb === 'delete') expect(true);
        return;
      case 'update':
      case 'delete':
        if (isWord(before, 'key', 'for', 'on', 'after', 'before', 'or', 'of')) return;
        this.#verb = word;
        expect(true);
        return;
      case 'insert':
      case 'replace':
        if (isSign(next, '(') || isWord(before, 'after', 'before', 'or')) return;
        this.#verb = word;
        expect(false);
        return;
      case 'into': // of SELECT … INTO variables
        if (!frame.place) frame.list = false;
        return;
      case 'truncate':
        if (!isSign(next, '(')) expect(false);
        return;
      case 'call':
      case 'references':
        expect(false);
        return;
      case 'handler':
        if (!isWord(before, 'exit', 'continue', 'undo')) expect(false);
        return;
      case 'create':
      case 'drop':
      case 'alter':
      case 'rename':
        this.#verb = word;
        return;
      case 'table':
      case 'tables':
        if (this.#verb === 'create') this.#verb = 'create table';
        expect(true);
        return;
      case 'like':
        if (this.#verb === 'create table') expect(false);
        else frame.place = false;
        return;
      case 'to':
        if (this.#verb === 'rename' || this.#verb === 'alter') expect(true);
        return;
      case 'on':
        frame.place = (this.#verb === 'create' || this.#verb === 'drop') && this.#frames.length === 1;
        return;
      case 'for':
        if (isWord(before, 'value')) expect(false);
        else if (!isWord(next, 'system_time', 'portion') && !isWord(before, 'index', 'key'))
          frame.list = false;
        return;
      case 'type':
        this.#isRowType = isWord(before, 'row');
        frame.place = false;
        return;
      case 'of': // of ROW TYPE OF
        frame.place = isWord(before, 'type') && this.#isRowType;
        return;
      case 'group':
      case 'order':
        frame.place = false;
        if (!isWord(before, 'for')) frame.list = false;
        return;
      default:
        if (BEHIND_TABLES.has(word)) frame.list = false;
        if (CREATED.has(word) && /^(?:create|drop|alter)$/.test(this.#verb)) expect(this.#verb === 'drop');
        else if (!BETWEEN.has(word)) frame.place = false;
    }
  }
}

function statementFrame(): Frame {
  return { isQuery: true, place: false, list: false };
}
