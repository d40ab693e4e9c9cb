// What the tokens of a statement about a table tell of it.
import { SqlCursor, type ObjectReference } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';

/** Of each `REFERENCES t (a, …)`; without columns it is the primary key, which is always there. */
export function* referencesIn(
  tokens: readonly SqlToken[],
): Generator<{ readonly table: string; readonly column: string }> {
  for (const [index, token] of tokens.entries()) {
    if (!isWord(token, 'references')) continue;
    const cursor = new SqlCursor(tokens.slice(index + 1));
    const table = cursor.takeReference()?.name;
    const column = cursor.takeSign('(') ? cursor.takeReference()?.name : undefined;
    if (table !== undefined && column !== undefined) yield { table, column };
  }
}

/** Where `REFERENCES` names a database in front of the table, which starts at `start`. */
export function databasesOfReferences(
  tokens: readonly SqlToken[],
): readonly { readonly database: SqlToken; readonly start: number }[] {
  return tokens.flatMap((token, index) => {
    const [database, point, table] = tokens.slice(index + 1, index + 4);
    if (!isWord(token, 'references') || !isSign(point, '.')) return [];
    return database === undefined || table === undefined ? [] : [{ database, start: table.start }];
  });
}

/** A MERGE table: it keeps reading the tables that were next to it when it was created. */
export function isUnion(tokens: readonly SqlToken[]): boolean {
  return tokens.some((token, index) => isWord(token, 'union') && isSign(tokens[index + 1], '='));
}

/** Whether an ALTER TABLE does more than add keys and constraints. */
export function changesColumns(tokens: readonly SqlToken[]): boolean {
  const words = tokens.map(({ kind, text }) => (kind === 'word' ? text : ''));
  return words.some(
    (word, index) =>
      /^(?:modify|change|alter|drop|convert|rename|engine)$/.test(word) ||
      (word === 'add' && !ADDS_KEY.test(words[index + 1] ?? '')),
  );
}

const ADDS_KEY = /^(?:constraint|primary|unique|key|index|fulltext|spatial|foreign|check)$/;

/** The table behind the first ON. */
export function referenceOn(tokens: readonly SqlToken[]): ObjectReference | undefined {
  const on = tokens.findIndex((token) => isWord(token, 'on'));
  return on < 0 ? undefined : new SqlCursor(tokens.slice(on + 1)).takeReference();
}

export function tableOn(tokens: readonly SqlToken[]): string | undefined {
  return referenceOn(tokens)?.name;
}

export function tableAnalyzed(cursor: SqlCursor): string | undefined {
  cursor.takeOneOf('local', 'no_write_to_binlog');
  cursor.takeWords('table');
  return cursor.takeReference()?.name;
}

/** Of each `CONSTRAINT f FOREIGN KEY …` and `CONSTRAINT c CHECK …`. */
export function* constraintsIn(tokens: readonly SqlToken[]): Generator<ConstraintName> {
  for (const [index, token] of tokens.entries()) {
    if (!isWord(token, 'constraint')) continue;
    const cursor = new SqlCursor(tokens.slice(index + 1, index + 4));
    const name = cursor.takeReference()?.name;
    if (name === undefined) continue;
    if (cursor.takeWords('foreign', 'key')) yield { name, kind: 'foreign key' };
    else if (cursor.takeWords('check')) yield { name, kind: 'check' };
  }
}

/** A constraint's own name, which a server may want to be free in the whole database. */
export interface ConstraintName {
  readonly name: string;
  readonly kind: 'foreign key' | 'check';
}
