import type { DumpEdit } from './text-edits.ts';
import type { TextRange } from '../lexer/statement.ts';
import type { ConstraintName } from './table-clauses.ts';
import type { SessionPreset } from './session-preset.ts';

export function isSplittable(script: LoadPlan | NotSplittable): script is LoadPlan {
  return 'tables' in script;
}

/** One statement of the dump, without its delimiter. */
export interface ScriptStatement extends TextRange {
  /** 1-based. */
  readonly line: number;
  /** In which its names are written. */
  readonly charset: string;
  /** Within the statement. */
  readonly edits: readonly Pick<DumpEdit, 'start' | 'end' | 'replacement'>[];
}

/**
 * What the session has to be set to while a statement runs, beyond the preset: session variables to values in SQL.
 * `database` stands for the database's own charset and collation.
 */
export type SessionDelta = Readonly<Record<string, string>>;

/** INSERTs of one table, one behind the other. */
export interface InsertRange extends TextRange {
  readonly line: number;
  readonly settings: SessionDelta;
  readonly statements: number;
  /** Each ends at the first `;` and newline; else there is one, without its delimiter. */
  readonly byLine: boolean;
  /** What is left out of each statement, counted from its start. */
  readonly without: TextRange | undefined;
  /** How long the first one is up to its VALUES, this word included. */
  readonly headBytes: number;
  /** Behind VALUES each is what `RowStatements` takes, and text is read as it does. */
  readonly isPlain: boolean;
}

/** INSERTs of a large table that can be read without what precedes them. */
export interface RowChunk {
  /** Where they begin in the file: for gzip the first byte of a member. */
  readonly offsetBytes: number;
  /** Where what follows them begins. */
  readonly endBytes: number;
  /** Where they begin in the uncompressed text. */
  readonly textOffsetBytes: number;
  readonly uncompressedBytes: number;
  readonly lines: number;
  readonly statements: number;
}

export interface ProvenChunk extends RowChunk {
  /** Of its bytes in the file. */
  readonly sha256: string;
}

/** What a dump does for one table or sequence. */
export interface TablePlan {
  readonly name: string;
  readonly settings: SessionDelta;
  readonly create: ScriptStatement;
  /** `DO SETVAL(…)` of a sequence. */
  readonly values: readonly ScriptStatement[];
  readonly rows: readonly InsertRange[];
  /** More of them, right behind the others, which are not in the text that the plan was made of. */
  readonly chunks?: readonly ProvenChunk[] | undefined;
  /** Its rows must go in one after the other: REPLACE, INSERT IGNORE, or with settings of their own. */
  readonly inOrder: boolean;
  /**
   * Columns that foreign keys in the dump's definitions refer to, each key's first: an index on it must be there
   * early.
   */
  readonly referenced: readonly string[];
  readonly constraints: readonly ConstraintName[];
  /** A later statement of the dump changes it: its definition is not the text of its CREATE alone. */
  readonly altered: boolean;
  /** A statement for it names the dump's own database or the target, so it cannot be loaded into another one. */
  readonly namesDatabase: boolean;
}

/** An ALTER TABLE, CREATE INDEX or ANALYZE TABLE, to run when the rows are in. */
export interface AfterRows {
  readonly table: string;
  readonly settings: SessionDelta;
  readonly statement: ScriptStatement;
}

export type StoredObjectKind = 'view' | 'routine' | 'trigger' | 'event';

/** A view, routine, trigger or event. */
export interface StoredObjectPlan {
  readonly kind: StoredObjectKind;
  /** Routines as `procedure add_order`, as in `ObjectNames`. */
  readonly name: string;
  /** Of a trigger: whose it is. */
  readonly table: string | undefined;
  readonly settings: SessionDelta;
  /** As in the dump; changes to it are in `edits` and the names below. */
  readonly statement: ScriptStatement;
  /** For the target. */
  readonly edits: ScriptStatement['edits'];
  /** Where its first word, CREATE, ends. */
  readonly createEnd: number;
  /** It says OR REPLACE itself. */
  readonly replaces: boolean;
  /** Where it says in which database it is made, and on whose table a trigger is. */
  readonly headNames: readonly TextRange[];
  /** Where the rest of its text names the database that the dump is of. */
  readonly ownNames: readonly TextRange[];
  /** An event's `ENABLE`. */
  readonly enable: TextRange | undefined;
}

/**
 * A dump as a loader sees it: what each connection needs first, then tables that are independent of each other, then
 * what depends on them. Found while the dump is verified; every statement of the dump is in it, apart from SETs, of which
 * it has what they mean, and from those that a load into an empty schema does not need (DROP … IF EXISTS, LOCK TABLES,
 * transactions).
 */
export interface LoadPlan {
  /** For every connection: what the SETs at the head of the dump mean. */
  readonly preset: SessionPreset;
  readonly tables: readonly TablePlan[];
  readonly afterRows: readonly AfterRows[];
  readonly storedObjects: readonly StoredObjectPlan[];
}

/** Why a dump has no script: it is loaded by the stock client, statement after statement. */
export interface NotSplittable {
  readonly line: number;
  /** Continues "this …". */
  readonly reason: string;
}
