import type { SessionDelta, TablePlan } from '../../../sql/script/load-plan.ts';
import { deferredIndexes } from '../../../sql/script/deferred-indexes.ts';
import type { DeferredIndexes } from '../../../sql/script/deferred-indexes.ts';
import { isPlainInsert } from '../../../sql/rows/insert-text.ts';
import type { LoadingSession } from './loading-session.ts';
import type { TableRows } from './row-schedule.ts';

/** Below this, one connection takes the whole table: more would only wait for each other. */
const LARGE_FROM_BYTES = 1024 * 1024;

/** A CREATE TABLE, in the dump's own text, and as it is run. */
export interface Definition {
  readonly text: Buffer;
  readonly used: Buffer;
}

/** A CREATE TABLE in the dump's own text, and what the session has to be set to for it. */
export interface DumpedDefinition {
  readonly text: Buffer;
  /** In which its names are written. */
  readonly charset: string;
  readonly settings: SessionDelta;
}

/** How one table is loaded. */
export interface TableLoading {
  readonly table: TablePlan;
  readonly definition: Definition;
  /** Loads all of it; undefined: its rows are dealt to the next free connection. */
  readonly owner: LoadingSession | undefined;
  readonly late: DeferredIndexes | undefined;
  /** It has foreign keys, or others have some to it; or it takes values from a sequence, or is one. */
  readonly isRelated: boolean;
  /** Its rows can be committed together with those of others. */
  readonly isTransactional: boolean;
  /** Resolves when the table is there. */
  created: Promise<void>;
  readonly users: Set<LoadingSession>;
  /** INSERTs and chunks still to come. */
  remaining: number;
  /** What each of its INSERTs begins with, up to its VALUES; known from the first one. */
  head: Buffer | undefined;
  /** That the INSERTs so far had. */
  rows: number;
  /** Of its INSERTs, what the server says it did is not how many rows they have. */
  rowsByText: boolean;
}

/** Plans how a table is loaded, by its definition and by how much of the dump is its rows. */
export function planTable(
  table: TablePlan,
  definition: Definition,
  leastBusy: () => LoadingSession,
): TableLoading {
  const { chunks = [] } = table;
  const bytes =
    table.rows.reduce((sum, { start, end }) => sum + end - start, 0) +
    chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
  const isLarge = bytes >= LARGE_FROM_BYTES;
  return {
    table,
    definition,
    owner: isLarge && !table.inOrder && keepsOrderItself(definition.used) ? undefined : leastBusy(),
    late:
      isLarge && !table.altered
        ? deferredIndexes(definition.used, table.referenced, table.create.charset)
        : undefined,
    isTransactional: isInnodb(definition.used),
    isRelated: table.referenced.length > 0 || OTHERS.test(definition.used.toString('latin1')),
    created: Promise.resolve(),
    users: new Set(),
    remaining: table.rows.reduce((sum, { statements }) => sum + statements, chunks.length),
    head: undefined,
    rows: 0,
    rowsByText: false,
  };
}

/** Whatever wrote the dump wrote all INSERTs of a table in one way. */
export function noteFirst(loading: TableLoading, text: string): void {
  loading.rowsByText = !isPlainInsert(text);
  const headBytes = loading.table.rows[0]?.headBytes;
  loading.head = Buffer.from(text.slice(0, headBytes), 'latin1');
}

/** For the schedule of its chunks, when its first rows are in. */
export function rowsOf({ table, late, owner, rows }: TableLoading): TableRows {
  const headBytes = table.rows.reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    table,
    chunks: table.chunks ?? [],
    rowsPerByte: rows / Math.max(1, headBytes),
    indexes: late === undefined ? 0 : late.indexes.toString('latin1').split('\n  ADD ').length - 1,
    canSplit: owner === undefined,
  };
}

/** What the tables were made of, and how many rows they were given. */
export function loadedOf(loadings: readonly TableLoading[]): {
  readonly definitions: ReadonlyMap<string, DumpedDefinition>;
  readonly rows: ReadonlyMap<string, number>;
} {
  return {
    definitions: new Map(
      loadings
        .filter(({ table }) => !table.altered)
        .map(({ table: { name, settings, create }, definition: { text } }) => [
          name,
          { text, charset: create.charset, settings },
        ]),
    ),
    rows: new Map(loadings.map(({ table, rows }) => [table.name, rows])),
  };
}

/** Of a definition: it refers to other tables, takes values from a sequence, or is one. */
const OTHERS =
  /\bREFERENCES\b|\b(?:next|last|set)val\b|\bVALUE\s+FOR\b|^create\s+(?:or\s+replace\s+)?sequence\b/i;

/** Rows come back in the order of the primary key; in other tables in the order in which they went in. */
function keepsOrderItself(definition: Buffer): boolean {
  return /^ {2}PRIMARY KEY \(/m.test(definition.toString('latin1')) && isInnodb(definition);
}

/** As the servers write it; a partition may stand behind it. */
function isInnodb(definition: Buffer): boolean {
  return /\) ENGINE=InnoDB\b/.test(definition.toString('latin1'));
}
