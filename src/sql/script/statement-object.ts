import { type DatabaseObject, objectNamed } from '../definitions/database-object.ts';
import { type SqlToken, type SqlStatement, type TextRange, isWord } from '../lexer/statement.ts';
import { SqlCursor } from '../lexer/token-cursor.ts';
import type { StoredObjectKind } from './load-plan.ts';
import { takeStoredObjectHead } from './stored-object-head.ts';

const PROGRAM_KINDS: Readonly<Record<string, StoredObjectKind>> = {
  view: 'view',
  procedure: 'routine',
  function: 'routine',
  package: 'routine',
  'package body': 'routine',
  trigger: 'trigger',
  event: 'event',
};

/** Kind and name; of a package's body `package body p`, so that it does not take the place of its head. */
export function storedObjectHead(
  tokens: readonly SqlToken[],
):
  | { readonly kind: StoredObjectKind; readonly name: string; readonly database: SqlToken | undefined }
  | undefined {
  const cursor = new SqlCursor(tokens);
  const head = cursor.takeWords('create') ? takeStoredObjectHead(cursor) : undefined;
  const kind = PROGRAM_KINDS[head?.type ?? ''];
  if (kind === undefined || head === undefined) return undefined;
  const { type, reference } = head;
  const { name, database } = reference;
  return { kind, name: kind === 'routine' ? `${type} ${name}` : name, database };
}

/** What a statement makes or fills; undefined where it cannot be told. */
export function objectOf({ shape, tokens }: SqlStatement): DatabaseObject | undefined {
  if (shape === 'code') {
    const head = storedObjectHead(tokens);
    return head && objectNamed(head.kind === 'routine' ? head.name : `${head.kind} ${head.name}`);
  }
  const cursor = new SqlCursor(tokens);
  if (cursor.takeWords('create')) {
    cursor.takeWords('or', 'replace');
    if (!cursor.takeOneOf('table', 'sequence')) return undefined;
    cursor.takeWords('if', 'not', 'exists');
  } else {
    if (!cursor.takeOneOf('insert', 'replace')) return undefined;
    cursor.takeOneOf('delayed', 'low_priority', 'high_priority');
    cursor.takeWords('ignore');
    cursor.takeWords('into');
  }
  const name = cursor.takeReference()?.name;
  return name === undefined ? undefined : { kind: 'table', name };
}

/** The ENABLE between an event's schedule and its body. */
export function enableIn(tokens: readonly SqlToken[]): TextRange | undefined {
  const body = tokens.findIndex((token) => isWord(token, 'do'));
  return tokens.slice(0, Math.max(0, body)).findLast((token) => isWord(token, 'enable'));
}
