import { collationsIn } from './lexer/collations.ts';
import { looksLike, SNIFFED_BYTES } from './foreign-formats.ts';
import { DatabaseNames } from './names/database-names.ts';
import { DumpInventory } from './guard/dump-inventory.ts';
import { modeTextsIn } from './script/dump-modes.ts';
import { type ModeText } from './dump-report.ts';
import type { TextRange } from './lexer/statement.ts';
import { LoadPlanBuilder } from './script/load-plan-builder.ts';
import { objectOf } from './script/statement-object.ts';
import { quoteName } from './definitions/quote-name.ts';
import { RoutineBody } from './lexer/routine-body.ts';
import { isAllowableInRows } from './guard/allowable.ts';
import { shownAllowed } from './guard/allowed-text.ts';
import { KeptText } from './guard/kept-text.ts';
import { isPlainInRows, whyNotInRows } from './guard/row-rules.ts';
import { OUR_CHARSET } from './lexer/client-charset.ts';
import { DEFAULT_MODE, isSameMode } from './lexer/sql-modes.ts';
import { SessionSettings } from './settings/session-settings.ts';
import type { SqlListener } from './lexer/sql-listener.ts';
import { SqlReader } from './lexer/sql-lexer.ts';
import {
  isSign,
  isWord,
  shownStatement,
  shownText,
  type SqlStatement,
  type SqlToken,
} from './lexer/statement.ts';
import { DROPS_DATABASE, FINE, ownNamesLeftOut, type RuleContext, type Verdict } from './guard/verdict.ts';
import { judgeStatement } from './guard/statement-rules.ts';
import { jobOfScratchSchema } from '../run/scratch-names.ts';
import { databasesOfReferences } from './script/table-clauses.ts';
import type { DumpEdit } from './script/text-edits.ts';
import {
  byLine,
  type DumpReport,
  type DumpRemark,
  type GuardOptions,
  MOST_EDITS,
  MOST_REMARKS,
  remark,
  type SharedReading,
} from './dump-report.ts';
import { SECOND_STATEMENT, secondStatement } from './own-names.ts';
import { databaseOfHeader, endLineIn } from './dump-comments.ts';

/** `misleads`: where the statement ends, or what stands behind it, is not certain. */
type Refusal = Pick<DumpRemark, 'line' | 'reason' | 'ofAccounts' | 'isAllowable'> & {
  readonly misleads: boolean;
};

/**
 * Reads a whole dump once, before any of it is run, and says whether it stays within its target, what it holds and
 * whether it is whole. Push the uncompressed bytes in any pieces; the findings do not depend on the pieces.
 *
 * An allow-list: statements that dump programs do not write are unsafe. What views, routines, triggers and events do
 * when they run is not looked at. This is defence in depth: the boundary is an account that has rights on the target
 * only.
 */
export class DumpReader {
  /** What it does with what is read. */
  readonly listener: SqlListener;
  /** Reads the text; not of one database of several, whose statements come from elsewhere. */
  readonly #text?: SqlReader;
  readonly #reader: SharedReading['reader'];
  readonly #inventory = new DumpInventory();
  readonly #script: LoadPlanBuilder;
  readonly #settings: SessionSettings;
  readonly #unsafe: DumpRemark[] = [];
  readonly #misleading: DumpRemark[] = [];
  /** Nothing was refused but what could be allowed. */
  #isAllowable = true;
  /** To show what is allowed; undefined where nothing is. */
  readonly #kept: KeptText | undefined;
  readonly #allowed: DumpRemark[] = [];
  #allowedCount = 0;
  #allowableCount = 0;
  /** How many of them are of statements that have ended. */
  #settled = 0;
  readonly #outside: DumpRemark[] = [];
  readonly #warnings: DumpRemark[] = [];
  readonly #edits: DumpEdit[] = [];
  readonly #databases = new Set<string>();
  readonly #context: RuleContext;
  #own: string | undefined;
  #unfitForClient: string | undefined;
  #head = Buffer.alloc(0);
  #charset: string | undefined;
  #collation: string | undefined;
  readonly #collations = new Set<string>();
  readonly #modes: ModeText[] = [];
  #oldEngine: DumpReport['oldEngine'];
  #complete = false;
  #madeAt: string | undefined;
  #statements = 0;
  #longest = 0;
  #malformed: DumpReport['malformed'];
  #body: RoutineBody | undefined;
  /** Where the code that is being read names the dump's own database. */
  #namesInCode: DatabaseNames | undefined;
  /** Why the statement that is being read is refused already. */
  #refused: Refusal | undefined;
  /** ON DUPLICATE KEY UPDATE stands among the rows that are being read. */
  #updatesRows = false;
  /** They are nothing but what the dump tools write of most values. */
  #arePlainRows = true;
  /** The last token among the rows that are being read. */
  #beforeInRows: SqlToken | undefined;
  /** A DROP DATABASE behind which the database was not made or used yet. */
  #dropped: { readonly database: string; readonly remark: DumpRemark } | undefined;

  /** @param shared Given for one database of several: then `listener` is called for its content. */
  constructor(
    { sourceDatabase, targetDatabase, skipAccounts = false, allowUnsafe = false }: GuardOptions,
    shared?: SharedReading,
  ) {
    this.#kept = allowUnsafe ? new KeptText() : undefined;
    this.#own = sourceDatabase;
    this.#script = new LoadPlanBuilder(shared?.session);
    this.#settings = shared?.settings ?? new SessionSettings();
    const own = (): string | undefined => this.#own;
    const updatesRows = (): boolean => this.#updatesRows;
    this.#context = {
      target: targetDatabase,
      get own() {
        return own();
      },
      inventory: this.#inventory,
      skipAccounts,
      get updatesRows() {
        return updatesRows();
      },
      meet: (database) => {
        if (this.#dropped?.database === database) this.#dropped = undefined;
        this.#meet(database);
      },
      meetDrop: (database) => {
        const text = `DROP DATABASE ${shownText(quoteName(database))}`;
        this.#dropped = { database, remark: { line: this.#reader.line, text, reason: DROPS_DATABASE } };
      },
      meetCharset: (tokens) => {
        this.#charset ??= textAfter(tokens, 'set', 'charset');
        this.#collation ??= textAfter(tokens, 'collate');
      },
      meetOldEngine: ({ line, written }) => {
        this.#oldEngine ??= { line, engine: written };
      },
    };
    this.listener = {
      statement: (statement) => {
        this.#judge(statement);
      },
      code: (token) => {
        this.#body ??= new RoutineBody(this.#settings.mode.oracle);
        this.#namesInCode ??= new DatabaseNames([this.#own]);
        this.#namesInCode.take(token);
        if (this.#body.isBehind(token)) this.#refuse(token.line, SECOND_STATEMENT, { misleads: true });
        if (token.note !== 0)
          this.#refuse(
            token.line,
            'is different code on MySQL and on MariaDB because of its version comments',
          );
      },
      row: (token) => {
        if (isSign(token, ';')) this.#refuse(token.line, SECOND_STATEMENT, { misleads: true });
        this.#arePlainRows &&= isPlainInRows(token);
        if (this.#refused !== undefined && this.#refused.isAllowable !== true) return;
        if (isWord(token, 'duplicate')) this.#updatesRows = true;
        const before = this.#beforeInRows;
        const reason = whyNotInRows(token, before);
        this.#beforeInRows = token;
        if (reason !== undefined)
          this.#refuse(token.line, reason, { isAllowable: isAllowableInRows(token, before) });
      },
      commentLine: (text) => {
        this.#readComment(text);
      },
      harmless: (start, end, reason, inCode, replacement = '') => {
        this.#dropEditsFrom(start);
        this.#keepEdits([{ start, end, replacement, reason, told: inCode ? 'by-client' : 'never' }]);
      },
      confusesClient: (what) => {
        this.#unfitForClient ??= what;
      },
      codeMayEnd: () => this.#body?.mayEnd === true,
      suspicious: (line, text, reason) => {
        this.#complete = false;
        this.#noteUnsafe({ line, text: shownText(text), reason });
      },
      message: (line, program) => {
        const reason = `is a message from ${program}, not SQL`;
        if (this.#malformed?.isMessage !== true) this.#malformed = { line, reason, isMessage: true };
      },
      malformed: (line, reason, lacksDelimiter = false) => {
        this.#malformed ??= { line, reason, lacksDelimiter };
      },
    };
    if (shared === undefined) this.#reader = this.#text = new SqlReader(this.listener);
    else this.#reader = shared.reader;
  }

  push(chunk: Buffer): void {
    if (this.#head.length < SNIFFED_BYTES) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFFED_BYTES - this.#head.length)]);
    }
    this.#kept?.push(chunk);
    this.#text?.push(chunk);
  }

  /** Call once, after the last byte. */
  finish(): DumpReport {
    this.#text?.finish();
    this.#refuseDrop();
    return {
      unsafe: byLine(this.#unsafe),
      isAllowable: this.#isAllowable,
      allowed: byLine(this.#allowed),
      allowedCount: this.#allowedCount,
      allowableCount: this.#allowableCount,
      outside: byLine(this.#outside),
      warnings: byLine(this.#warnings),
      unfitForClient: this.#unfitForClient,
      edits: this.#edits.sort((a, b) => a.start - b.start),
      databases: [...this.#databases],
      charset: this.#charset,
      collation: this.#collation,
      collations: [...this.#collations],
      oldEngine: this.#oldEngine,
      modes: this.#modes,
      inventory: this.#inventory.names(),
      definers: this.#inventory.definers(),
      rowsWithoutTable: this.#inventory.rowsWithoutTable(),
      complete: this.#complete && this.#malformed === undefined,
      madeAt: this.#complete ? this.#madeAt : undefined,
      statements: this.#statements,
      lines: this.#reader.line,
      bytes: this.#reader.bytes,
      longestStatementBytes: this.#longest,
      script: this.#script.finish(),
      malformed: this.#malformed,
      looksLike: looksLike(this.#head),
    };
  }

  /** Refused statements behind which it is not certain in which database the next ones run. */
  get misleading(): readonly DumpRemark[] {
    return this.#misleading;
  }

  #judge(statement: SqlStatement): void {
    this.#complete = false;
    this.#body = undefined;
    const inCode = this.#namesInCode?.finish() ?? [];
    this.#namesInCode = undefined;
    const { tokens } = statement;
    if (tokens.length === 0) return;
    this.#kept?.forgetBefore(statement.start);
    this.#statements++;
    this.#longest = Math.max(this.#longest, statement.end - statement.start);
    if (statement.shape !== 'rows') for (const name of collationsIn(tokens)) this.#collations.add(name);
    const second = statement.shape === 'plain' && !statement.cut ? secondStatement(tokens) : undefined;
    const judged: Verdict =
      second === undefined ? this.#verdict(statement) : { kind: 'unsafe', reason: SECOND_STATEMENT };
    const isPlain =
      this.#arePlainRows &&
      statement.charset === OUR_CHARSET &&
      isSameMode(this.#settings.mode, DEFAULT_MODE);
    this.#arePlainRows = true;
    this.#updatesRows = false;
    this.#beforeInRows = undefined;
    if (judged.kind !== 'left-out' && !isWord(tokens[0], 'set')) this.#refuseDrop();
    if (judged.kind === 'unsafe') {
      const misleads = second !== undefined || statement.cut;
      this.#refuse(second?.line ?? statement.line, judged.reason, { ...judged, misleads });
    }
    const verdict = this.#allow(statement) && judged.kind === 'unsafe' ? FINE : judged;
    if (verdict.kind !== 'unsafe' && this.#refused === undefined) {
      this.#follow(statement, verdict);
      const edits = this.#changedReferences(statement);
      const changed = [...(verdict.kind === 'changed' ? verdict.edits : []), ...edits];
      const names = (statement.shape === 'code' ? inCode : this.#namesIn(tokens)).filter(
        ({ start }) => statement.shape === 'code' || !changed.some((edit) => edit.start === start),
      );
      this.#script.add(statement, verdict, names, edits, isPlain);
      const isOfHead = ({ start }: TextRange): boolean =>
        verdict.kind === 'changed' && verdict.edits.some((edit) => edit.start === start);
      // MariaDB writes the database in front of all tables of a view that reads two databases.
      if (this.#readsOriginal && !inCode.every(isOfHead))
        remark(this.#warnings, {
          line: statement.line,
          text: shownStatement(tokens),
          reason: `names tables of ${this.#own ?? ''}, and would keep using those`,
        });
    }
    if (this.#refused !== undefined) {
      const { line, reason, ofAccounts, isAllowable, misleads } = this.#refused;
      const refused = { line, text: shownStatement(tokens), reason, ofAccounts, isAllowable };
      this.#noteUnsafe(refused);
      if (misleads) remark(this.#misleading, refused);
      this.#refused = undefined;
    }
    this.#nameObject(statement);
  }

  /** Takes a statement that was refused, where the user is asked about such ones. @returns false when it stays refused. */
  #allow(statement: SqlStatement): boolean {
    if (this.#kept === undefined || this.#refused?.isAllowable !== true) return false;
    const { line, reason } = this.#refused;
    // More are refused anyway.
    if (this.#allowedCount < MOST_REMARKS) {
      const text = this.#kept.slice(statement.start, statement.textEnd);
      const shown = shownAllowed(statement, text, this.#settings.mode);
      if ('reason' in shown) {
        this.#refused = { ...this.#refused, reason: shown.reason, isAllowable: false };
        return false;
      }
      remark(this.#allowed, { line, text: shown.text, reason });
    }
    this.#allowedCount++;
    this.#refused = undefined;
    return true;
  }

  #noteUnsafe(news: DumpRemark): void {
    remark(this.#unsafe, news);
    if (news.isAllowable === true) this.#allowableCount++;
    else this.#isAllowable = false;
  }

  /** Says of which object the remarks are that came while this statement was read. */
  #nameObject(statement: SqlStatement): void {
    const named = <T extends { readonly line: number }>(found: T): T & Pick<DumpRemark, 'object'> =>
      found.line < statement.line ? found : { object: objectOf(statement), ...found };
    const news = this.#unsafe.splice(this.#settled).map(named);
    this.#settled = this.#unsafe.push(...news);
    if (this.#malformed !== undefined && !('object' in this.#malformed))
      this.#malformed = named(this.#malformed);
  }

  /**
   * Takes out the name of the dump's own database, and that of an earlier restore's schema, in front of a table that
   * a foreign key leads to.
   */
  #changedReferences(statement: SqlStatement): readonly DumpEdit[] {
    if (statement.shape !== 'plain') return [];
    const edits = databasesOfReferences(statement.tokens).flatMap(({ database, start }): DumpEdit[] => {
      const range = { start: database.start, end: start, replacement: '' };
      if (jobOfScratchSchema(database.text) !== undefined)
        return [{ ...range, reason: STRAY_KEY, told: 'always' }];
      const isOwn = database.written === this.#own || database.written === this.#context.target;
      if (isOwn) return [{ ...range, ...ownNamesLeftOut(this.#context) }];
      this.#noteOutside(statement, `has a foreign key to a table in ${database.written}`);
      return [];
    });
    this.#keepEdits(edits);
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
    if (statement.cut) return { kind: 'unsafe', reason: 'is too long to be examined' };
    if (!isWord(statement.tokens[0], 'set')) return judgeStatement(statement, this.#context);
    const judged = judgeStatement(statement, this.#context);
    if (judged.kind === 'left-out' || (judged.kind === 'unsafe' && judged.ofAccounts === true)) return judged;
    const setting = this.#settings.apply(statement.tokens);
    this.#reader.setQuoting(this.#settings.mode);
    this.#reader.setCharset(this.#settings.charset);
    this.#modes.push(...modeTextsIn(statement.tokens));
    return setting;
  }

  #follow(statement: SqlStatement, verdict: Exclude<Verdict, { kind: 'unsafe' }>): void {
    const { start, end } = statement;
    switch (verdict.kind) {
      case 'left-out':
        this.#dropEditsFrom(start); // it is removed with all that is in it
        this.#edits.push({ start, end, replacement: '', reason: verdict.reason, told: 'always' });
        break;
      case 'changed': {
        const { edits, reason, told } = verdict;
        this.#keepEdits(edits.map((edit) => ({ ...edit, reason, told })));
        break;
      }
      case 'fine':
    }
    if (verdict.kind !== 'left-out' && verdict.outside !== undefined)
      this.#noteOutside(statement, verdict.outside);
  }

  #noteOutside({ line, tokens }: SqlStatement, reason: string): void {
    remark(this.#outside, { line, text: shownStatement(tokens), reason });
  }

  #keepEdits(edits: readonly DumpEdit[]): void {
    for (const edit of edits) {
      if (this.#edits.length < MOST_EDITS) this.#edits.push(edit);
      else this.#unfitForClient ??= `${edit.reason} more than ${MOST_EDITS.toLocaleString('en')} times`;
    }
  }

  #dropEditsFrom(start: number): void {
    while ((this.#edits.at(-1)?.start ?? -1) >= start) this.#edits.pop();
  }

  #refuse(
    line: number,
    reason: string,
    {
      ofAccounts,
      isAllowable = false,
      misleads = false,
    }: Partial<Pick<Refusal, 'ofAccounts' | 'isAllowable' | 'misleads'>> = {},
  ): void {
    const refusal = { line, reason, ofAccounts, isAllowable, misleads };
    if (this.#refused === undefined || gravity(refusal) > gravity(this.#refused)) this.#refused = refusal;
  }

  #refuseDrop(): void {
    if (this.#dropped !== undefined) this.#noteUnsafe(this.#dropped.remark);
    this.#dropped = undefined;
  }

  #readComment(text: string): void {
    const end = endLineIn(text);
    this.#complete = end !== undefined;
    this.#madeAt = end?.madeAt;
    if (this.#databases.size > 0) return;
    const database = databaseOfHeader(text);
    if (database !== undefined && !this.#inventory.isEmpty) return;
    if (database !== undefined) this.#meet(database);
  }

  #meet(database: string): void {
    this.#databases.add(database);
    this.#own ??= database;
  }
}

/** What misleads is of all that follows. */
function gravity({ isAllowable, misleads }: Pick<Refusal, 'isAllowable' | 'misleads'>): number {
  if (misleads) return 2;
  return isAllowable === true ? 0 : 1;
}

const STRAY_KEY =
  'foreign keys into a schema of an earlier restore refer to the tables of the same name again';
function textAfter(tokens: readonly SqlToken[], ...words: readonly string[]): string | undefined {
  const at = tokens.findIndex((token) => isWord(token, ...words));
  return at < 0 ? undefined : tokens.slice(at + 1).find((token) => !isSign(token, '='))?.text;
}
