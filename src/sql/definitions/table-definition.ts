import { decoded, OUR_CHARSET } from '../lexer/client-charset.ts';
import { quoteName } from './quote-name.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';
import { tokensOf } from '../lexer/statement-tokens.ts';

/**
 * Whether two CREATE TABLE texts define the same. The counter of AUTO_INCREMENT follows the rows, so it is not a part
 * of the definition.
 *
 * @param collations Of each charset, its default collation on the server.
 */
export function sameDefinition(
  one: string,
  other: string,
  collations: ReadonlyMap<string, string> = new Map(),
): boolean {
  if (one === other) return true;
  const [first, second] = [withoutCounter(one), withoutCounter(other)];
  return first === second || withCollations(first, collations) === withCollations(second, collations);
}

export function withoutCounter(text: string): string {
  return text.replace(/(\n\).*?) AUTO_INCREMENT=\d+/, '$1');
}

/** Whether two definitions have the same lines, in any order: a constraint that is made anew comes last. */
export function sameLines(one: string, other: string): boolean {
  const sorted = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.replace(/,$/, ''))
      .sort()
      .join('\n');
  return sorted(one) === sorted(other);
}

const TEXT_TYPE = String.raw`(?:var)?char\(\d+\)|(?:tiny|medium|long)?text|(?:enum|set)\('(?:[^']|'')*'(?:,'(?:[^']|'')*')*\)`;
const TEXT_COLUMN = new RegExp(
  `^( {2}\`(?:[^\`]|\`\`)*\` (?:${TEXT_TYPE}))(?: CHARACTER SET (\\w+))?(?: COLLATE (\\w+))?(?=[ ,\\n])`,
  'gm',
);

const TABLE_COLLATION = /\n\).*? DEFAULT CHARSET=(\w+)(?: COLLATE=(\w+))?/;

/**
 * The same definition, with the collation of every text column behind it.
 *
 * MySQL prints what it remembers a column to have been made by: nothing, `COLLATE c`, or `CHARACTER SET s COLLATE c`
 * all stand for the same column. Made by what it prints, a column may come out in other words than it went in.
 */
function withCollations(text: string, collations: ReadonlyMap<string, string>): string {
  const [, charset, collation] = TABLE_COLLATION.exec(text) ?? [];
  const ofTable = collation ?? collations.get(charset ?? '') ?? '';
  return text.replaceAll(TEXT_COLUMN, (_whole, column: string, set?: string, own?: string) => {
    const its = own ?? (set === undefined ? ofTable : (collations.get(set) ?? `of ${set}`));
    return `${column} COLLATE ${its}`;
  });
}

/** Servers print constraints by their names: where these are others, the same constraints stand in another order. */
export function withSortedConstraints(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/,$/, ''));
  const isConstraint = (line: string): boolean => /^ {2}(?:CONSTRAINT `|FOREIGN KEY |CHECK )/.test(line);
  const sorted = lines.filter(isConstraint).sort();
  return lines.map((line) => (isConstraint(line) ? sorted.shift() : line)).join('\n');
}

/** Names of constraints are unique in a database: a second table of the same kind cannot have them. */
export function withoutConstraintNames(text: string): string {
  return text.replaceAll(/CONSTRAINT `(?:[^`]|``)*` /g, '');
}

/** Whether a table, as the server describes it, has the engine that a definition names; one that names none fits. */
export function hasEngineOf(found: string, definition: Buffer): boolean {
  const named = engineNamed(tokensOf(definition) ?? []);
  return named === undefined || named === /\n\) ENGINE=(\w+)/.exec(found)?.[1]?.toLowerCase();
}

function engineNamed(tokens: readonly SqlToken[]): string | undefined {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isSign(token, '(')) depth++;
    else if (isSign(token, ')')) depth--;
    else if (depth === 0 && index > 0 && isWord(token, 'engine', 'type')) {
      const named = tokens[isSign(tokens[index + 1], '=') ? index + 2 : index + 1];
      return named?.text.toLowerCase();
    }
  }
  return undefined;
}

/** A CREATE TABLE under another name, and how to read what the server says of that table. */
export interface Reference {
  readonly create: Buffer;
  /** What SHOW CREATE says, with the names that the definition has. */
  readonly read: (shown: string) => string;
}

/**
 * The same CREATE TABLE for a table of another name, whose constraints have names of their own, too: they may stand
 * only once in a database. An index that a foreign key makes takes its name.
 *
 * @param name Of the reference; without quotes, and needs none.
 * @param charset In which the definition's names are written.
 * @returns undefined when it is not one clean statement.
 */
export function asReference(definition: Buffer, name: string, charset = OUR_CHARSET): Reference | undefined {
  const tokens = tokensOf(definition, charset) ?? [];
  const head = tokens.findIndex((token) => isWord(token, 'table', 'sequence'));
  const named = isWord(tokens[head + 1], 'if') ? head + 4 : head + 1;
  const table = isSign(tokens[named + 1], '.') ? tokens[named + 2] : tokens[named];
  const whole = tokens[named]; // with the database in front
  if (head < 0 || table === undefined || whole === undefined) return undefined;
  const constraints = tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    return isWord(token, 'constraint') && next !== undefined && !isWord(next, ...CONSTRAINTS) ? [next] : [];
  });
  const own = constraints.map(({ start, end }) => decoded(definition.subarray(start, end), charset));
  const edits = [
    { start: whole.start, end: table.end, by: quoteName(name) },
    ...constraints.map(({ start, end }, index) => ({ start, end, by: quoteName(`${name}_${index}`) })),
  ];
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, by } of edits) {
    pieces.push(definition.subarray(at, start), Buffer.from(by));
    at = end;
  }
  return {
    create: Buffer.concat([...pieces, definition.subarray(at)]),
    read: (shown) =>
      shown
        .replaceAll(new RegExp(`\`${name}_(\\d+)\``, 'g'), (quoted, index: string) => {
          const text = own[Number(index)] ?? quoted;
          return text.startsWith('`') ? text : quoteName(text);
        })
        .replaceAll(new RegExp(`\`${name}((?:_[a-z]+_\\d+)?)\``, 'g'), (_quoted, rest: string) =>
          quoteName(`${table.written}${rest}`),
        ),
  };
}

/** What may stand behind CONSTRAINT instead of a name. */
const CONSTRAINTS = ['foreign', 'check', 'primary', 'unique'] as const;
