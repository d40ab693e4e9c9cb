import type {
  AfterRows,
  LoadPlan,
  StoredObjectPlan,
  InsertRange,
  ScriptStatement,
  SessionDelta,
  TablePlan,
  NotSplittable,
} from './load-plan.ts';
import type { ConstraintName } from './table-clauses.ts';
import type { TextRange } from '../lexer/statement.ts';
import type { Verdict } from '../guard/verdict.ts';
import type { SessionChanges } from './session-changes.ts';
import { SqlCursor } from '../lexer/token-cursor.ts';
import { isSign, isWord, type SqlStatement, type SqlToken } from '../lexer/statement.ts';
import {
  changesColumns,
  constraintsIn,
  isUnion,
  referenceOn,
  referencesIn,
  tableAnalyzed,
  tableOn,
} from './table-clauses.ts';
import { storedObjectHead, enableIn } from './statement-object.ts';
import { LoadSession } from './load-session.ts';

/** A dump of more parts than this is loaded as it stands, so that the script of it stays small. */
const MOST_PARTS = 200_000;

/**
 * The loader sends a statement as one string, and V8 has none that is longer (`buffer.constants.MAX_STRING_LENGTH`).
 */
const LONGEST_STATEMENT_BYTES = 2 ** 29 - 24;

type Table = { -readonly [Key in keyof TablePlan]: TablePlan[Key] } & {
  constraints: ConstraintName[];
  /** By an ALTER that does more than add keys: rows are not taken as before it. */
  otherColumns: boolean;
  /** It says from which number it counts up, which TRUNCATE forgets. */
  counts: boolean;
  rows: InsertRange[];
  values: ScriptStatement[];
};

/** Makes the load script of a dump, from the statements that the guard has found honest. */
export class LoadPlanBuilder {
  readonly #shared: LoadSession;
  readonly #session: SessionChanges;
  readonly #tables = new Map<string, Table>();
  readonly #afterRows: AfterRows[] = [];
  readonly #programs = new Map<string, StoredObjectPlan>();
  /** By table, in lower case, as some servers compare names: the first column of each foreign key to it. */
  readonly #referenced = new Map<string, string[]>();
  #parts = 0;
  /**
   * By ALTER DATABASE … CHARACTER SET: routines and triggers remember what it was when they were made. Of this
   * database alone, whatever others share its session.
   */
  #database: string | undefined;
  #unscripted: NotSplittable | undefined;

  /** @param shared Given for one database of several. */
  constructor(shared = new LoadSession()) {
    this.#shared = shared;
    this.#session = shared.changes;
  }

  /**
   * @param ownNames Where the statement's text names the dump's own database, or that which it is loaded into.
   * @param edits Of its text, wherever it is loaded; sorted.
   * @param isPlain See `InsertRange`.
   */
  add(
    statement: SqlStatement,
    verdict: Verdict,
    ownNames: readonly TextRange[],
    edits: ScriptStatement['edits'] = [],
    isPlain = false,
  ): void {
    if (this.#unscripted !== undefined || verdict.kind === 'left-out' || verdict.kind === 'unsafe') return;
    const { start, textEnd: end, line, charset, needsLineAt } = statement;
    const all = [
      ...edits,
      ...(verdict.kind === 'changed' ? verdict.edits : []),
      ...(needsLineAt === undefined ? [] : [{ start: needsLineAt, end: needsLineAt, replacement: '\n' }]),
    ].sort((a, b) => a.start - b.start);
    const reason =
      statement.end - start > LONGEST_STATEMENT_BYTES
        ? 'is longer than 512 MiB, which only the stock client can send'
        : this.#take(statement, { start, end, line, charset, edits: all }, ownNames, isPlain);
    if (reason !== undefined) this.#unscripted = { line, reason };
    else if (++this.#parts > MOST_PARTS) this.#unscripted = { line, reason: 'is one of too many' };
  }

  finish(): LoadPlan | NotSplittable {
    const unscripted = this.#unscripted ?? this.#shared.unscripted;
    if (unscripted !== undefined) return unscripted;
    return {
      preset: this.#session.preset(),
      tables: Array.from(this.#tables.values(), (table) => ({
        ...table,
        referenced: this.#referenced.get(table.name.toLowerCase()) ?? [],
      })),
      afterRows: this.#afterRows,
      storedObjects: [...this.#programs.values()],
    };
  }

  #take(
    statement: SqlStatement,
    script: ScriptStatement,
    ownNames: readonly TextRange[],
    isPlain: boolean,
  ): string | undefined {
    const { tokens, shape } = statement;
    const cursor = new SqlCursor(tokens);
    const word = cursor.skip()?.text ?? '';
    if (shape === 'rows') return this.#rows(statement, cursor, word, ownNames, script.edits, isPlain);
    if (word === 'set') {
      const reason = this.#session.set(tokens);
      if (reason !== undefined) this.#shared.unscripted ??= { line: script.line, reason };
      return reason;
    }
    this.#session.endPreamble();
    switch (word) {
      case 'create':
        return shape === 'code'
          ? this.#program(statement, script, ownNames)
          : this.#table(tokens, cursor, script, ownNames);
      case 'drop':
        return this.#drop(cursor);
      case 'alter':
        return this.#alter(cursor, script, ownNames);
      case 'analyze':
        return this.#after(this.#tables.get(tableAnalyzed(cursor) ?? ''), script, ownNames);
      case 'delete':
      case 'truncate':
        return this.#empty(cursor, word);
      case 'do':
      case 'select':
        return this.#sequenceValue(cursor, script, ownNames);
      case 'lock':
      case 'unlock':
      case 'start':
      case 'begin':
      case 'commit':
      case 'use':
        return undefined;
      default:
        return CLIENT_ONLY;
    }
  }

  #delta(): SessionDelta | undefined {
    const delta = this.#session.delta();
    return delta === undefined || this.#database === undefined
      ? delta
      : { ...delta, database: this.#database };
  }

  #rows(
    statement: SqlStatement,
    cursor: SqlCursor,
    word: string,
    ownNames: readonly TextRange[],
    [edit]: ScriptStatement['edits'],
    isPlain: boolean,
  ): string | undefined {
    cursor.takeOneOf('delayed', 'low_priority', 'high_priority');
    const ignores = cursor.takeWords('ignore');
    cursor.takeWords('into');
    const name = cursor.takeReference()?.name ?? '';
    const table = this.#tables.get(name);
    if (table === undefined) return 'fills a table that was not created before';
    if (table.otherColumns) return 'fills a table whose columns were changed before'; // which is run behind its rows
    const settings = this.#delta();
    if (settings === undefined) return UNFOLLOWED;
    if (word === 'replace' || ignores || Object.keys(settings).length > 0) table.inOrder = true;
    if (ownNames.length > 0) table.namesDatabase = true;
    const { start, line, endsItsLine: byLine } = statement;
    const end = byLine ? statement.end : statement.textEnd;
    // The name of a database, in front of the table's.
    const without = edit && { start: edit.start - start, end: edit.end - start };
    const run = table.rows.at(-1);
    // Behind the newline of the one before: nothing is in between, not even a comment or what is left out.
    const goesOn =
      byLine &&
      run?.byLine === true &&
      run.end === start - 1 &&
      run.without?.start === without?.start &&
      run.without?.end === without?.end;
    if (goesOn) {
      const statements = run.statements + 1;
      table.rows[table.rows.length - 1] = { ...run, end, statements, isPlain: run.isPlain && isPlain };
      this.#parts--;
    } else {
      const headBytes = (statement.tokens.at(-1)?.end ?? start) - start;
      table.rows.push({ start, end, line, settings, statements: 1, byLine, without, headBytes, isPlain });
    }
    return undefined;
  }

  #table(
    tokens: readonly SqlToken[],
    cursor: SqlCursor,
    create: ScriptStatement,
    ownNames: readonly TextRange[],
  ): string | undefined {
    if (cursor.takeOneOf('unique', 'fulltext', 'spatial', 'index'))
      return this.#change(tableOn(cursor.rest()), create, ownNames);
    cursor.takeWords('or', 'replace');
    if (cursor.takeWords('temporary')) return 'creates a temporary table';
    if (!cursor.takeOneOf('table', 'sequence'))
      return 'creates something that only the stock client can create';
    cursor.takeWords('if', 'not', 'exists');
    const name = cursor.takeReference()?.name;
    const settings = this.#delta();
    if (name === undefined || settings === undefined) return UNFOLLOWED;
    if (this.#tables.has(name)) return 'creates a table a second time';
    for (const { table, column } of referencesIn(tokens)) {
      const key = table.toLowerCase();
      this.#referenced.set(key, [...(this.#referenced.get(key) ?? []), column]);
    }
    this.#tables.set(name, {
      name,
      settings,
      create,
      values: [],
      rows: [],
      inOrder: false,
      referenced: [],
      constraints: [...constraintsIn(tokens)],
      altered: false,
      otherColumns: false,
      counts: countsFrom(tokens),
      namesDatabase: ownNames.length > 0 || create.edits.some(isRename) || isUnion(tokens),
    });
    return undefined;
  }

  #program(
    { tokens }: SqlStatement,
    statement: ScriptStatement,
    ownNames: readonly TextRange[],
  ): string | undefined {
    const settings = this.#delta();
    const head = storedObjectHead(tokens);
    if (head === undefined || settings === undefined) return UNFOLLOWED;
    const { kind, name } = head;
    const on = kind === 'trigger' ? referenceOn(tokens) : undefined;
    const headNames = [head.database, on?.database].flatMap((token) =>
      token === undefined ? [] : [{ start: token.start, end: token.end }],
    );
    const createEnd = tokens[0]?.end ?? statement.start;
    const replaces = isWord(tokens[1], 'or');
    const enable = kind === 'event' ? enableIn(tokens) : undefined;
    const key = `${kind} ${name}`;
    this.#programs.delete(key); // in the place of the last one: what stands in for a view comes first
    this.#programs.set(key, {
      kind,
      name,
      table: on?.name,
      settings,
      // The text stays as it is, so that the ranges in it hold.
      statement: { ...statement, edits: [] },
      edits: statement.edits,
      createEnd,
      replaces,
      headNames,
      ownNames: ownNames.filter(({ start }) => !headNames.some((name) => name.start === start)),
      enable,
    });
    return undefined;
  }

  /** What was not made before is not there: the load begins with an empty schema. */
  #drop(cursor: SqlCursor): string | undefined {
    cursor.takeWords('temporary');
    const word = cursor.skip()?.text ?? '';
    const kind = word === 'package' && cursor.takeWords('body') ? 'package body' : word;
    cursor.takeWords('if', 'exists');
    for (const { name } of cursor.takeReferences() ?? []) {
      if (/^(?:tables?|sequence)$/.test(kind)) {
        const table = this.#tables.get(name);
        if (table?.altered === true || (table?.rows.length ?? 0) > 0)
          return 'drops a table that was filled or changed before';
        this.#tables.delete(name);
      } else {
        const isRoutine = /^(?:procedure|function|package|package body)$/.test(kind);
        this.#programs.delete(isRoutine ? `routine ${kind} ${name}` : `${kind} ${name}`);
      }
    }
    return undefined;
  }

  /** HeidiSQL empties each table before it fills it. */
  #empty(cursor: SqlCursor, word: string): string | undefined {
    cursor.takeOneOf('from', 'table');
    const table = this.#tables.get(cursor.takeReference()?.name ?? '');
    if (!cursor.atEnd) return CLIENT_ONLY;
    if (table?.rows.length !== 0) return 'empties a table that was filled before';
    return word === 'truncate' && table.counts ? 'makes a table count from 1 again' : undefined;
  }

  #alter(cursor: SqlCursor, script: ScriptStatement, ownNames: readonly TextRange[]): string | undefined {
    if (cursor.takeOneOf('database', 'schema')) {
      cursor.takeReference();
      const words = cursor.rest().map(({ text }) => text);
      if (words.some((word) => !/^[\w=]+$/.test(word))) return UNFOLLOWED;
      this.#database = words.join(' ');
      return undefined;
    }
    cursor.takeOneOf('online', 'ignore');
    cursor.takeWords('table');
    cursor.takeWords('if', 'exists');
    const name = cursor.takeReference()?.name;
    if (cursor.takeWords('disable', 'keys') || cursor.takeWords('enable', 'keys')) return undefined;
    const table = this.#tables.get(name ?? '');
    table?.constraints.push(...constraintsIn(cursor.rest()));
    if (table !== undefined && changesColumns(cursor.rest())) table.otherColumns = true;
    return this.#change(name, script, ownNames);
  }

  #change(
    name: string | undefined,
    statement: ScriptStatement,
    ownNames: readonly TextRange[],
  ): string | undefined {
    const table = this.#tables.get(name ?? '');
    if (table !== undefined) table.altered = true;
    return this.#after(table, statement, ownNames);
  }

  #after(
    table: Table | undefined,
    statement: ScriptStatement,
    ownNames: readonly TextRange[],
  ): string | undefined {
    const settings = this.#delta();
    if (table === undefined) return 'changes a table that was not created before';
    if (settings === undefined) return UNFOLLOWED;
    if (ownNames.length > 0) table.namesDatabase = true;
    this.#afterRows.push({ table: table.name, settings, statement });
    return undefined;
  }

  #sequenceValue(
    cursor: SqlCursor,
    statement: ScriptStatement,
    ownNames: readonly TextRange[],
  ): string | undefined {
    if (!cursor.takeWords('setval')) return CLIENT_ONLY;
    cursor.takeSign('(');
    const sequence = this.#tables.get(cursor.takeReference()?.name ?? '');
    if (sequence === undefined) return 'sets a sequence that was not created before';
    if (ownNames.length > 0) sequence.namesDatabase = true;
    sequence.values.push(statement);
    return undefined;
  }
}

/** `AUTO_INCREMENT=500`, behind the columns. */
function countsFrom(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    (token, at) =>
      isWord(token, 'auto_increment') && (isSign(tokens[at + 1], '=') || tokens[at + 1]?.kind === 'number'),
  );
}

/** What is only left out does not name anything. */
function isRename({ replacement }: ScriptStatement['edits'][number]): boolean {
  return replacement !== '';
}

const CLIENT_ONLY = 'can only be run by the stock client';
const UNFOLLOWED = 'runs with settings that cannot be tracked';
