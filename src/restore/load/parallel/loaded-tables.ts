import type { TextOfObject } from '../../../sql/script/stored-object-text.ts';
import type { DumpedDefinition } from './table-loading.ts';

/** What is in the schema now, and what is still to be made. */
export interface LoadedTables {
  /** For every connection that runs more of the dump: statements of ours. */
  readonly preset: readonly string[];
  /** Of each table that nothing in the dump changes later: the dump's own CREATE TABLE. */
  readonly definitions: ReadonlyMap<string, DumpedDefinition>;
  /** Views, routines, triggers and events, in the dump's order; none was made. */
  readonly programs: readonly TextOfObject[];
  /** Of each table, how many the dump has. */
  readonly rows: ReadonlyMap<string, number>;
}
