import { aboutAccounts } from '../guard/account-statements.ts';
import { looksLike, SNIFFED_BYTES } from '../foreign-formats.ts';
import { DumpReader } from '../dump-reader.ts';
import { databaseOfHeader, endLineIn } from '../dump-comments.ts';
import { secondStatement } from '../own-names.ts';
import { byLine, remark } from '../dump-report.ts';
import { MOST_EDITS } from '../dump-report.ts';
import type { DumpReport, DumpRemark, SharedReading } from '../dump-report.ts';
import type { DumpEdit } from '../script/text-edits.ts';
import { DumpSegments, SHARED } from './dump-segments.ts';
import { LoadSession } from '../script/load-session.ts';
import { isSplittable } from '../script/load-plan.ts';
import { SessionSettings } from '../settings/session-settings.ts';
import { SqlCursor } from '../lexer/token-cursor.ts';
import type { SqlListener } from '../lexer/sql-listener.ts';
import { SqlReader } from '../lexer/sql-lexer.ts';
import {
  isSign,
  isWord,
  shownStatement,
  shownText,
  type SqlStatement,
  type SqlToken,
} from '../lexer/statement.ts';

/** What a file holds of one database. */
export interface DatabasePart {
  readonly database: string;
  /** The file has a CREATE DATABASE of it. */
  readonly isCreated: boolean;
  /** As of a dump of this database alone, with everything else left out. */
  readonly findings: DumpReport;
}

export interface DatabasesReport {
  /** In the order in which they first come. */
  readonly parts: readonly DatabasePart[];
  /** What stands in front of the first USE and would make or fill something: whose it is, the file does not say. */
  readonly unnamed: readonly DumpRemark[];
  readonly complete: boolean;
  readonly malformed: DumpReport['malformed'];
  readonly looksLike: string | undefined;
}

interface Part {
  readonly guard: DumpReader;
  /** Used or created; not one that is only dropped. */
  isListed: boolean;
  isCreated: boolean;
}

/** More databases than any file has; each takes memory. */
const MOST_DATABASES = 10_000;

/**
 * Reads a file of several databases once, and tells of each what `DumpReader` would tell of a dump of it alone.
 *
 * A statement is of the database that the last USE chose, as in the session of a client. SET statements, wherever
 * they stand, hold for all that follows. Where it could depend on the server or the client which database a statement
 * runs in, the whole file is refused.
 *
 * @param targetOf Where each would be loaded.
 */
export class DatabasesReader {
  readonly #reader: SqlReader;
  readonly #settings = new SessionSettings();
  readonly #shared: SharedReading;
  readonly #targetOf: (database: string) => string;
  readonly #parts = new Map<string, Part>();
  /** SET statements, and what is between statements. */
  readonly #everywhere: DumpReader;
  /** In front of the first USE. */
  readonly #unnamed: DumpReader;
  readonly #segments = new DumpSegments();
  readonly #misleading: DumpRemark[] = [];
  /** Where statements begin that say which database is meant: of what is restored from the file, that is clear. */
  readonly #choosing = new Set<number>();
  #homeless: DumpRemark | undefined;
  /** Undefined: none was chosen yet, or it was dropped. */
  #current: string | undefined;
  /** By the file's header, until a database is chosen. */
  #header: string | undefined;
  /** There were statements in the current database since it was chosen. */
  #isEntered = false;
  /** The header of another database, while no USE has come behind it. */
  #stray: DumpRemark | undefined;
  /** Of the statement that is being read: whose it is, its end tells. */
  #harmless: Parameters<SqlListener['harmless']>[] = [];
  #head = Buffer.alloc(0);
  #malformed: DumpReport['malformed'];
  /** What is open at the end of the file, which is of the database that was chosen last. */
  #cutOff: DumpReport['malformed'];
  #isAtEnd = false;
  #complete = false;
  #madeAt: string | undefined;

  constructor(targetOf: (database: string) => string) {
    this.#targetOf = targetOf;
    this.#reader = new SqlReader({
      statement: (statement) => {
        this.#complete = false;
        this.#take(statement);
      },
      // Of the very statement that is told behind them.
      code: (token) => {
        this.#guardOf(this.#chosen()).listener.code(token);
      },
      row: (token) => {
        this.#guardOf(this.#chosen()).listener.row(token);
      },
      codeMayEnd: () => this.#guardOf(this.#chosen()).listener.codeMayEnd(),
      commentLine: (text) => {
        this.#readComment(text);
      },
      harmless: (...what) => {
        if (!this.#reader.isInStatement) this.#everywhere.listener.harmless(...what);
        else if (this.#harmless.length <= MOST_EDITS) this.#harmless.push(what); // one too many is told as such
      },
      confusesClient: (what) => {
        this.#everywhere.listener.confusesClient(what);
      },
      suspicious: (...what) => {
        this.#complete = false;
        this.#everywhere.listener.suspicious(...what);
      },
      message: (line, program) => {
        this.#everywhere.listener.message(line, program);
      },
      malformed: (line, reason) => {
        if (this.#isAtEnd) this.#cutOff ??= { line, reason };
        else this.#malformed ??= { line, reason };
      },
    });
    this.#shared = { reader: this.#reader, settings: this.#settings, session: new LoadSession() };
    this.#everywhere = this.#newGuard(undefined);
    this.#unnamed = this.#newGuard(undefined);
  }

  push(chunk: Buffer): void {
    if (this.#head.length < SNIFFED_BYTES)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFFED_BYTES - this.#head.length)]);
    this.#reader.push(chunk);
  }

  /** Call once, after the last byte. */
  finish(): DatabasesReport {
    this.#isAtEnd = true;
    this.#reader.finish();
    this.#segments.finish(this.#reader.bytes);
    const everywhere = this.#everywhere.finish();
    const malformed = everywhere.malformed ?? this.#malformed;
    const read = Array.from(this.#parts, ([database, part]) => ({
      database,
      part,
      found: part.guard.finish(),
    }));
    const ofAll = [
      ...everywhere.unsafe,
      ...this.#misleading,
      ...this.#unnamed.misleading,
      // A database that is dropped, and never made again or used.
      ...read.flatMap(({ part, found }) => (part.isListed ? part.guard.misleading : found.unsafe)),
    ];
    const isSound = malformed === undefined && this.#cutOff === undefined;
    const whole = { ...everywhere, malformed, complete: this.#complete && isSound };
    return {
      parts: read.flatMap(({ database, part: { isListed, isCreated }, found }) =>
        isListed ? [{ database, isCreated, findings: this.#ofPart(database, found, whole, ofAll) }] : [],
      ),
      unnamed: this.#ofNoDatabase(),
      complete: whole.complete,
      malformed: malformed ?? this.#cutOff,
      looksLike: looksLike(this.#head),
    };
  }

  #ofPart(
    database: string,
    found: DumpReport,
    everywhere: DumpReport,
    ofAll: readonly DumpRemark[],
  ): DumpReport {
    const script = isSplittable(everywhere.script) ? found.script : everywhere.script;
    const isTooMuch = !isSplittable(script) && this.#segments.isTooMuch;
    const tooMuch = isTooMuch ? 'too many pieces of one database between those of others' : undefined;
    const edits = (): readonly DumpEdit[] => {
      const kept = [...everywhere.edits, ...found.edits].sort((a, b) => a.start - b.start);
      // What is taken apart needs nothing left out.
      const all = isSplittable(script) ? kept : this.#segments.editsFor(database, kept);
      return all.map((edit) => (this.#choosing.has(edit.start) ? { ...edit, told: 'never' } : edit));
    };
    return {
      ...found,
      unsafe: byLine(withoutRepeats([...ofAll, ...found.unsafe])),
      warnings: byLine([...everywhere.warnings, ...found.warnings]),
      unfitForClient: everywhere.unfitForClient ?? found.unfitForClient ?? tooMuch,
      // Computed each time: those of all databases together would not fit into memory.
      get edits() {
        return edits();
      },
      databases: [database],
      collations: [...new Set([...everywhere.collations, ...found.collations])],
      modes: everywhere.modes,
      complete: everywhere.complete,
      madeAt: everywhere.complete ? this.#madeAt : undefined,
      bytes: this.#segments.bytesOf(database),
      script,
      malformed: everywhere.malformed ?? (database === this.#current ? this.#cutOff : undefined),
      looksLike: undefined,
    };
  }

  #ofNoDatabase(): readonly DumpRemark[] {
    const { unsafe } = this.#unnamed.finish();
    return unsafe.length > 0 || this.#homeless === undefined ? unsafe : [this.#homeless];
  }

  #guardOf(database: string | undefined): DumpReader {
    return (database === undefined ? undefined : this.#parts.get(database)?.guard) ?? this.#unnamed;
  }

  #newGuard(database: string | undefined): DumpReader {
    const targetDatabase = database === undefined ? undefined : this.#targetOf(database);
    return new DumpReader({ sourceDatabase: database, targetDatabase, skipAccounts: true }, this.#shared);
  }

  #take(statement: SqlStatement): void {
    const owner = this.#ownerOf(statement);
    if (owner === NOBODY) {
      this.#header = undefined;
      const { tokens, line } = statement;
      if (
        isWord(tokens[0], 'create', 'insert', 'replace', 'alter', 'drop') &&
        aboutAccounts(tokens) === undefined
      )
        this.#homeless ??= { line, text: shownStatement(tokens), reason: 'belongs to no database' };
    }
    this.#segments.add(owner ?? SHARED, statement.end, this.#reader.delimiter);
    const { listener } = owner === undefined ? this.#everywhere : this.#guardOf(owner);
    for (const what of this.#harmless.splice(0)) listener.harmless(...what);
    listener.statement(statement);
  }

  /**
   * Whose the statement is, and what it says of those behind it.
   *
   * @returns undefined: it holds for all.
   */
  #ownerOf(statement: SqlStatement): string | undefined {
    const { tokens, shape } = statement;
    const [first] = tokens;
    if (first === undefined) return this.#current;
    if (shape !== 'plain') {
      this.#shared.session.changes.endPreamble();
      return this.#chosen() ?? NOBODY;
    }
    // What comes behind the first may be another USE.
    if (secondStatement(tokens) !== undefined) return this.#chosen() ?? NOBODY;
    if (isWord(first, 'set')) return this.#setsOther(tokens) ? this.#current : undefined;
    const about = databaseOf(tokens);
    if (about === undefined) {
      this.#shared.session.changes.endPreamble();
      return this.#chosen() ?? NOBODY;
    }
    const { verb, database } = about;
    if (database === undefined) return undefined; // of no known form: it is refused
    const part = this.#known(database, statement);
    if (part === undefined) return NOBODY;
    const isForSome = tokens.some(({ note }) => note !== 0);
    if (verb !== 'drop') this.#choosing.add(statement.start);
    switch (verb) {
      case 'use':
        // Some servers would go on in the database at hand.
        if (isForSome && database !== this.#current)
          this.#mislead(statement, `switches to the database ${database} on some servers only`);
        part.isListed = true;
        this.#current = database;
        this.#isEntered = false;
        this.#stray = undefined;
        break;
      case 'create':
        part.isListed = true;
        part.isCreated = true;
        break;
      case 'drop':
        if (database !== this.#current) break;
        if (isForSome) this.#mislead(statement, `drops the database ${database} on some servers only`);
        this.#current = undefined;
    }
    this.#header = undefined;
    return database;
  }

  /** The database of the session; that of the header, when nothing else was chosen. */
  #chosen(): string | undefined {
    if (this.#current === undefined && this.#header !== undefined) {
      const part = this.#parts.get(this.#header) ?? this.#add(this.#header);
      part.isListed = true;
      this.#current = this.#header;
      this.#header = undefined;
    }
    this.#isEntered = true;
    if (this.#stray !== undefined) remark(this.#misleading, this.#stray);
    this.#stray = undefined;
    return this.#current;
  }

  #known(database: string, statement: SqlStatement): Part | undefined {
    const known = this.#parts.get(database);
    if (known !== undefined) return known;
    if (this.#parts.size < MOST_DATABASES) return this.#add(database);
    this.#mislead(statement, `contains more than ${MOST_DATABASES.toLocaleString('en')} databases`);
    return undefined;
  }

  #add(database: string): Part {
    const part = { guard: this.#newGuard(database), isListed: false, isCreated: false };
    this.#parts.set(database, part);
    return part;
  }

  /** In the part of a database: what is only refused there, because the session stays as it is. */
  #setsOther(tokens: readonly SqlToken[]): boolean {
    const at = isSign(tokens[1], '@') && isSign(tokens[2], '@') ? 3 : 1;
    return (
      this.#current !== undefined &&
      isWord(tokens[at], 'global', 'persist', 'persist_only') &&
      !tokens.some((token, index) => isSign(token, ',') || isUserVariable(tokens, index))
    );
  }

  #mislead({ line, tokens }: SqlStatement, reason: string): void {
    remark(this.#misleading, { line, text: shownStatement(tokens), reason });
  }

  #readComment(text: string): void {
    const end = endLineIn(text);
    this.#complete = end !== undefined;
    this.#madeAt = end?.madeAt;
    const database = databaseOfHeader(text);
    if (database === undefined) return;
    // Dumps of one database each, one behind the other: clients would load all of them into one.
    if (this.#current !== undefined && this.#isEntered) {
      const reason = 'starts another database, but no USE selects it';
      const stray = { line: this.#reader.line, text: shownText(text), reason };
      this.#stray = database === this.#current ? undefined : stray;
    }
    // The last one: those before it are of databases that hold nothing.
    if (this.#parts.size === 0 && !this.#segments.holds(NOBODY)) this.#header = database;
  }
}

/** Whose a statement is that stands in no database. No database has this name. */
const NOBODY = '';

function isUserVariable(tokens: readonly SqlToken[], index: number): boolean {
  return isSign(tokens[index], '@') && !isSign(tokens[index + 1], '@') && !isSign(tokens[index - 1], '@');
}

/** The database that a USE, CREATE DATABASE or DROP DATABASE is about; undefined for any other statement. */
function databaseOf(
  tokens: readonly SqlToken[],
): { readonly verb: 'use' | 'create' | 'drop'; readonly database: string | undefined } | undefined {
  const cursor = new SqlCursor(tokens);
  const named = (): string | undefined => {
    const reference = cursor.takeReference();
    return reference?.database === undefined ? reference?.name : undefined;
  };
  if (cursor.takeWords('use')) {
    const database = named();
    return { verb: 'use', database: cursor.atEnd ? database : undefined };
  }
  const verb = cursor.takeWords('create') ? 'create' : cursor.takeWords('drop') ? 'drop' : undefined;
  if (verb === undefined) return undefined;
  cursor.takeWords('or', 'replace');
  if (!cursor.takeOneOf('database', 'schema')) return undefined;
  if (verb === 'create') cursor.takeWords('if', 'not', 'exists');
  else cursor.takeWords('if', 'exists');
  return { verb, database: named() };
}

function withoutRepeats(remarks: readonly DumpRemark[]): readonly DumpRemark[] {
  const seen = new Set<string>();
  return remarks.filter(({ line, reason }) => {
    const key = `${line} ${reason}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
