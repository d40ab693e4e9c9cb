import { LOCAL_ENGINE, REMOTE_ENGINE } from '../definitions/engines.ts';
import { TRIGGER_EVENTS, type ObjectKind, type TriggerEvent } from './dump-inventory.ts';
import { definerIn } from './definer-clause.ts';
import { quoteName } from '../definitions/quote-name.ts';
import {
  DROPS_DATABASE,
  FINE,
  unsafe,
  UNKNOWN_FORM,
  UNCLEAR,
  TABLE_WORDS,
  whyNotInDefinition,
  created,
  within,
  isOwn,
  renamed,
  together,
  type Verdict,
  type RuleContext,
} from './verdict.ts';
import { takeStoredObjectHead } from '../script/stored-object-head.ts';
import type { SqlCursor } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';
import { referenceOn } from '../script/table-clauses.ts';

/** Judges a CREATE, of which the cursor has passed the first word. */
export function judgeCreate(cursor: SqlCursor, context: RuleContext, statement: SqlStatement): Verdict {
  if (statement.shape === 'code') return judgeCode(cursor, context, statement);
  cursor.takeWords('or', 'replace');
  if (cursor.takeOneOf('database', 'schema')) return judgeCreateDatabase(cursor, context);
  if (cursor.takeWords('sequence')) {
    cursor.takeWords('if', 'not', 'exists');
    const reference = cursor.takeReference();
    if (reference === undefined || cursor.rest().some((token) => isSign(token, '('))) return UNKNOWN_FORM;
    return created('table', reference, context);
  }
  cursor.takeOneOf('unique', 'fulltext', 'spatial');
  if (cursor.takeWords('index')) {
    cursor.takeWords('if', 'not', 'exists');
    cursor.skip();
    if (cursor.takeWords('using')) cursor.skip();
    const reference = cursor.takeWords('on') ? cursor.takeReference() : undefined;
    const banned = whyNotInDefinition(cursor.rest(), TABLE_WORDS);
    if (banned !== undefined) return unsafe(banned);
    return reference === undefined ? UNKNOWN_FORM : within([reference], context, 'indexes');
  }
  cursor.takeWords('temporary');
  if (!cursor.takeWords('table'))
    return unsafe(`creates a ${cursor.next?.text ?? 'thing'}, which is not part of a database`);
  cursor.takeWords('if', 'not', 'exists');
  return judgeCreateTable(cursor, context);
}

function judgeCreateTable(cursor: SqlCursor, context: RuleContext): Verdict {
  const reference = cursor.takeReference();
  const body = cursor.rest();
  if (reference === undefined || !isSign(body[0], '(') || isWord(body[1], 'like'))
    return unsafe('creates a table from a query or from another table');
  const banned = whyNotInDefinition(body, TABLE_WORDS);
  if (banned !== undefined) return unsafe(banned);
  const union = body.findIndex(
    (token, index) =>
      isWord(token, 'union') && (isSign(body[index + 1], '=') || isSign(body[index + 1], '(')),
  );
  if (union >= 0 && body.slice(union).some((token) => isSign(token, '.'))) {
    return unsafe('creates a table over tables in other databases');
  }
  const verdict = created('table', reference, context);
  if (verdict.kind === 'unsafe') return verdict;
  const oldEngine = oldEngineIn(body);
  if (oldEngine !== undefined) context.meetOldEngine(oldEngine);
  return together(verdict, judgeTableBody(reference.name, body, context));
}

/** `MyISAM` of `) TYPE=MyISAM`. */
function oldEngineIn(body: readonly SqlToken[]): SqlToken | undefined {
  const at = body.findIndex(
    (token, index) => isSign(token, ')') && isWord(body[index + 1], 'type') && isSign(body[index + 2], '='),
  );
  return at < 0 ? undefined : body[at + 3];
}

/** What stays of a table that may be made. */
function judgeTableBody(name: string, body: readonly SqlToken[], context: RuleContext): Verdict {
  const options = optionsIn(body);
  const engines = enginesIn(options);
  const remote = engines.find(({ text }) => REMOTE_ENGINE.test(text.toLowerCase()));
  if (remote !== undefined || options.some((token) => isWord(token, 'connection'))) {
    context.inventory.markRemote(name);
    return { kind: 'fine', outside: `stores its rows elsewhere (${remote?.written ?? 'CONNECTION'})` };
  }
  const unknown = engines.find(({ text }) => !LOCAL_ENGINE.test(text));
  if (unknown !== undefined)
    return { kind: 'fine', outside: `has the engine ${unknown.written}, which may store its rows anywhere` };
  if (options.some((token) => isWord(token, 'directory')))
    return { kind: 'fine', outside: 'is stored in its own directory' };
  return ownSequence(body, context);
}

/** Behind the columns: of the table and of its partitions. */
function optionsIn(body: readonly SqlToken[]): readonly SqlToken[] {
  let depth = 0;
  for (const [index, token] of body.entries()) {
    if (isSign(token, '(')) depth++;
    else if (isSign(token, ')')) depth--;
    if (depth === 0) return body.slice(index + 1);
  }
  return [];
}

/** `ENGINE=InnoDB`, `ENGINE InnoDB`, `STORAGE ENGINE = InnoDB`: the last one counts, but none may be of elsewhere. */
function enginesIn(options: readonly SqlToken[]): readonly SqlToken[] {
  return options.flatMap((token, index) => {
    if (!isWord(token, 'engine')) return [];
    return options[isSign(options[index + 1], '=') ? index + 2 : index + 1] ?? [];
  });
}

/** MariaDB names the database of a sequence in a default: DEFAULT nextval(`shop`.`s`). */
function ownSequence(body: readonly SqlToken[], context: RuleContext): Verdict {
  const databases = body.flatMap((token, index) => {
    const isCall = isWord(token, 'nextval', 'lastval', 'setval') && isSign(body[index + 1], '(');
    const isValueFor = isWord(token, 'for') && isWord(body[index - 1], 'value');
    const at = isCall ? index + 2 : index + 1;
    return (isCall || isValueFor) && isSign(body[at + 1], '.') ? (body[at] ?? []) : [];
  });
  const others = databases.filter(({ written }) => written !== context.target);
  const foreign = others.find(({ written }) => context.target === undefined || written !== context.own);
  if (foreign !== undefined)
    return { kind: 'fine', outside: `takes values from a sequence in ${foreign.written}` };
  const [first, ...more] = others;
  if (first === undefined || context.target === undefined) return FINE;
  return renamed([first, ...more], context.target, 'a sequence of the database itself');
}

function judgeCreateDatabase(cursor: SqlCursor, context: RuleContext): Verdict {
  if (isWord(cursor.taken(-2), 'replace') && !context.inventory.isEmpty) return unsafe(DROPS_DATABASE);
  cursor.takeWords('if', 'not', 'exists');
  const reference = cursor.takeReference();
  if (reference === undefined || reference.database !== undefined) return UNKNOWN_FORM;
  context.meet(reference.name);
  context.meetCharset(cursor.rest());
  if (!isOwn(reference.name, context)) return unsafe(`creates the database ${reference.name}`);
  return {
    kind: 'left-out',
    reason: `CREATE DATABASE ${quoteName(reference.name)} (the restore creates its own target)`,
  };
}

const CODE_KINDS: Readonly<Record<string, ObjectKind>> = {
  view: 'view',
  procedure: 'procedure',
  function: 'function',
  trigger: 'trigger',
  event: 'event',
  package: 'package',
  'package body': 'package',
};

/** The head of a view, routine, trigger or event; its text is for the server to judge when it runs. */
function judgeCode(cursor: SqlCursor, context: RuleContext, statement: SqlStatement): Verdict {
  const head = takeStoredObjectHead(cursor);
  if (head === undefined) return UNKNOWN_FORM;
  const { type, reference } = head;
  const kind = CODE_KINDS[type];
  if (kind === undefined) return unsafe(`creates a ${type}, which no dump program writes`);
  const definer = definerIn(statement.tokens);
  if (definer !== undefined) context.inventory.markDefiner(definer);
  if (cursor.takeWords('returns')) {
    cursor.skip();
    if (cursor.takeWords('soname')) return unsafe('loads a library into the server');
  }
  if (statement.tokens.some(({ note }) => note !== 0)) return unsafe(UNCLEAR);
  const table = kind === 'trigger' ? referenceOn(cursor.rest()) : undefined;
  if (kind === 'trigger' && table === undefined) return UNKNOWN_FORM;
  const named = [reference.database, table?.database].filter((token) => token !== undefined);
  // MariaDB keeps a trigger's head as it was written: CREATE TRIGGER `shop`.`r` … ON `shop`.`t`.
  const { target } = context;
  const foreign = named.find((token) => !isOwnInAnyCase(token.written, context));
  if (foreign !== undefined)
    return unsafe(`creates ${foreign.written}.${reference.name}, in another database`);
  const [first, ...others] = named.filter((token) => token.written !== target);
  if (table !== undefined)
    context.inventory.markTriggered(table.name, { name: reference.name, events: eventsIn(cursor) });
  context.inventory.create(kind, reference.name);
  return first === undefined || target === undefined
    ? FINE
    : renamed([first, ...others], target, `the database of the ${kind} ${reference.name}`);
}

/** Of a trigger, behind its name: what fires it; anything, where that cannot be told. */
function eventsIn(cursor: SqlCursor): readonly TriggerEvent[] {
  const isKnown = cursor.takeOneOf('before', 'after');
  const events: TriggerEvent[] = [];
  for (const event of TRIGGER_EVENTS) {
    if (cursor.takeWords(event)) events.push(event);
  }
  return isKnown && events.length === 1 && isWord(cursor.next, 'on') ? events : TRIGGER_EVENTS;
}

/**
 * Where servers keep names in lower case, the database may be written in any; created objects then belong to the
 * target.
 */
function isOwnInAnyCase(database: string, { own, target }: RuleContext): boolean {
  return [own, target].some((name) => name?.toLowerCase() === database.toLowerCase());
}
