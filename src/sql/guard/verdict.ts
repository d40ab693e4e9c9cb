import type { DumpEdit } from '../script/text-edits.ts';
import type { DumpInventory, ObjectKind } from './dump-inventory.ts';
import { quoteName } from '../definitions/quote-name.ts';
import type { ObjectReference } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlToken } from '../lexer/statement.ts';

type TextEdit = Pick<DumpEdit, 'start' | 'end' | 'replacement'>;

/** What to do with a statement: run it, run it changed, ignore it, or refuse the file. */
export type Verdict =
  /** `outside`: it ties the database to something beside it, which only the user can want. */
  | { readonly kind: 'fine'; readonly outside?: string | undefined }
  | {
      readonly kind: 'changed';
      /** Sorted. */
      readonly edits: readonly TextEdit[];
      readonly reason: string;
      readonly told: DumpEdit['told'];
      readonly outside?: string | undefined;
    }
  | { readonly kind: 'left-out'; readonly reason: string }
  | {
      readonly kind: 'unsafe';
      readonly reason: string;
      /** It makes or changes users or what they may do. */
      readonly ofAccounts?: boolean;
      /** It concerns only rows of the dump's own tables: whoever has looked at it may take it. */
      readonly isAllowable?: boolean;
    };

/** What the verdicts depend on and keep up to date. */
export interface RuleContext {
  readonly target: string | undefined;
  /** The database that the dump is of, when it is known by now. */
  readonly own: string | undefined;
  readonly inventory: DumpInventory;
  /** Statements about users and what they may do are left out. */
  readonly skipAccounts: boolean;
  /** The rows at hand change rows that are there: ON DUPLICATE KEY UPDATE. */
  readonly updatesRows: boolean;
  /** Told of USE and CREATE DATABASE. */
  readonly meet: (database: string) => void;
  /** Called for a DROP DATABASE, which must be followed directly by creating or using the database. */
  readonly meetDrop: (database: string) => void;
  readonly meetCharset: (tokens: readonly SqlToken[]) => void;
  /** Told of `TYPE=MyISAM`, as MySQL 4 called the engine. */
  readonly meetOldEngine: (engine: SqlToken) => void;
}

export const FINE: Verdict = { kind: 'fine' };
export const unsafe = (reason: string): Verdict => ({ kind: 'unsafe', reason });
export const DROPS_DATABASE = 'drops a whole database';
export const UNKNOWN_FORM = unsafe('is not of a form that dump programs write');

export const UNCLEAR = 'is a different statement on MySQL and on MariaDB because of its version comments';

/** Words that make a query or call what must not run at load time; unquoted, no dump has them in these places. */
export const QUERY_WORDS: Readonly<Record<string, string>> = {
  select: 'fills a table by a query',
  outfile: 'writes a file on the server',
  dumpfile: 'writes a file on the server',
  load_file: 'reads a file on the server',
  sleep: 'makes the server wait',
  benchmark: 'makes the server wait',
  get_lock: 'takes a lock',
};

export const TABLE_WORDS: Readonly<Record<string, string>> = {
  ...QUERY_WORDS,
  table: 'fills a table by a query',
  soname: 'loads a library',
};

export const ALTER_WORDS: Readonly<Record<string, string>> = {
  ...TABLE_WORDS,
  rename: 'renames a table, which may leave the database',
  exchange: 'exchanges rows with another table',
  import: 'imports files on the server',
  discard: 'deletes files on the server',
  engine: 'changes the engine of a table',
  union: 'creates a table over other tables',
  directory: 'moves a table to another directory',
};

export function hasBanned(
  tokens: readonly SqlToken[],
  banned: Readonly<Record<string, string>>,
): string | undefined {
  for (const token of tokens) {
    const reason =
      token.kind === 'word' && Object.hasOwn(banned, token.text) ? banned[token.text] : undefined;
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why the definition of a table or an index must not run as it stands; undefined when it may. */
export function whyNotInDefinition(
  tokens: readonly SqlToken[],
  banned: Readonly<Record<string, string>>,
): string | undefined {
  const reason = hasBanned(tokens, banned);
  if (reason !== undefined) return reason;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (next !== undefined && next.note !== token.note && splitsCall(token, next)) return UNCLEAR;
    if (isWord(token, 'values') && !isWord(next, 'less', 'in')) return QUERY_WORDS['select'];
    if (!isSign(next, '(') || (token.kind !== 'word' && token.kind !== 'name')) continue;
    const database = isSign(tokens[index - 1], '.') ? tokens[index - 2] : undefined;
    if (database === undefined && isKeyPart(tokens.slice(index, index + 4))) continue;
    if (isWord(tokens[database === undefined ? index - 1 : index - 3], ...BEFORE_COLUMNS)) continue;
    if (database !== undefined && !isWord(database, ...BUILT_IN))
      return 'calls a routine, which may do anything';
    const name = token.text.toLowerCase();
    if (Object.hasOwn(banned, name)) return banned[name];
  }
  return undefined;
}

/** `` `a`(3) ``: the first characters of a column, whatever it is called. */
function isKeyPart([name, , length, end]: readonly SqlToken[]): boolean {
  return name?.kind === 'name' && length?.kind === 'number' && isSign(end, ')');
}

/** A key or a table of one of these names has its columns behind it, where a function has its arguments. */
const BEFORE_COLUMNS = ['key', 'index', 'unique', 'fulltext', 'spatial', 'exists', 'references', 'on'];

/** MariaDB writes these in front of its own functions: `oracle_schema.lpad(…)`. */
const BUILT_IN = ['mariadb_schema', 'oracle_schema', 'maxdb_schema'];

/** A version comment that starts or ends between these could hide a call. */
function splitsCall(one: SqlToken, other: SqlToken): boolean {
  return isSign(one, '.') || isSign(other, '.') || isSign(other, '(') || isWord(one, 'values');
}

export function created(kind: ObjectKind, reference: ObjectReference, context: RuleContext): Verdict {
  const verdict = within([reference], context, 'creates');
  if (verdict.kind !== 'unsafe') context.inventory.create(kind, reference.name);
  return verdict;
}

/**
 * Names with a database in front must stay in the target. Those of the dump's own database, and of the target, are
 * left without it: the restore decides where they go.
 */
export function within(references: readonly ObjectReference[], context: RuleContext, does: string): Verdict {
  const { target, own } = context;
  const edits: TextEdit[] = [];
  for (const { database, name, token } of references) {
    if (database === undefined) continue;
    if (database.written !== own && database.written !== target)
      return unsafe(`${does} ${database.written}.${name}, in another database`);
    edits.push({ start: database.start, end: token.start, replacement: '' });
  }
  return edits.length === 0 ? FINE : { kind: 'changed', edits, ...ownNamesLeftOut(context) };
}

/** What is said of it: nothing where the names lead to the target anyway. */
export function ownNamesLeftOut({
  target,
  own,
}: Pick<RuleContext, 'target' | 'own'>): Pick<DumpEdit, 'reason' | 'told'> {
  const reason = `the dump's own database name in front of its tables (the target is given by --to)`;
  return { reason, told: own === target || own === undefined ? 'never' : 'always' };
}

export function isOwn(database: string, { own, target }: RuleContext): boolean {
  return own === undefined ? true : database === own || database === target;
}

export function renamed(tokens: readonly [SqlToken, ...SqlToken[]], target: string, what: string): Verdict {
  const replacement = quoteName(target);
  return {
    kind: 'changed',
    edits: tokens.map(({ start, end }) => ({ start, end, replacement })),
    told: 'always',
    reason: `${what}: ${quoteName(tokens[0].written)} becomes ${quoteName(target)}`,
  };
}

/** Two verdicts on parts of one statement, neither of which is left out. */
export function together(one: Verdict, other: Verdict): Verdict {
  if (one.kind !== 'changed' || other.kind === 'unsafe') return other;
  if (other.kind !== 'changed')
    return { ...one, ...(other.kind === 'fine' ? { outside: other.outside } : {}) };
  return { ...one, ...other, edits: [...one.edits, ...other.edits] };
}
