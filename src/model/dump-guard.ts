import { collationsIn } from './collations.ts';
import { looksLike, SNIFFED_BYTES } from './dump-format.ts';
import { DatabaseNames } from './database-names.ts';
import { DumpInventory } from './dump-inventory.ts';
import type { LoadScript, TextRange } from './load-script.ts';
import { LoadScriptBuilder, objectOf, type Unscripted } from './load-script-builder.ts';
import type { ObjectNames } from './restore-plan.ts';
import { RoutineBody } from './routine-body.ts';
import { whyNotInRows } from './row-policy.ts';
import { SessionSettings } from './session-settings.ts';
import { SqlReader } from './sql-reader.ts';
import {
  isSign,
  isWord,
  shownStatement,
  shownText,
  type SqlStatement,
  type SqlToken,
} from './sql-statement.ts';
import type { PolicyContext, Verdict } from './policy-verdict.ts';
import { judgeStatement } from './statement-policy.ts';
import { scratchSchemasIn } from './table-tokens.ts';

export interface GuardOptions {
  /** The database that the file came from, by its manifest; undefined: taken from the file. */
  readonly sourceDatabase: string | undefined;
  /** Where it is to be loaded; undefined: nowhere yet, names of the source count as its own. */
  readonly targetDatabase: string | undefined;
}

/** A place in a dump. `text` holds no row data and is fit for a terminal. */
export interface DumpRemark {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Continues "this …": `gives privileges`, `switches to the database prod`. */
  readonly reason: string;
  /** What the statement makes or fills: `procedure add_order`, `table orders`; undefined where it cannot be told. */
  readonly object?: string | undefined;
}

/** Bytes of the uncompressed text to replace while it is loaded; left out when `replacement` is empty. */
export interface DumpEdit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly reason: string;
  /**
   * Whether the user hears of it. Not of what means nothing to the server: a byte order mark, an escape that a client
   * stumbles over; and of the latter in a routine's text only where the stock client loads the dump.
   */
  readonly told: 'always' | 'by-client' | 'never';
}

export interface DumpFindings {
  /** What reaches outside the target or runs programs, by line; the first 20. */
  readonly unsafe: readonly DumpRemark[];
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
  readonly inventory: ObjectNames;
  /** Accounts that views, routines, triggers and events belong to, as `user@host`. */
  readonly definers: readonly string[];
  readonly rowsWithoutTable: readonly string[];
  /** The last line that is not empty is `-- Dump completed…`. */
  readonly complete: boolean;
  readonly statements: number;
  readonly lines: number;
  readonly bytes: number;
  readonly longestStatementBytes: number;
  /** How it can be loaded in parts, or why it cannot. */
  readonly script: LoadScript | Unscripted;
  readonly malformed: Omit<DumpRemark, 'text'> | undefined;
  /** What the file is when it is no dump: see `looksLike()`. */
  readonly looksLike: string | undefined;
}

const MOST_REMARKS = 20;
/** Memory is bounded; honest dumps have a few. */
const MOST_EDITS = 100_000;
/** `-- Host: localhost    Database: shop`, and phpMyAdmin's "-- Database: `shop`". */
const HEADER_DATABASE = /^-- (?:Host: .*\s)?Database: (?:`(.+)`|(\S.*?))\s*$/;

/**
 * Reads a whole dump once, before any of it is run, and says whether it stays within its target, what it holds and
 * whether it is whole. Push the uncompressed bytes in any pieces; the findings do not depend on the pieces.
 *
 * An allow-list: statements that dump programs do not write are unsafe. What views, routines, triggers and events do
 * when they run is not looked at. This is defence in depth: the boundary is an account that has rights on the target
 * only.
 */
export class DumpReader {
  readonly #reader: SqlReader;
  readonly #inventory = new DumpInventory();
  readonly #script = new LoadScriptBuilder();
  readonly #settings = new SessionSettings();
  readonly #unsafe: DumpRemark[] = [];
  /** How many of them are of statements that have ended. */
  #settled = 0;
  readonly #warnings: DumpRemark[] = [];
  readonly #edits: DumpEdit[] = [];
  readonly #databases = new Set<string>();
  readonly #context: PolicyContext;
  #own: string | undefined;
  #unfitForClient: string | undefined;
  #head = Buffer.alloc(0);
  #charset: string | undefined;
  #collation: string | undefined;
  readonly #collations = new Set<string>();
  #complete = false;
  #statements = 0;
  #longest = 0;
  #malformed: DumpFindings['malformed'];
  #body: RoutineBody | undefined;
  /** Where the code that is being read names the dump's own database. */
  #namesInCode: DatabaseNames | undefined;
  /** Why the statement that is being read is refused already. */
  #refused: { line: number; reason: string } | undefined;

  constructor({ sourceDatabase, targetDatabase }: GuardOptions) {
    this.#own = sourceDatabase;
    const own = (): string | undefined => this.#own;
    this.#context = {
      target: targetDatabase,
      get own() {
        return own();
      },
      inventory: this.#inventory,
      meet: (database) => {
        this.#meet(database);
      },
      meetCharset: (tokens) => {
        this.#charset ??= textAfter(tokens, 'set', 'charset');
        this.#collation ??= textAfter(tokens, 'collate');
      },
    };
    this.#reader = new SqlReader({
      statement: (statement) => {
        this.#judge(statement);
      },
      code: (token) => {
        this.#body ??= new RoutineBody(this.#settings.mode.oracle);
        this.#namesInCode ??= new DatabaseNames([this.#own]);
        this.#namesInCode.take(token);
        if (this.#body.isBehind(token)) this.#refuse(token.line, SECOND_STATEMENT);
        if (token.note !== 0)
          this.#refuse(token.line, 'is different code on MySQL and on MariaDB, by its version comments');
      },
      row: (token) => {
        if (this.#refused !== undefined) return;
        const reason = whyNotInRows(token);
        if (reason !== undefined) this.#refuse(token.line, reason);
      },
      commentLine: (text) => {
        this.#readComment(text);
      },
      harmless: (start, end, reason, inCode, replacement = '') => {
        const told = inCode ? 'by-client' : 'never';
        if (this.#edits.length < MOST_EDITS) this.#edits.push({ start, end, replacement, reason, told });
        else this.#unfitForClient ??= `${reason} more than ${MOST_EDITS.toLocaleString('en')} times`;
      },
      confusesClient: (what) => {
        this.#unfitForClient ??= what;
      },
      codeMayEnd: () => this.#body?.mayEnd === true,
      suspicious: (line, text, reason) => {
        this.#complete = false;
        remark(this.#unsafe, line, shownText(text), reason);
      },
      malformed: (line, reason) => {
        this.#malformed ??= { line, reason };
      },
    });
  }

  push(chunk: Buffer): void {
    if (this.#head.length < SNIFFED_BYTES) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFFED_BYTES - this.#head.length)]);
    }
    this.#reader.push(chunk);
  }

  /** Call once, after the last byte. */
  finish(): DumpFindings {
    this.#reader.finish();
    return {
      unsafe: byLine(this.#unsafe),
      warnings: byLine(this.#warnings),
      unfitForClient: this.#unfitForClient,
      edits: this.#edits.sort((a, b) => a.start - b.start),
      databases: [...this.#databases],
      charset: this.#charset,
      collation: this.#collation,
      collations: [...this.#collations],
      inventory: this.#inventory.names(),
      definers: this.#inventory.definers(),
      rowsWithoutTable: this.#inventory.rowsWithoutTable(),
      complete: this.#complete && this.#malformed === undefined,
      statements: this.#statements,
      lines: this.#reader.line,
      bytes: this.#reader.bytes,
      longestStatementBytes: this.#longest,
      script: this.#script.finish(),
      malformed: this.#malformed,
      looksLike: looksLike(this.#head),
    };
  }

  #judge(statement: SqlStatement): void {
    this.#complete = false;
    this.#body = undefined;
    const inCode = this.#namesInCode?.finish() ?? [];
    this.#namesInCode = undefined;
    const { tokens } = statement;
    if (tokens.length === 0) return;
    this.#statements++;
    this.#longest = Math.max(this.#longest, statement.end - statement.start);
    if (statement.shape !== 'rows') for (const name of collationsIn(tokens)) this.#collations.add(name);
    const second = statement.shape === 'plain' ? secondStatement(tokens) : undefined;
    const verdict: Verdict =
      second === undefined ? this.#verdict(statement) : { kind: 'unsafe', reason: SECOND_STATEMENT };
    if (verdict.kind === 'unsafe') this.#refuse(second?.line ?? statement.line, verdict.reason);
    else if (this.#refused === undefined) {
      this.#follow(statement, verdict);
      const names = statement.shape === 'code' ? inCode : this.#namesIn(tokens);
      this.#script.add(statement, verdict, names, this.#leftByRestores(statement));
      const isOfHead = ({ start }: TextRange): boolean =>
        verdict.kind === 'changed' && verdict.edits.some((edit) => edit.start === start);
      // MariaDB writes the database in front of all tables of a view that reads two databases.
      if (this.#readsOriginal && !inCode.every(isOfHead))
        remark(
          this.#warnings,
          statement.line,
          shownStatement(tokens),
          `names tables of ${this.#own ?? ''}, and would go on using those`,
        );
    }
    if (this.#refused !== undefined) {
      remark(this.#unsafe, this.#refused.line, shownStatement(tokens), this.#refused.reason);
      this.#refused = undefined;
    }
    this.#nameObject(statement);
  }

  /** Says of which object the remarks are that came while this statement was read. */
  #nameObject(statement: SqlStatement): void {
    const named = <T extends { readonly line: number }>(
      found: T,
    ): T & { readonly object?: string | undefined } =>
      found.line < statement.line ? found : { object: objectOf(statement), ...found };
    const news = this.#unsafe.splice(this.#settled).map(named);
    this.#settled = this.#unsafe.push(...news);
    if (this.#malformed !== undefined && !('object' in this.#malformed))
      this.#malformed = named(this.#malformed);
  }

  /** Takes out the name of an earlier restore's own schema in front of a table that a foreign key leads to. */
  #leftByRestores({ shape, tokens }: SqlStatement): readonly DumpEdit[] {
    if (shape !== 'plain') return [];
    const edits = scratchSchemasIn(tokens).map((range) => ({
      ...range,
      replacement: '',
      reason: STRAY_KEY,
      told: 'always' as const,
    }));
    this.#edits.push(...edits);
    return edits;
  }

  /** Where a statement that runs now names the dump's own database, or the target. */
  #namesIn(tokens: readonly SqlToken[]): readonly TextRange[] {
    const names = new DatabaseNames([this.#own, this.#context.target]);
    for (const token of tokens) names.take(token);
    return names.finish();
  }

  get #readsOriginal(): boolean {
    const { own, target } = this.#context;
    return target !== undefined && own !== target;
  }

  #verdict(statement: SqlStatement): Verdict {
    if (!isWord(statement.tokens[0], 'set')) return judgeStatement(statement, this.#context);
    const rocksdb = judgeStatement(statement, this.#context);
    if (rocksdb.kind === 'left-out') return rocksdb;
    const setting = this.#settings.apply(statement.tokens);
    this.#reader.setQuoting(this.#settings.mode);
    this.#reader.setCharset(this.#settings.charset);
    return setting;
  }

  #follow(statement: SqlStatement, verdict: Exclude<Verdict, { kind: 'unsafe' }>): void {
    const { start, end } = statement;
    switch (verdict.kind) {
      case 'left-out':
        while ((this.#edits.at(-1)?.start ?? -1) >= start) this.#edits.pop(); // it goes with all that is in it
        this.#edits.push({ start, end, replacement: '', reason: verdict.reason, told: 'always' });
        break;
      case 'changed': {
        const { edits, reason, told } = verdict;
        this.#edits.push(...edits.map((edit) => ({ ...edit, reason, told })));
        break;
      }
      case 'fine':
        if (verdict.warning !== undefined) {
          remark(this.#warnings, statement.line, shownStatement(statement.tokens), verdict.warning);
        }
    }
  }

  #refuse(line: number, reason: string): void {
    this.#refused ??= { line, reason };
  }

  #readComment(text: string): void {
    this.#complete = text.startsWith('-- Dump completed');
    if (this.#databases.size > 0) return;
    const match = HEADER_DATABASE.exec(text);
    const database = match?.[1] ?? match?.[2];
    if (database !== undefined && !this.#inventory.isEmpty) return;
    if (database !== undefined) this.#meet(database);
  }

  #meet(database: string): void {
    this.#databases.add(database);
    this.#own ??= database;
  }
}

const STRAY_KEY =
  'foreign keys that an earlier restore left leading into its own schema lead to the tables of that name again';
const SECOND_STATEMENT = 'is followed by a second statement before its delimiter';

/** The first token behind a `;` that is not the delimiter: clients send both statements, and servers run both. */
function secondStatement(tokens: readonly SqlToken[]): SqlToken | undefined {
  const semicolon = tokens.findIndex((token) => isSign(token, ';'));
  if (semicolon < 0) return undefined;
  return tokens.slice(semicolon).find((token) => !isSign(token, ';'));
}

function remark(remarks: DumpRemark[], line: number, text: string, reason: string): void {
  if (remarks.length < MOST_REMARKS) remarks.push({ line, text, reason });
}

function byLine(remarks: readonly DumpRemark[]): readonly DumpRemark[] {
  return [...remarks].sort((a, b) => a.line - b.line);
}

function textAfter(tokens: readonly SqlToken[], ...words: readonly string[]): string | undefined {
  const at = tokens.findIndex((token) => isWord(token, ...words));
  return at < 0 ? undefined : tokens.slice(at + 1).find((token) => !isSign(token, '='))?.text;
}
