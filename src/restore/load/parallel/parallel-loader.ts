import { collectAsItPasses } from './collect-garbage.ts';
import type { DumpStatementError } from '../../../server/connect/server-failures.ts';
import type { Connection } from '../../../server/connect/connection.ts';
import type { DumpPart } from '../../../sql/script/dump-splitter.ts';
import type {
  AfterRows,
  LoadPlan,
  ProvenChunk,
  ScriptStatement,
  TablePlan,
} from '../../../sql/script/load-plan.ts';
import { presetStatements } from '../../../sql/script/session-preset.ts';
import type { RowStatement } from '../../../sql/rows/row-statements.ts';
import { rowsIn } from '../../../sql/rows/insert-text.ts';
import type { TextOfObject } from '../../../sql/script/stored-object-text.ts';
import { hintForLoadAccount, type LoadLogin } from '../load-account.ts';
import { LoadingConnections, MOST_WAITING, MOST_WAITING_SMALL, roomIn } from './loading-connections.ts';
import { LoadTasks } from './load-tasks.ts';
import type { LoadingSession } from './loading-session.ts';
import type { LoadedTables } from './loaded-tables.ts';
import { type RowRun, scheduleRows } from './row-schedule.ts';
import type { Runtime } from '../../../run/runtime.ts';
import { loadedOf, noteFirst, planTable, rowsOf, type TableLoading } from './table-loading.ts';

/** The binary log keeps a transaction in memory, then in a file, and writes it in one piece. */
const LOGGED_COMMIT_BYTES = 32 * 1024 * 1024;

/** Small tables are committed together, up to this. With each table of a transaction the next takes a server longer. */
const SHARED_COMMIT = { bytes: 1024 * 1024, tables: 50 };

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

/** Gives the INSERTs of a chunk, each of which begins with this head, and the next one when it is asked for. */
export type ReadStatements = (chunk: ProvenChunk, head: Buffer) => AsyncIterable<RowStatement>;

/** Deals the parts of one dump to its connections. */
export class DumpLoader implements AsyncDisposable {
  readonly #target: LoaderTarget;
  readonly #signal: AbortSignal;
  readonly #preset: readonly string[];
  readonly #programs: TextOfObject[] = [];
  readonly #afterRows: { readonly after: AfterRows; readonly text: Buffer }[] = [];
  readonly #loadings = new Map<TablePlan, TableLoading>();
  /** What to do with a statement when it comes. */
  readonly #handlers = new Map<ScriptStatement, (text: Buffer) => Promise<void> | void>();
  /** Of statements that were copied. */
  readonly #onDone: (bytes: number) => void;
  readonly #tasks: LoadTasks;
  /** Opened for the first table. */
  #opened: LoadingConnections | undefined;

  constructor(
    target: LoaderTarget,
    { signal, ownsProcess = false }: Pick<Runtime, 'signal' | 'ownsProcess'>,
    onFailure: (error: unknown) => void,
  ) {
    this.#target = target;
    this.#signal = signal;
    this.#onDone = ownsProcess ? collectAsItPasses() : () => undefined;
    this.#tasks = new LoadTasks(onFailure);
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
    const connections = await this.#connections();
    await Promise.all(connections.sessions.map((session) => this.#commit(session, 'the last table')));
    await this.#tasks.settled();
    const unfinished = [...this.#loadings.values()].find(({ remaining }) => remaining !== 0);
    if (unfinished !== undefined) throw new Error(`${unfinished.table.name} was not loaded to its end`);
    const session = connections.creator ?? connections.leastBusy();
    onStep('Adding foreign keys and the statements after the rows...');
    for (const { late, table } of this.#loadings.values()) {
      if (late?.foreignKeys === undefined) continue;
      await this.#tasks.told(
        session.define(late.foreignKeys, table.settings),
        `the foreign keys of ${table.name}`,
      );
    }
    for (const { after, text } of this.#afterRows) {
      const used = this.#target.definition?.(text, after.statement.charset) ?? text;
      await this.#tasks.told(session.run(used, after.settings), `line ${after.statement.line}`);
    }
    await this.#commit(session, 'the last statement');
    return { preset: this.#preset, programs: this.#programs, ...loadedOf([...this.#loadings.values()]) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened?.[Symbol.asyncDispose]();
  }

  async #connections(): Promise<LoadingConnections> {
    return (this.#opened ??= await LoadingConnections.open(this.#target, this.#preset, this.#signal));
  }

  async #create(table: TablePlan, text: Buffer): Promise<void> {
    const connections = await this.#connections();
    const used = this.#target.definition?.(text, table.create.charset) ?? text;
    const loading = planTable(table, { text, used }, () => connections.leastBusy());
    this.#loadings.set(table, loading);
    const session = connections.makerFor(loading) ?? loading.owner ?? connections.leastBusy();
    if (connections.creator === undefined) {
      loading.users.add(session);
      session.uncommitted = { bytes: 0, tables: 0 }; // DDL commits what came before
    }
    loading.created = this.#tasks.told(
      session.define(loading.late?.create ?? loading.definition.used, table.settings),
      `the table ${table.name} (line ${table.create.line})`,
    );
    loading.created.catch(() => undefined); // told; whoever fills it waits for it
    if (loading.remaining === 0) this.#finishTable(loading);
    await roomIn(session, MOST_WAITING_SMALL, this.#signal);
  }

  async #setSequence(table: TablePlan, text: Buffer, line: number): Promise<void> {
    const loading = this.#loadings.get(table);
    if (loading?.owner === undefined) return;
    const set = loading.owner.run(text, {}, loading.created);
    await this.#tasks.told(set, `the sequence ${table.name} (line ${line})`, this.#hintForRows);
  }

  async #rows({ table, settings, number, text }: Extract<DumpPart, { kind: 'rows' }>): Promise<void> {
    const loading = this.#loadings.get(table);
    if (loading === undefined) throw new Error(`rows of ${table.name} before its table`);
    const session = loading.owner ?? (await this.#connections()).leastBusy();
    if (number === 1) noteFirst(loading, text);
    await roomIn(session, loading.owner === undefined ? MOST_WAITING : MOST_WAITING_SMALL, this.#signal);
    if (number === 1) this.#commitOthersBefore(session, loading);
    const ran = session.run(text, settings, loading.created);
    this.#sent(session, loading, { number, bytes: text.length, ran }, (rows) => {
      this.#onDone(text.length);
      return loading.rowsByText ? rowsIn(text) : rows;
    });
    this.#oneDone(loading);
  }

  /**
   * Loads what is in chunks, when all else has been taken: each connection one run after the other, to the end of all.
   *
   * @throws {NotRowsError} of `readStatements`; {DbBackupError} `restore-failed`.
   */
  async loadChunks(readStatements: ReadStatements): Promise<void> {
    const chunked = [...this.#loadings.values()].filter(({ table }) => table.chunks !== undefined);
    if (chunked.length === 0) return;
    const { sessions } = await this.#connections();
    // In a table that keeps rows as they come, the first ones are in before others come.
    await Promise.all(sessions.map((session) => this.#commit(session, 'the first rows of all tables')));
    const runs = scheduleRows(chunked.map(rowsOf), sessions.length).values();
    // One iterator for all: who is free takes the next run.
    const loads = sessions.map(async (session) => {
      for (const run of runs) await this.#run(session, run, readStatements);
    });
    try {
      await Promise.all(loads);
    } catch (error) {
      this.#tasks.failed(error); // ends the others, which still read the file
      await Promise.allSettled(loads);
      throw error;
    }
  }

  async #run(
    session: LoadingSession,
    { table, chunks, firstStatement }: RowRun,
    read: ReadStatements,
  ): Promise<void> {
    const loading = this.#loadings.get(table);
    const head = loading?.head;
    if (loading === undefined || head === undefined)
      throw new Error(`chunks of ${table.name} before its table`);
    let number = (table.rows[0]?.statements ?? 0) + firstStatement;
    this.#commitOthersBefore(session, loading);
    for (const chunk of chunks) {
      for await (const { bytes, release } of read(chunk, head)) {
        await roomIn(session, MOST_WAITING, this.#signal);
        const ran = session.runPacket(bytes, loading.created);
        // After a failure the driver may still hold it.
        this.#sent(session, loading, { number: number++, bytes: bytes.length, ran }, (rows) => {
          release();
          return rows;
        });
      }
      this.#oneDone(loading);
    }
  }

  /** Follows a statement that waits on its connection by now. */
  #sent(
    session: LoadingSession,
    loading: TableLoading,
    {
      number,
      bytes,
      ran,
    }: { readonly number: number; readonly bytes: number; readonly ran: Promise<number> },
    rowsOf: (said: number) => number,
  ): void {
    const what = `the table ${loading.table.name}, statement ${number}`;
    loading.users.add(session);
    ran.then(
      (said) => (loading.rows += rowsOf(said)),
      () => undefined, // told below
    );
    // Before the commit behind it is: that fails with it.
    this.#tasks.add(this.#tasks.told(ran, what, this.#hintForRows));
    session.uncommitted.bytes += bytes;
    if (this.#opened?.logsTransactions === true && session.uncommitted.bytes >= LOGGED_COMMIT_BYTES)
      this.#tasks.add(this.#commit(session, what));
  }

  /** MySQL takes no transaction over tables of several engines where it writes GTIDs. */
  #commitOthersBefore(session: LoadingSession, { table, isTransactional }: TableLoading): void {
    if (session.uncommitted.bytes === 0 || isTransactional) return;
    this.#tasks.add(this.#commit(session, `the tables before ${table.name}`));
  }

  #oneDone(loading: TableLoading): void {
    loading.remaining--;
    if (loading.remaining === 0) this.#finishTable(loading);
  }

  /** Commits its rows, then adds its indexes while the next table loads. */
  #finishTable({ table, users, late, created, isRelated, isTransactional }: TableLoading): void {
    if (late === undefined && !isRelated && users.size <= 1) {
      // Committed by the CREATE TABLE that follows on its connection. Not so where MySQL locks the table when another one
      // is made: with a lock on it, its connection may not wait for any other.
      if (this.#opened?.creator === undefined && table.chunks === undefined) return;
      // Together with those that follow: a commit takes as long as a small table.
      const [session] = users;
      if (session !== undefined) session.uncommitted.tables++;
      if (isTransactional && (session === undefined || sharesCommit(session))) return;
    }
    const committed = Promise.all(
      Array.from(users, (session) => this.#commit(session, `the table ${table.name}`)),
    );
    if (late === undefined) {
      this.#tasks.add(committed);
      return;
    }
    this.#tasks.add(
      (async () => {
        await created;
        await committed;
        await this.#tasks.told(
          this.#opened?.indexer.define(late.indexes, table.settings),
          `the indexes of ${table.name}`,
        );
      })(),
    );
  }

  async #commit(session: LoadingSession, what: string): Promise<void> {
    session.uncommitted = { bytes: 0, tables: 0 };
    await this.#tasks.told(session.run(COMMIT), `the commit of ${what}`);
  }

  readonly #hintForRows = (error: DumpStatementError): string | undefined =>
    this.#target.loadAccount === undefined ? error.hint : hintForLoadAccount(error);
}

/** Whether the rows of tables that follow may go into the same transaction. */
function sharesCommit({ uncommitted: { bytes, tables } }: LoadingSession): boolean {
  return bytes < SHARED_COMMIT.bytes && tables < SHARED_COMMIT.tables;
}

const COMMIT = Buffer.from('COMMIT');
