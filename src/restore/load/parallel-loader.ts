import { collectAsItPasses } from './collect-garbage.ts';
import { DumpStatementError } from '../../server/connect/server-failures.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { DumpPart } from '../../sql/script/dump-splitter.ts';
import type { AfterRows, LoadPlan, ScriptStatement, TablePlan } from '../../sql/script/load-plan.ts';
import { presetStatements } from '../../sql/script/session-preset.ts';
import { isPlainInsert, rowsIn } from '../../sql/script/insert-text.ts';
import type { TextOfObject } from '../../sql/script/stored-object-text.ts';
import { hintForLoadAccount, logInAs, type LoadLogin } from './load-account.ts';
import { LoadingSession } from './loading-session.ts';
import type { Runtime } from '../../run/runtime.ts';
import { planTable, type DumpedDefinition, type TableLoading } from './table-loading.ts';

/** Statements queued on a connection behind the running one, so that the next is there when the server is ready. */
const MOST_WAITING = 2;
const MOST_WAITING_SMALL = 64;
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** The binary log keeps a transaction in memory, then in a file, and writes it in one piece. */
const LOGGED_COMMIT_BYTES = 32 * 1024 * 1024;

/** Small tables are committed together, up to this. */
const SHARED_COMMIT_BYTES = 1024 * 1024;

export interface LoaderTarget {
  readonly connection: Connection;
  /**
   * Who loads the rows, and may do nothing else: then tables are made on a connection beside. undefined: each
   * connection makes the tables that it fills.
   */
  readonly loadAccount?: LoadLogin | undefined;
  /** It exists, and holds nothing that the script makes. */
  readonly schema: string;
  readonly script: LoadPlan;
  /** How many connections load rows; one more adds indexes. */
  readonly connections: number;
  /** What a table is made or changed by instead of the dump's own text; undefined: that text. */
  readonly definition?: ((text: Buffer, charset: string) => Buffer) | undefined;
}

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

/** Deals the parts of one dump to its connections. */
export class DumpLoader implements AsyncDisposable {
  readonly #target: LoaderTarget;
  readonly #signal: AbortSignal;
  readonly #onFailure: (error: unknown) => void;
  readonly #preset: readonly string[];
  readonly #programs: TextOfObject[] = [];
  readonly #afterRows: { readonly after: AfterRows; readonly text: Buffer }[] = [];
  readonly #loadings = new Map<TablePlan, TableLoading>();
  /** What to do with a statement when it comes. */
  readonly #handlers = new Map<ScriptStatement, (text: Buffer) => Promise<void> | void>();
  readonly #onDone: (bytes: number) => void;
  /** What runs in parallel to the reading. */
  readonly #pending = new Set<Promise<unknown>>();
  #sessions: readonly LoadingSession[] = [];
  #indexer: LoadingSession | undefined;
  /** Makes the tables that the load account fills. */
  #creator: LoadingSession | undefined;
  #logsTransactions = false;

  constructor(
    target: LoaderTarget,
    { signal, ownsProcess = false }: Pick<Runtime, 'signal' | 'ownsProcess'>,
    onFailure: (error: unknown) => void,
  ) {
    this.#target = target;
    this.#signal = signal;
    this.#onDone = ownsProcess ? collectAsItPasses() : () => undefined;
    this.#onFailure = onFailure;
    const { preset, tables, afterRows, storedObjects } = target.script;
    this.#preset = presetStatements(preset);
    for (const table of tables) {
      this.#handlers.set(table.create, (text) => this.#create(table, text));
      for (const value of table.values) {
        this.#handlers.set(value, (text) => this.#setSequence(table, text, value.line));
      }
    }
    for (const after of afterRows)
      this.#handlers.set(after.statement, (text) => void this.#afterRows.push({ after, text }));
    for (const script of storedObjects)
      this.#handlers.set(script.statement, (text) => void this.#programs.push({ script, text }));
  }

  async take(part: DumpPart): Promise<void> {
    if (part.kind === 'rows') await this.#rows(part);
    else await this.#handlers.get(part.statement)?.(part.text);
  }

  /** Waits for what was begun, and does what can only be done at the end. */
  async finish(onStep: (message: string) => void): Promise<LoadedTables> {
    if (this.#sessions.length === 0) await this.#openAll();
    await Promise.all(this.#sessions.map((session) => this.#commit(session, 'the last table')));
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    const session = this.#creator ?? this.#leastBusy();
    onStep('Adding foreign keys and the statements after the rows...');
    for (const { late, table } of this.#loadings.values()) {
      if (late?.foreignKeys === undefined) continue;
      await this.#told(session.define(late.foreignKeys, table.settings), `the foreign keys of ${table.name}`);
    }
    for (const { after, text } of this.#afterRows) {
      const used = this.#target.definition?.(text, after.statement.charset) ?? text;
      await this.#told(session.run(used, after.settings), `line ${after.statement.line}`);
    }
    await this.#commit(session, 'the last statement');
    return {
      preset: this.#preset,
      definitions: new Map(
        Array.from(this.#loadings.values())
          .filter(({ table }) => !table.altered)
          .map(({ table: { name, settings, create }, definition: { text } }) => [
            name,
            { text, charset: create.charset, settings },
          ]),
      ),
      programs: this.#programs,
      rows: new Map(Array.from(this.#loadings.values(), ({ table, rows }) => [table.name, rows])),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#sessions, this.#indexer, this.#creator];
    await Promise.all(all.map(async (session) => session?.[Symbol.asyncDispose]()));
  }

  async #create(table: TablePlan, text: Buffer): Promise<void> {
    if (this.#sessions.length === 0) await this.#openAll();
    const used = this.#target.definition?.(text, table.create.charset) ?? text;
    const loading = planTable(table, { text, used }, () => this.#leastBusy());
    this.#loadings.set(table, loading);
    const session = this.#makerFor(loading) ?? loading.owner ?? this.#leastBusy();
    if (this.#creator === undefined) {
      loading.users.add(session);
      session.uncommittedBytes = 0; // DDL commits what came before
    }
    loading.created = this.#told(
      session.define(loading.late?.create ?? loading.definition.used, table.settings),
      `the table ${table.name} (line ${table.create.line})`,
    );
    loading.created.catch(() => undefined); // told; whoever fills it waits for it
    if (loading.remaining === 0) this.#finishTable(loading);
    await this.#room(session, MOST_WAITING_SMALL);
  }

  /** Two tables at once where that can be: those that refer to each other would wait for each other on MySQL. */
  #makerFor({ isRelated }: TableLoading): LoadingSession | undefined {
    if (this.#creator === undefined || this.#creator.waiting === 0 || isRelated) return this.#creator;
    return this.#indexer?.waiting === 0 ? this.#indexer : this.#creator;
  }

  async #setSequence(table: TablePlan, text: Buffer, line: number): Promise<void> {
    const loading = this.#loadings.get(table);
    if (loading?.owner === undefined) return;
    const set = loading.owner.run(text, {}, loading.created);
    await this.#told(set, `the sequence ${table.name} (line ${line})`, this.#hintForRows);
  }

  async #rows({ table, settings, number, text }: Extract<DumpPart, { kind: 'rows' }>): Promise<void> {
    const loading = this.#loadings.get(table);
    if (loading === undefined) throw new Error(`rows of ${table.name} before its table`);
    const session = loading.owner ?? this.#leastBusy();
    await this.#room(session, loading.owner === undefined ? MOST_WAITING : MOST_WAITING_SMALL);
    loading.users.add(session);
    const what = `the table ${table.name}, statement ${number}`;
    const bytes = text.length;
    // MySQL takes no transaction over tables of several engines where it writes GTIDs.
    if (number === 1 && session.uncommittedBytes > 0 && !loading.isTransactional)
      this.#background(this.#commit(session, `the tables before ${table.name}`));
    // Whatever wrote the dump wrote all INSERTs of a table in one way.
    if (number === 1) loading.rowsByText = !isPlainInsert(text);
    const counted = session.run(text, settings, loading.created).then((rows) => {
      loading.rows += loading.rowsByText ? rowsIn(text) : rows;
      this.#onDone(bytes);
    });
    this.#background(this.#told(counted, what, this.#hintForRows));
    session.uncommittedBytes += bytes;
    if (this.#logsTransactions && session.uncommittedBytes >= LOGGED_COMMIT_BYTES)
      this.#background(this.#commit(session, what));
    loading.remaining--;
    if (loading.remaining === 0) this.#finishTable(loading);
  }

  /** Commits its rows, then adds its indexes while the next table loads. */
  #finishTable({ table, users, late, created, isRelated, isTransactional }: TableLoading): void {
    if (late === undefined && !isRelated && users.size <= 1) {
      // Committed by the CREATE TABLE that follows on its connection. Not so where MySQL locks the table when another one
      // is made: with a lock on it, its connection may not wait for any other.
      if (this.#creator === undefined) return;
      // Together with those that follow: a commit takes as long as a small table.
      const isLittle = [...users].every(({ uncommittedBytes }) => uncommittedBytes < SHARED_COMMIT_BYTES);
      if (isTransactional && isLittle) return;
    }
    const committed = Promise.all(
      Array.from(users, (session) => this.#commit(session, `the table ${table.name}`)),
    );
    if (late === undefined) {
      this.#background(committed);
      return;
    }
    this.#background(
      (async () => {
        await created;
        await committed;
        await this.#told(this.#indexer?.define(late.indexes, table.settings), `the indexes of ${table.name}`);
      })(),
    );
  }

  async #commit(session: LoadingSession, what: string): Promise<void> {
    session.uncommittedBytes = 0;
    await this.#told(session.run(COMMIT), `the commit of ${what}`);
  }

  /** A failure of it has been told by then. */
  #background(work: Promise<unknown>): void {
    this.#pending.add(work);
    const settled = (): void => {
      this.#pending.delete(work);
    };
    work.then(settled, settled);
  }

  /** The same, with a failure that says what it was about. */
  async #told(
    work: Promise<unknown> | undefined,
    what: string,
    hintFor: (error: DumpStatementError) => string | undefined = ({ hint }) => hint,
  ): Promise<void> {
    try {
      await work;
    } catch (error) {
      const told =
        error instanceof DumpStatementError
          ? new DbBackupError('restore-failed', `Loading failed at ${what}: ${error.message}`, {
              hint: hintFor(error),
              cause: error,
            })
          : error;
      this.#onFailure(told);
      throw told;
    }
  }

  readonly #hintForRows = (error: DumpStatementError): string | undefined =>
    this.#target.loadAccount === undefined ? error.hint : hintForLoadAccount(error);

  #leastBusy(): LoadingSession {
    const [first, ...others] = this.#sessions;
    if (first === undefined) throw new Error('there is no connection yet');
    return others.reduce((least, session) => (session.waiting < least.waiting ? session : least), first);
  }

  async #room(session: LoadingSession, most: number): Promise<void> {
    while (session.waiting >= most || session.waitingBytes >= MOST_WAITING_BYTES) {
      this.#signal.throwIfAborted();
      await session.oneDone();
    }
  }

  async #openAll(): Promise<void> {
    const { connection, loadAccount, schema, connections } = this.#target;
    const open = (as: Connection): Promise<LoadingSession> =>
      LoadingSession.open(as, schema, this.#preset, this.#signal);
    const first = loadAccount === undefined ? open(connection) : logInAs(loadAccount, open);
    const others = first.then(() =>
      Promise.all(Array.from({ length: connections - 1 }, () => open(loadAccount?.connection ?? connection))),
    );
    const creator = loadAccount === undefined ? undefined : open(connection);
    [this.#indexer, this.#creator, this.#sessions] = await Promise.all([
      open(connection),
      creator,
      Promise.all([first, others]).then(([one, more]) => [one, ...more]),
    ]);
    const [facts] = await this.#indexer.server.query('SELECT @@GLOBAL.log_bin AS logs');
    this.#logsTransactions = Number(facts?.['logs']) === 1;
  }
}

const COMMIT = Buffer.from('COMMIT');
