// Where foreign keys of a table that is made in one schema, and then moved into another, lead.
import { quoteName } from './quote-name.ts';
import { isSign, isWord } from '../lexer/statement.ts';
import { tokensOf } from '../lexer/statement-tokens.ts';

/** A foreign key, as SHOW CREATE TABLE writes it. Names are in their quotes. */
export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** undefined: that of the table itself. */
  readonly database: string | undefined;
  readonly table: string;
  readonly references: readonly string[];
  /** What follows the columns that it refers to: ` ON DELETE CASCADE`. */
  readonly rules: string;
}

const NAME = '`(?:[^`]|``)*`';
const NAMES = `${NAME}(?:, ${NAME})*`;
const FOREIGN_KEY = new RegExp(
  `^ {2}CONSTRAINT (${NAME}) FOREIGN KEY \\((${NAMES})\\) REFERENCES (?:(${NAME})\\.)?(${NAME}) \\((${NAMES})\\)((?: ON (?:DELETE|UPDATE) [A-Z ]+)*)`,
  'gm',
);

/** The foreign keys of a table. */
export function foreignKeysOf(definition: string): readonly ForeignKey[] {
  const names = (list: string): readonly string[] => list.match(new RegExp(NAME, 'g')) ?? [];
  return Array.from(
    definition.matchAll(FOREIGN_KEY),
    ([, name = '', columns = '', database, table = '', references = '', rules = '']) => ({
      name,
      columns: names(columns),
      database,
      table,
      references: names(references),
      rules,
    }),
  );
}

/** The same key, to a table of the same name in another database. */
export function keyTo(
  database: string,
  { name, columns, table, references, rules }: Omit<ForeignKey, 'database'>,
): string {
  return `CONSTRAINT ${name} FOREIGN KEY (${columns.join(', ')}) REFERENCES ${database}.${table} (${references.join(', ')})${rules}`;
}

/**
 * A CREATE or ALTER TABLE whose foreign keys to other tables than those made with it name the database of these,
 * because it is run in another one first.
 *
 * @param database In its quotes.
 * @param isMadeWithIt Given a table's name, without quotes.
 * @param charset In which its names are written.
 */
export function withReferencesTo(
  statement: Buffer,
  database: string,
  isMadeWithIt: (table: string) => boolean,
  charset?: string,
): Buffer {
  if (!/references/i.test(statement.toString('latin1'))) return statement;
  const tokens = tokensOf(statement, charset) ?? [];
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    const table = tokens[index + 1];
    if (!isWord(token, 'references') || table === undefined || isSign(tokens[index + 2], '.')) continue;
    if ((table.kind !== 'name' && table.kind !== 'word') || isMadeWithIt(table.written)) continue;
    pieces.push(statement.subarray(at, table.start), Buffer.from(`${database}.`));
    at = table.start;
  }
  return pieces.length === 0 ? statement : Buffer.concat([...pieces, statement.subarray(at)]);
}

/** A foreign key that has to be made anew once its table is in place; names are in their quotes. */
export interface StrayKey {
  readonly table: string;
  readonly name: string;
  /** As ALTER TABLE … ADD takes it. */
  readonly definition: string;
}

/**
 * Foreign keys of staged tables that would not lead into the target, whichever way the tables move: to a table that is
 * neither made with them nor stays. A key follows a table that moves away, and keeps the name of one that is nowhere.
 *
 * @param descriptions Of each table, what SHOW CREATE TABLE says in the staging schema.
 * @param target In its quotes.
 */
export function strayKeysOf(
  descriptions: ReadonlyMap<string, string>,
  target: string,
  tables: { readonly arrives: (name: string) => boolean; readonly leaves: (name: string) => boolean },
): readonly StrayKey[] {
  return Array.from(descriptions).flatMap(([table, description]) =>
    foreignKeysOf(description)
      .filter(({ database, table: parent }) => {
        const name = unquoted(parent);
        if (database === undefined) return !tables.arrives(name);
        return database === target && tables.leaves(name);
      })
      .map((key) => ({ table: quoteName(table), name: key.name, definition: keyTo(target, key) })),
  );
}

/** A name without its quotes. */
export function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`');
}
