import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';
import { tokensOf } from '../lexer/statement-tokens.ts';

/** A table's definition in steps, between which its rows go in. */
export interface DeferredIndexes {
  /** CREATE TABLE without what follows. */
  readonly create: Buffer;
  /** ALTER TABLE that adds the indexes, in the order in which they stood. */
  readonly indexes: Buffer;
  /** ALTER TABLE that adds the foreign keys; undefined when there are none. */
  readonly foreignKeys: Buffer | undefined;
}

/**
 * Takes the secondary indexes out of a CREATE TABLE, and the foreign keys, which need them: an index over rows that
 * are there is made several times faster than one that each row is put into.
 *
 * Only indexes behind all that stay, so that the table's definition comes out the same. Those stay that are unique,
 * full-text or spatial, and what AUTO_INCREMENT or a foreign key of another table needs. undefined when there is nothing to take out, or when anything
 * is not as the servers' SHOW CREATE TABLE writes it for an ordinary InnoDB table.
 *
 * @param referenced Columns whose index must be there when the other tables are made.
 * @param charset In which its names are written.
 */
export function deferredIndexes(
  create: Buffer,
  referenced: readonly string[],
  charset?: string,
): DeferredIndexes | undefined {
  const table = readTable(create, charset);
  if (table === undefined || !isOrdinary(table.options)) return undefined;
  const { items } = table;
  const autoIncrement = items.find(({ tokens }) => tokens.some((token) => isWord(token, 'auto_increment')));
  const needed = [autoIncrement?.tokens[0]?.text ?? '', ...referenced].map((name) => name.toLowerCase());
  const lastStaying = items.findLastIndex((item) => isIndex(item) && !isPlainIndex(item));
  const late = items.filter(
    (item, index) => index > lastStaying && isPlainIndex(item) && !needed.includes(firstColumn(item)),
  );
  const [first] = late;
  if (first === undefined) return undefined;
  // One that stays between those that go would come out in front of them.
  if (items.slice(items.indexOf(first)).some((item) => isIndex(item) && !late.includes(item)))
    return undefined;
  const foreign = items.filter(isForeignKey);
  // The index that one may make for itself would come out behind those that follow it.
  const lastLate = items.findLastIndex((item) => late.includes(item));
  if (items.slice(0, lastLate).some(isForeignKey)) return undefined;
  const out = [...late, ...foreign];
  if (out.some(({ tokens }) => tokens[0]?.note !== 0)) return undefined;
  const kept = items.filter((item) => !out.includes(item));
  // A foreign key in other words than the servers' makes an index itself, unless it is there already.
  if (kept.some(({ tokens }) => tokens.some((token) => isWord(token, 'references')))) return undefined;
  const { head, tail, name } = table;
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
  const adding = (added: readonly Item[]): Buffer =>
    bytes(`ALTER TABLE ${name}\n  ${added.map(({ text }) => `ADD ${text}`).join(',\n  ')}`);
  return {
    create: bytes(`${head}\n  ${kept.map(({ text }) => text).join(',\n  ')}\n${tail}`),
    indexes: adding(late),
    foreignKeys: foreign.length > 0 ? adding(foreign) : undefined,
  };
}

/** CREATE TABLE, taken apart; its bytes as latin1. */
interface TableText {
  readonly name: string;
  /** Up to the opening parenthesis. */
  readonly head: string;
  readonly items: readonly Item[];
  /** From the closing parenthesis. */
  readonly tail: string;
  readonly options: readonly SqlToken[];
}

/** A column, index or constraint, between two commas. */
interface Item {
  readonly tokens: readonly SqlToken[];
  readonly text: string;
}

function isIndex({ tokens: [first, second] }: Item): boolean {
  if (isWord(first, 'key', 'unique', 'primary', 'fulltext', 'spatial', 'index', 'vector')) return true;
  return first?.kind === 'word' && isWord(second, 'key', 'index');
}

function isPlainIndex({ tokens: [first, name, open] }: Item): boolean {
  return isWord(first, 'key') && isName(name) && isSign(open, '(');
}

function isName(token: SqlToken | undefined): boolean {
  return token?.kind === 'name' || token?.kind === 'word';
}

function firstColumn({ tokens }: Item): string {
  return tokens[3]?.text.toLowerCase() ?? '';
}

function isForeignKey({ tokens: [first, , third] }: Item): boolean {
  return isWord(first, 'constraint') && isWord(third, 'foreign');
}

/** History and partitions have rules of their own for ALTER. */
function isOrdinary(options: readonly SqlToken[]): boolean {
  const engine = options.findIndex((token) => isWord(token, 'engine'));
  return (
    isSign(options[engine + 1], '=') &&
    isWord(options[engine + 2], 'innodb') &&
    !options.some((token) => isWord(token, 'versioning', 'partition'))
  );
}

/** What may stand around an item: a comment there would swallow what is put behind it, or be torn in two. */
const IN_FRONT = /^\s*(?:\/\*M?!\d+\s*)?$/;
const BEHIND = /^\s*(?:\*\/)?\s*$/;

function readTable(create: Buffer, charset?: string): TableText | undefined {
  const [createWord, tableWord, name, open, ...rest] = tokensOf(create, charset) ?? [];
  if (!isWord(createWord, 'create') || !isWord(tableWord, 'table')) return undefined;
  if (name === undefined || !isName(name) || open === undefined || !isSign(open, '(')) return undefined;
  const bytes = create.toString('latin1');
  const items: Item[] = [];
  let depth = 1;
  let tokens: SqlToken[] = [];
  let start = open.end;
  for (const [index, token] of rest.entries()) {
    if (isSign(token, '(')) depth++;
    else if (isSign(token, ')')) depth--;
    if (depth > 0 && !(depth === 1 && isSign(token, ','))) {
      tokens.push(token);
      continue;
    }
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    if (!IN_FRONT.test(bytes.slice(start, first.start)) || !BEHIND.test(bytes.slice(last.end, token.start)))
      return undefined;
    items.push({ tokens, text: bytes.slice(start, token.start).trim() });
    if (depth === 0) {
      return {
        name: bytes.slice(name.start, name.end),
        head: bytes.slice(0, open.end),
        items,
        tail: bytes.slice(token.start),
        options: rest.slice(index + 1),
      };
    }
    tokens = [];
    start = token.end;
  }
  return undefined;
}
