import { isSign, isWord, type SqlToken } from './statement.ts';

type Block = 'begin' | 'if' | 'case' | 'case value' | 'loop' | 'while' | 'repeat' | 'for' | 'declarations';

/** Words between the name of a routine and its body; all others begin the body. */
const HEADER: ReadonlySet<string> = new Set(
  (
    'function aggregate not exists returns comment language sql deterministic ' +
    'contains no reads modifies data security definer invoker current_user ' +
    'bit tinyint smallint mediumint int integer bigint dec decimal numeric fixed float double precision real number ' +
    'bool boolean char character varchar varying nchar nvarchar national varchar2 binary varbinary tinyblob blob ' +
    'mediumblob longblob tinytext text mediumtext longtext clob raw json enum date time timestamp datetime year ' +
    'geometry point linestring polygon multipoint multilinestring multipolygon geometrycollection geomcollection ' +
    'vector uuid inet4 inet6 unsigned signed zerofill charset collate ascii unicode byte row type of'
  ).split(' '),
);

const ANY_WORD_FOLLOWS = ['returns', 'return', 'charset', 'set', 'collate', 'language', 'of'];
const OPENING: Readonly<Record<string, Block>> = {
  begin: 'begin',
  if: 'if',
  case: 'case',
  loop: 'loop',
  while: 'while',
  repeat: 'repeat',
  for: 'for',
};

const ENDINGS: Readonly<Record<string, readonly Block[]>> = {
  if: ['if'],
  case: ['case'],
  loop: ['loop', 'while', 'for'],
  while: ['while'],
  repeat: ['repeat'],
  for: ['for'],
};

/**
 * Follows the text of a view, trigger, event or routine to where it ends, so that a second statement behind it is
 * seen. The clients send everything up to the delimiter in one piece and the server runs all of it: after `DELIMITER
 * ;;`, `CREATE PROCEDURE p() SELECT 1; DROP DATABASE shop ;;` creates a procedure and drops a database (tried with
 * the clients of MariaDB 10.11 and 11.8).
 *
 * Follows the block structure only. Where it is unsure, the text ends early for it: an error on the safe side.
 */
export class RoutineBody {
  readonly #oracle: boolean;
  #kind = '';
  #inBody = false;
  #ended = false;
  #unsure = false;
  readonly #blocks: Block[] = [];
  /** The next token is the first of a statement. */
  #atStart = false;
  #first = '';
  #before: SqlToken | undefined;
  #beforeStarted = false;
  #depth = 0;
  /** `END` was read: the next token says of what. */
  #closing = false;
  /** Of Oracle's mode: `<<label>>`. */
  #inLabel = false;
  #handler: 'none' | 'declare' | 'for' | 'sqlstate' | 'not' | 'condition' = 'none';

  /** @param oracle Whether the dump has set `sql_mode=ORACLE`. */
  constructor(oracle: boolean) {
    this.#oracle = oracle;
  }

  /** What was taken so far may be the whole text: outside its blocks, no part of it is missing for certain. */
  get mayEnd(): boolean {
    if (!this.#inBody || this.#ended || this.#unsure || this.#handler !== 'none') return false;
    if (this.#closing) return this.#blocks.length === 1 && this.#blocks[0] === 'begin';
    return this.#blocks.length === 0;
  }

  /** Takes the next token; true when it stands behind the end of the text. */
  isBehind(token: SqlToken): boolean {
    if (isSign(token, ';')) {
      this.#endStatement();
    } else {
      if (this.#ended) return true;
      if (this.#inBody) this.#inside(token);
      else this.#header(token);
    }
    this.#before = token;
    return false;
  }

  #header(token: SqlToken): void {
    if (isSign(token, '(')) this.#depth++;
    else if (isSign(token, ')')) this.#depth--;
    if (token.kind !== 'word' || this.#depth > 0) return;
    const word = token.text;
    if (this.#kind === '') {
      if (/^(?:procedure|function|trigger|event|view|package|library)$/.test(word)) this.#kind = word;
      return;
    }
    switch (this.#kind) {
      case 'trigger':
        if (word === 'row' && isWord(this.#before, 'each')) this.#kind = 'fired';
        return;
      case 'fired':
        if (isWord(token, 'follows', 'precedes') || isWord(this.#before, 'follows', 'precedes')) return;
        this.#enterBody(token);
        return;
      case 'event':
        if (word === 'do') this.#enterBody();
        return;
      case 'procedure':
      case 'function':
      case 'package':
        this.#routineHeader(token);
        return;
    }
  }

  #routineHeader(token: SqlToken): void {
    const before = this.#before;
    // The name itself may be any word.
    if (isWord(before, this.#kind, 'exists') || isSign(before, '.')) return;
    if (this.#kind === 'package' && isWord(before, 'body')) return;
    if (this.#oracle && isWord(token, 'as', 'is')) {
      this.#blocks.push('declarations');
      this.#enterBody();
      return;
    }
    if (isWord(before, ...ANY_WORD_FOLLOWS)) return;
    if (this.#kind === 'package' || HEADER.has(token.text)) return;
    if (token.text === 'return' && this.#oracle) return;
    if (token.text === 'set' && isWord(before, 'char', 'character')) return;
    this.#enterBody(token);
  }

  #enterBody(first?: SqlToken): void {
    this.#inBody = true;
    this.#atStart = true;
    if (first !== undefined) this.#inside(first);
  }

  #endStatement(): void {
    if (this.#closing) this.#close('');
    while (this.#blocks.at(-1) === 'case value') this.#blocks.pop();
    this.#handler = 'none';
    if (this.#blocks.length === 0) this.#ended = true;
    this.#atStart = true;
    this.#first = '';
  }

  #inside(token: SqlToken): void {
    const word = token.kind === 'word' ? token.text : '';
    if (this.#closing) {
      this.#close(word);
      return;
    }
    if (this.#inLabel) {
      this.#inLabel = !isSign(token, '>') || !isSign(this.#before, '>');
      this.#atStart = !this.#inLabel;
      return;
    }
    if (this.#handler !== 'none' && this.#readHandler(token, word)) return;
    const starts = this.#atStart;
    this.#atStart = false;
    if (starts) {
      this.#start(token, word);
    } else if (isSign(token, ':') && this.#beforeStarted) {
      this.#atStart = true; // a label
    } else if (word !== '' && !isSign(this.#before, '.') && !isSign(this.#before, '@')) {
      this.#continue(word);
    }
    this.#beforeStarted = starts;
  }

  /** The first token of a statement inside the body. */
  #start(token: SqlToken, word: string): void {
    this.#first = word;
    const top = this.#blocks.at(-1);
    const opened = OPENING[word];
    if (word === 'end') {
      this.#closing = true;
    } else if (word === 'begin' && top === 'declarations') {
      this.#blocks[this.#blocks.length - 1] = 'begin';
      this.#atStart = true;
    } else if (opened !== undefined) {
      this.#blocks.push(opened);
      this.#atStart = opened === 'begin' || opened === 'loop' || opened === 'repeat';
    } else if (isWord(this.#before, 'begin', 'not') && (word === 'not' || word === 'atomic')) {
      this.#atStart = true; // BEGIN NOT ATOMIC
    } else if (word === 'declare') {
      this.#handler = 'declare';
    } else if (word === 'else') {
      this.#atStart = true;
    } else if (word === 'exception' && this.#oracle) {
      this.#atStart = true;
    } else if (isSign(token, '<')) {
      this.#inLabel = true;
    }
  }

  /** A word further on in a statement inside the body. */
  #continue(word: string): void {
    const top = this.#blocks.at(-1);
    switch (word) {
      case 'then':
        this.#atStart =
          top === 'if' || top === 'case' || (this.#oracle && this.#first === 'when' && top === 'begin');
        break;
      case 'else':
        this.#atStart = top === 'if' || top === 'case';
        break;
      case 'do':
        this.#atStart = top === 'while' || top === 'for';
        break;
      case 'loop':
        this.#atStart = this.#oracle && (top === 'while' || top === 'for');
        break;
      case 'case':
        this.#blocks.push('case value');
        break;
      case 'end':
        if (top === 'case value') this.#blocks.pop();
        else if (top === 'repeat' && this.#first === 'until') this.#closing = true;
        break;
      case 'as':
      case 'is':
        if (this.#oracle && top === 'declarations' && /^(?:procedure|function)$/.test(this.#first)) {
          this.#blocks.push('declarations');
          this.#atStart = true;
        }
        break;
    }
  }

  /** `END` and the word behind it. */
  #close(word: string): void {
    this.#closing = false;
    const top = this.#blocks.at(-1);
    const blocks = ENDINGS[word];
    if (
      blocks === undefined
        ? top === 'begin' || top === 'declarations'
        : top !== undefined && blocks.includes(top)
    ) {
      this.#blocks.pop();
    } else {
      this.#unsure = true;
      this.#blocks.length = 0; // the text ends here
    }
  }

  /** `DECLARE … HANDLER FOR <conditions> <statement>`: true while it is not yet the statement. */
  #readHandler(token: SqlToken, word: string): boolean {
    switch (this.#handler) {
      case 'declare':
        if (word === 'for' && isWord(this.#before, 'handler')) this.#handler = 'for';
        return this.#handler === 'for';
      case 'for':
        this.#handler = word === 'sqlstate' ? 'sqlstate' : word === 'not' ? 'not' : 'condition';
        return true;
      case 'sqlstate':
        if (token.kind === 'string') this.#handler = 'condition';
        return true;
      case 'not':
        this.#handler = 'condition';
        return true;
      case 'condition':
        if (isSign(token, ',')) {
          this.#handler = 'for';
          return true;
        }
        this.#handler = 'none';
        this.#atStart = true;
        return false;
      case 'none':
        return false;
    }
  }
}
