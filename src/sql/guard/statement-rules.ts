import type { ObjectKind, TriggerEvent } from './dump-inventory.ts';
import { aboutAccounts } from './account-statements.ts';
import { concernsOwnRows } from './own-rows.ts';
import { judgeCreate } from './create-rules.ts';
import { quoteName } from '../definitions/quote-name.ts';
import {
  DROPS_DATABASE,
  FINE,
  unsafe,
  UNKNOWN_FORM,
  UNCLEAR,
  QUERY_WORDS,
  ALTER_WORDS,
  hasBanned,
  whyNotInDefinition,
  within,
  isOwn,
  renamed,
  type Verdict,
  type RuleContext,
} from './verdict.ts';
import { SqlCursor, type ObjectReference } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';

type Rule = (cursor: SqlCursor, context: RuleContext, statement: SqlStatement) => Verdict;

/**
 * Judges one statement (SET apart) by an allow-list of what mysqldump, mariadb-dump, mydumper, phpMyAdmin, HeidiSQL
 * and Adminer write.
 */
export function judgeStatement(statement: SqlStatement, context: RuleContext): Verdict {
  const [first] = statement.tokens;
  if (first === undefined) return FINE;
  if (isForRocksDb(statement.tokens))
    return { kind: 'left-out', reason: "SET rocksdb_bulk_load (Percona's bulk load)" };
  const ofAccounts = aboutAccounts(statement.tokens);
  if (ofAccounts !== undefined) {
    return context.skipAccounts
      ? { kind: 'left-out', reason: 'users and grants (--skip-accounts)' }
      : { kind: 'unsafe', reason: ofAccounts, ofAccounts: true };
  }
  const verdict = judgeByItsVerb(first, context, statement);
  return verdict.kind === 'unsafe'
    ? { ...verdict, isAllowable: concernsOwnRows(statement, context.inventory) }
    : verdict;
}

function judgeByItsVerb(verb: SqlToken, context: RuleContext, statement: SqlStatement): Verdict {
  const rule = verb.kind === 'word' ? RULES[verb.text] : undefined;
  if (rule === undefined)
    return unsafe(verb.kind === 'word' ? (WHY_NOT[verb.text] ?? NOT_OF_A_DUMP) : NOT_OF_A_DUMP);
  const cursor = new SqlCursor(statement.tokens);
  cursor.skip();
  const verdict = rule(cursor, context, statement);
  const runs = verdict.kind === 'fine' || verdict.kind === 'changed';
  return runs && isUnclear(statement.tokens) ? unsafe(UNCLEAR) : verdict;
}

const NOT_OF_A_DUMP = 'is not a statement that dump programs write';

const WHY_NOT: Readonly<Record<string, string>> = {
  rename: 'renames tables or users',
  load: 'reads a file',
  install: 'installs a plugin',
  uninstall: 'removes a plugin',
  flush: 'concerns the server, not data',
  kill: 'kills sessions or queries',
  shutdown: 'stops the server',
  restart: 'restarts the server',
  change: 'changes replication',
  reset: 'concerns the server, not data',
  purge: 'removes binary logs',
  stop: 'changes replication',
  clone: 'copies the whole server',
  call: 'runs a routine',
  prepare: 'runs text as SQL, which cannot be examined',
  execute: 'runs text as SQL, which cannot be examined',
  handler: 'reads a table',
  update: 'changes existing rows',
  delimiter: 'is a DELIMITER that is not at the start of its line, which clients read in different ways',
  source: 'is a client command that would run another file',
  system: 'is a client command that would run a program',
};

/**
 * Whether version comments that some servers skip could change what the statement does. They may stand behind the
 * head of CREATE TABLE, whose rules look at all of it, or around a whole statement.
 */
function isUnclear(tokens: readonly SqlToken[]): boolean {
  const notes = new Set(tokens.map(({ note }) => note));
  if (notes.size === 1 && !notes.has(0)) return false;
  notes.delete(0);
  if (notes.size === 0) return false;
  if (!isWord(tokens[0], 'create') || tokens[0]?.note !== 0) return true;
  const body = tokens.findIndex((token) => isSign(token, '('));
  return (
    body < 0 ||
    !tokens.some((token) => isWord(token, 'table')) ||
    tokens.slice(0, body).some(({ note }) => note !== 0)
  );
}

/** Percona's mysqldump: statements around RocksDB's bulk load, with PREPARE and EXECUTE. */
function isForRocksDb(tokens: readonly SqlToken[]): boolean {
  const text = tokens
    .slice(0, 8)
    .map((token) => (token.kind === 'word' || token.kind === 'sign' ? token.text : '?'))
    .join(' ');
  return /^(?:select count \( \* \) into @ (?:is_rocksdb|rocksdb_)|set @ \w*(?:rocksdb|bulk_load)\w* = if|prepare s from @ \w*(?:rocksdb|bulk_load)|execute s$|deallocate prepare s$)/.test(
    text,
  );
}

const RULES: Readonly<Record<string, Rule>> = {
  use: (cursor, context) => {
    const name = cursor.takeReference();
    if (name === undefined || name.database !== undefined || !cursor.atEnd) return UNKNOWN_FORM;
    context.meet(name.name);
    if (!isOwn(name.name, context)) return unsafe(`switches to the database ${name.name}`);
    return { kind: 'left-out', reason: `USE ${quoteName(name.name)} (the target is given by --to)` };
  },
  create: judgeCreate,
  drop: judgeDrop,
  alter: judgeAlter,
  insert: judgeRows,
  replace: judgeRows,
  lock: (cursor, context) => {
    if (!cursor.takeOneOf('tables', 'table')) return unsafe('locks more than tables');
    const references: ObjectReference[] = [];
    do {
      const reference = cursor.takeReference();
      if (reference === undefined) return UNKNOWN_FORM;
      references.push(reference);
      if (cursor.takeOneOf('as')) cursor.skip();
      else cursor.takeKind('name');
      if (cursor.takeWords('read')) cursor.takeWords('local');
      else if (!cursor.takeWords('write')) return UNKNOWN_FORM;
    } while (cursor.takeSign(','));
    return cursor.atEnd ? within(references, context, 'locks') : UNKNOWN_FORM;
  },
  unlock: (cursor) => (cursor.takeOneOf('tables', 'table') && cursor.atEnd ? FINE : UNKNOWN_FORM),
  start: (cursor) => {
    if (!cursor.takeWords('transaction')) return unsafe('changes replication');
    cursor.takeWords('with', 'consistent', 'snapshot');
    return cursor.atEnd ? FINE : UNKNOWN_FORM;
  },
  begin: endsAfterWork,
  commit: endsAfterWork,
  truncate: (cursor, context) => {
    cursor.takeWords('table');
    return onlyTable(cursor, context, []);
  },
  delete: (cursor, context) =>
    cursor.takeWords('from') ? onlyTable(cursor, context, ['delete']) : UNKNOWN_FORM,
  analyze: (cursor, context) => {
    cursor.takeOneOf('local', 'no_write_to_binlog');
    if (!cursor.takeWords('table')) return unsafe('runs a statement to analyze it');
    const references = cursor.takeReferences();
    if (references === undefined || hasBanned(cursor.rest(), QUERY_WORDS) !== undefined) return UNKNOWN_FORM;
    return within(references, context, 'analyzes');
  },
  // MariaDB's sequences: `DO SETVAL(`s`, 5, 0)`, before 10.11 with SELECT.
  do: judgeSetval,
  select: judgeSetval,
};

function endsAfterWork(cursor: SqlCursor): Verdict {
  cursor.takeWords('work');
  return cursor.atEnd ? FINE : unsafe('is a block of statements, which no dump program writes');
}

function judgeSetval(cursor: SqlCursor, context: RuleContext): Verdict {
  if (!cursor.takeWords('setval') || !cursor.takeSign('(')) return unsafe('runs a query, or functions');
  const reference = cursor.takeReference();
  const rest = cursor.rest();
  const isPlain = rest.every(
    ({ kind, text }) => kind === 'number' || (kind === 'sign' && ',)-'.includes(text)),
  );
  const closes = rest.filter((token) => isSign(token, ')')).length === 1 && isSign(rest.at(-1), ')');
  return reference !== undefined && isPlain && closes ? within([reference], context, 'sets') : UNKNOWN_FORM;
}

function judgeRows(cursor: SqlCursor, context: RuleContext, statement: SqlStatement): Verdict {
  cursor.takeOneOf('delayed', 'low_priority', 'high_priority');
  cursor.takeWords('ignore');
  cursor.takeWords('into');
  const reference = cursor.takeReference();
  if (reference === undefined) return UNKNOWN_FORM;
  const { name } = reference;
  if (statement.shape !== 'rows') return unsafe('writes rows that are not in the file');
  if (cursor.takeSign('(')) {
    do {
      if (cursor.takeReference() === undefined) return UNKNOWN_FORM;
    } while (cursor.takeSign(','));
    if (!cursor.takeSign(')')) return UNKNOWN_FORM;
  }
  if (!cursor.takeOneOf('values', 'value') || !cursor.atEnd) return UNKNOWN_FORM;
  context.inventory.addRows(name);
  const fired: TriggerEvent[] = ['insert'];
  if (isWord(statement.tokens[0], 'replace')) fired.push('delete');
  if (context.updatesRows) fired.push('update');
  const leaves = context.inventory.whyRowsLeave(name, fired);
  return leaves === undefined ? within([reference], context, 'writes rows into') : unsafe(leaves);
}

function onlyTable(cursor: SqlCursor, context: RuleContext, fired: readonly TriggerEvent[]): Verdict {
  const reference = cursor.takeReference();
  if (reference === undefined || !cursor.atEnd) return UNKNOWN_FORM;
  const leaves = context.inventory.whyRowsLeave(reference.name, fired);
  return leaves === undefined ? within([reference], context, 'empties') : unsafe(leaves);
}

const DROPPED: readonly (readonly [words: readonly string[], kind: ObjectKind])[] = [
  [['temporary', 'table'], 'table'],
  [['table'], 'table'],
  [['tables'], 'table'],
  [['sequence'], 'table'],
  [['view'], 'view'],
  [['trigger'], 'trigger'],
  [['procedure'], 'procedure'],
  [['function'], 'function'],
  [['event'], 'event'],
  [['package', 'body'], 'package'],
  [['package'], 'package'],
];

function judgeDrop(cursor: SqlCursor, context: RuleContext, statement: SqlStatement): Verdict {
  if (cursor.takeOneOf('database', 'schema')) return judgeDropDatabase(cursor, context);
  const kind = DROPPED.find(([words]) => cursor.takeWords(...words))?.[1];
  if (kind === undefined)
    return unsafe(`drops a ${cursor.next?.text ?? 'thing'}, which is not part of a database`);
  cursor.takeWords('if', 'exists');
  const references = cursor.takeReferences();
  if (references === undefined) return UNKNOWN_FORM;
  cursor.takeOneOf('restrict', 'cascade');
  if (!cursor.atEnd) return UNKNOWN_FORM;
  const verdict = within(references, context, 'drops');
  const isForAll = statement.tokens.every(({ note }) => note === 0);
  if (verdict.kind !== 'unsafe' && isForAll)
    for (const { name } of references) context.inventory.drop(kind, name);
  return verdict;
}

/** `--add-drop-database`: what is made next takes the place of what was there, as a restore does by itself. */
function judgeDropDatabase(cursor: SqlCursor, context: RuleContext): Verdict {
  cursor.takeWords('if', 'exists');
  const reference = cursor.takeReference();
  if (reference === undefined || reference.database !== undefined || !cursor.atEnd) return UNKNOWN_FORM;
  const { name } = reference;
  if (!context.inventory.isEmpty || !isOwn(name, context)) return unsafe(DROPS_DATABASE);
  context.meet(name);
  context.meetDrop(name);
  return {
    kind: 'left-out',
    reason: `DROP DATABASE ${quoteName(name)} (the restore replaces the contents of its target)`,
  };
}

function judgeAlter(cursor: SqlCursor, context: RuleContext): Verdict {
  if (cursor.takeOneOf('database', 'schema')) {
    const reference = cursor.takeReference();
    if (reference === undefined) return UNKNOWN_FORM;
    const isCharset = cursor.rest().every((token) => token.kind !== 'sign' || token.text === '=');
    const first = cursor.next;
    if (
      reference.database !== undefined ||
      !isCharset ||
      !isWord(first, 'default', 'character', 'charset', 'collate')
    ) {
      return unsafe('changes a database by more than its charset');
    }
    if (reference.name === context.target) return FINE;
    if (!isOwn(reference.name, context)) return unsafe(`changes the database ${reference.name}`);
    const token = cursor.taken(-1);
    if (context.target === undefined || token === undefined) return FINE;
    return renamed([token], context.target, 'the charset of the database itself');
  }
  cursor.takeOneOf('online', 'ignore');
  if (!cursor.takeWords('table'))
    return unsafe(`changes a ${cursor.next?.text ?? 'thing'}, which no dump program does`);
  cursor.takeWords('if', 'exists');
  const reference = cursor.takeReference();
  if (reference === undefined) return UNKNOWN_FORM;
  const rest = cursor.rest();
  const banned = whyNotInDefinition(rest, ALTER_WORDS);
  if (banned !== undefined) return unsafe(banned);
  const converts = rest.some(
    (token, index) => isWord(token, 'convert') && !isWord(rest[index + 2], 'character', 'charset'),
  );
  if (converts) return unsafe('turns partitions into tables, which may leave the database');
  return within([reference], context, 'changes');
}
