import { jobOfScratchSchema } from '../../run/scratch-names.ts';

/**
 * MySQL's counters of the statements that give a table the rows of another one: RENAME TABLE, ALTER TABLE … RENAME
 * and ALTER TABLE … EXCHANGE PARTITION. A dump's snapshot does not protect from them, and when they undo each other,
 * or change two tables of the same second, the catalogue shows nothing of them.
 */
export interface RenameCounts {
  /** Statements that were begun since the server started. */
  readonly begun: { readonly renames: number; readonly alters: number };
  /** What performance_schema has of them; undefined when the account may not read it. */
  readonly seen: SeenStatements | undefined;
  /** Statements of any kind that performance_schema had no room for: it remembers a limited number of different ones. */
  readonly unseen: number;
}

export interface SeenStatements {
  /** Those that run: they have moved nothing yet. */
  readonly running: { readonly renames: number; readonly alters: number };
  readonly ended: readonly EndedStatement[];
}

export interface EndedStatement {
  /** Tells it from all others together with the schema. */
  readonly digest: string;
  /** The database in which it was given; empty when there was none. */
  readonly schema: string;
  /** Its words with every name between backticks and every value as `?`: ``RENAME TABLE `a` TO `shop` . `b` ``. */
  readonly words: string;
  /** The server keeps the beginning of a long one, and does not mark that there was more. */
  readonly maybeCutOff: boolean;
  readonly count: number;
}

/** What two readings tell of the tables of one database. */
export type RenameVerdict =
  /** None of them changed places. */
  | 'none'
  /** One of them did. */
  | 'here'
  /**
   * RENAME TABLE, or ALTER TABLE but no RENAME TABLE, was said on the server, and it cannot be told where: the
   * account may not read it, or it was said by a stored program or at a length that the server does not remember.
   */
  | 'unknown-rename'
  | 'unknown-alter';

/** Judges what was said between two readings. */
export function judgeRenames(before: RenameCounts, after: RenameCounts, database: string): RenameVerdict {
  const fresh = freshlyEnded(before.seen, after.seen);
  if (fresh.some(({ words, schema }) => MOVES.test(words) && concerns(words, schema, database)))
    return 'here';

  // A swap of ours moves tables of one database, which its first move names: so a truncated text hides nothing.
  const told = fresh.filter(
    ({ maybeCutOff, schema }) => !maybeCutOff || jobOfScratchSchema(schema) !== undefined,
  );
  const isTold = (kind: 'renames' | 'alters', verb: RegExp): boolean => {
    const begun = after.begun[kind] - before.begun[kind];
    const running = after.seen?.running[kind] ?? 0;
    const ended = told.reduce((sum, { words, count }) => sum + (verb.test(words) ? count : 0), 0);
    return ended + running >= begun;
  };
  if (!isTold('renames', /^(?:EXECUTE )?RENAME /)) return 'unknown-rename';
  return isTold('alters', /^(?:EXECUTE )?ALTER /) ? 'none' : 'unknown-alter';
}

function freshlyEnded(
  before: SeenStatements | undefined,
  after: SeenStatements | undefined,
): readonly EndedStatement[] {
  if (before === undefined || after === undefined) return [];
  const counted = new Map(before.ended.map((statement) => [keyOf(statement), statement.count]));
  return after.ended
    .map((statement) => ({ ...statement, count: statement.count - (counted.get(keyOf(statement)) ?? 0) }))
    .filter(({ count }) => count > 0);
}

const MOVES = /\b(?:RENAME|EXCHANGE)\b/;

function keyOf({ schema, digest }: EndedStatement): string {
  return `${digest} ${schema}`;
}

/** A name without a database may be of the one in which the statement was given. */
function concerns(words: string, schema: string, database: string): boolean {
  const name = database.toLowerCase();
  return schema.toLowerCase() === name || words.toLowerCase().includes(`\`${name}\` . `);
}
