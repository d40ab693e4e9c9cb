import { isSign, isWord, type SqlToken } from './statement.ts';

/** The name of a table, view, routine …, as a statement writes it. */
export interface ObjectReference {
  /** The token of the database before the point; undefined for a name without one. */
  readonly database: SqlToken | undefined;
  readonly name: string;
  /** Of the name alone. */
  readonly token: SqlToken;
}

/** Walks over the tokens of one statement. Every `take…` moves on only when it finds what it looks for. */
export class SqlCursor {
  readonly #tokens: readonly SqlToken[];
  #at = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get next(): SqlToken | undefined {
    return this.#tokens[this.#at];
  }

  rest(): readonly SqlToken[] {
    return this.#tokens.slice(this.#at);
  }

  /** A token that was passed: -1 is the last one. */
  taken(back: number): SqlToken | undefined {
    return this.#tokens[this.#at + back];
  }

  skip(): SqlToken | undefined {
    return this.#tokens[this.#at++];
  }

  /** Takes these words one after the other, or none of them. */
  takeWords(...words: readonly string[]): boolean {
    if (!words.every((word, index) => isWord(this.#tokens[this.#at + index], word))) return false;
    this.#at += words.length;
    return true;
  }

  takeOneOf(...words: readonly string[]): boolean {
    return words.some((word) => this.takeWords(word));
  }

  takeSign(sign: string): boolean {
    if (!isSign(this.next, sign)) return false;
    this.#at++;
    return true;
  }

  takeKind(kind: SqlToken['kind']): SqlToken | undefined {
    return this.next?.kind === kind ? this.skip() : undefined;
  }

  /** `t` or `shop`.`t`, quoted or not. */
  takeReference(): ObjectReference | undefined {
    const first = this.#takeName();
    if (first === undefined) return undefined;
    if (!isSign(this.next, '.')) return { database: undefined, name: first.written, token: first };
    this.#at++;
    const second = this.#takeName();
    return second && { database: first, name: second.written, token: second };
  }

  /** `a`, `b`.`c`; undefined when it is anything else. */
  takeReferences(): ObjectReference[] | undefined {
    const references: ObjectReference[] = [];
    do {
      const reference = this.takeReference();
      if (reference === undefined) return undefined;
      references.push(reference);
    } while (this.takeSign(','));
    return references;
  }

  #takeName(): SqlToken | undefined {
    return this.takeKind('name') ?? this.takeKind('word');
  }
}
