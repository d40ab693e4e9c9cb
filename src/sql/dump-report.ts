import type { DatabaseObject } from './definitions/database-object.ts';
import type { ObjectNames } from './definitions/object-names.ts';
import type { SqlReader } from './lexer/sql-lexer.ts';
import type { LoadSession } from './script/load-session.ts';
import type { LoadPlan, NotSplittable } from './script/load-plan.ts';
import type { DumpEdit } from './script/text-edits.ts';
import type { SessionSettings } from './settings/session-settings.ts';

export interface GuardOptions {
  /** The database that the file came from, by its manifest; undefined: taken from the file. */
  readonly sourceDatabase: string | undefined;
  /** Where it will be loaded; undefined: not known yet, names of the source count as its own. */
  readonly targetDatabase: string | undefined;
  /** Leave statements about users and what they may do out, instead of refusing them. */
  readonly skipAccounts?: boolean;
  /** Take what concerns only rows of the dump's own tables, whatever its form: the user is asked about it. */
  readonly allowUnsafe?: boolean;
}

/** What the databases of one file have in common, when each is read by its own guard. */
export interface SharedReading {
  readonly reader: Pick<SqlReader, 'line' | 'bytes' | 'setQuoting' | 'setCharset'>;
  readonly settings: SessionSettings;
  readonly session: LoadSession;
}

/** A place in a dump. `text` is fit for a terminal, and holds no row data but of what was allowed. */
export interface DumpRemark {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Continues "this …": `gives privileges`, `switches to the database prod`. */
  readonly reason: string;
  /** What the statement makes or fills; undefined where it cannot be told. */
  readonly object?: DatabaseObject | undefined;
  /** It is about users or what they may do. */
  readonly ofAccounts?: boolean | undefined;
  /** Refused; `--allow-unsafe` would show it and ask. */
  readonly isAllowable?: boolean | undefined;
}

export interface DumpReport {
  /** What reaches outside the target or runs programs, by line; the first 20. */
  readonly unsafe: readonly DumpRemark[];
  /** All of what is refused, beyond the first 20 as well, could be allowed. Of a dump that is not refused: true. */
  readonly isAllowable: boolean;
  /** How many of the refused statements could be allowed. */
  readonly allowableCount: number;
  /** What no dump program writes and was allowed, by line; the first 20, each shown whole. */
  readonly allowed: readonly DumpRemark[];
  /** How many statements were allowed. */
  readonly allowedCount: number;
  /** What ties the database to something beside it: to tables, sequences, servers, directories; the first 20. */
  readonly outside: readonly DumpRemark[];
  /** What is honest but should be known, by line; the first 20. */
  readonly warnings: readonly DumpRemark[];
  /** What the stock client would stumble over, too often to be kept in mind: then only a load in parts is right. */
  readonly unfitForClient: string | undefined;
  /** Sorted and disjoint. Whole statements and lines are left out; single names are replaced. */
  readonly edits: readonly DumpEdit[];
  /** By the header, `CREATE DATABASE` and `USE`; in the order of the file. */
  readonly databases: readonly string[];
  /** Of `CREATE DATABASE`, where the file has one. */
  readonly charset: string | undefined;
  readonly collation: string | undefined;
  /** That its definitions and settings name, in the order of the file. */
  readonly collations: readonly string[];
  /** The first table with `TYPE=MyISAM`, as MySQL 4 called the engine: no server of today reads it. */
  readonly oldEngine: { readonly line: number; readonly engine: string } | undefined;
  /** Where it sets modes that not all servers have. */
  readonly modes: readonly ModeText[];
  readonly inventory: ObjectNames;
  /** Accounts that views, routines, triggers and events belong to, as `user@host`. */
  readonly definers: readonly string[];
  readonly rowsWithoutTable: readonly string[];
  /** The last line that is not empty is the end line of a dump tool: `-- Dump completed…`. */
  readonly complete: boolean;
  /** What that line says of the time, by the clock of where it was made: `2026-11-26 14:00:00`. */
  readonly madeAt: string | undefined;
  readonly statements: number;
  readonly lines: number;
  readonly bytes: number;
  readonly longestStatementBytes: number;
  /** How it can be loaded in parts, or why it cannot. */
  readonly script: LoadPlan | NotSplittable;
  /**
   * `isMessage`: the line is no damage, but what a program said on stderr while the file was made. `lacksDelimiter`:
   * a `;` at the end of the file would do, if it is whole.
   */
  readonly malformed:
    | (Omit<DumpRemark, 'text'> & { readonly isMessage?: boolean; readonly lacksDelimiter?: boolean })
    | undefined;
  /** What the file is when it is no dump: see `looksLike()`. */
  readonly looksLike: string | undefined;
}

export const MOST_REMARKS = 20;

const SHOWN_REMARKS = 5;

/** The first of them for a message, a line each, and how many more there are. */
export function remarkLines(remarks: readonly DumpRemark[]): readonly string[] {
  const more = remarks.length - Math.min(SHOWN_REMARKS, remarks.length);
  return [
    ...remarks.slice(0, SHOWN_REMARKS).map(({ line, text, reason }) => `  line ${line} ${reason}: ${text}`),
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} more`] : []),
  ];
}

/** Memory is bounded; honest dumps have a few. */
export const MOST_EDITS = 100_000;

export function remark(remarks: DumpRemark[], news: DumpRemark): void {
  if (remarks.length < MOST_REMARKS) remarks.push(news);
}

export function byLine(remarks: readonly DumpRemark[]): readonly DumpRemark[] {
  return [...remarks].sort((a, b) => a.line - b.line);
}

/** Where a dump names `sql_mode`s of which some servers do not have all. */
export interface ModeText {
  readonly start: number;
  readonly end: number;
  /** Names with commas between. */
  readonly text: string;
}
