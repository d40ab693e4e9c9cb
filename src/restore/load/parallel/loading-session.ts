import { setTimeout as sleep } from 'node:timers/promises';
import { connectServer } from '../../../server/connect/server.ts';
import type { Server } from '../../../server/connect/server.ts';
import { isBusy } from '../../swap/rename-tables.ts';
import type { Connection } from '../../../server/connect/connection.ts';
import type { SessionDelta } from '../../../sql/script/load-plan.ts';
import { quoteName } from '../../../sql/definitions/quote-name.ts';
import { isClosedValue, notClosed } from '../../../sql/script/session-preset.ts';
import { SERVERS_MODE } from '../../../sql/settings/servers-mode.ts';

/** How long a definition is tried again, from its first try. */
const RETRY_MS = 60_000;

/** One connection on which statements of a dump run, one after the other in the order in which they are given. */
export class LoadingSession implements AsyncDisposable {
  readonly server: Server;
  /** The schema that unqualified names mean. */
  readonly schema: string;
  /** Statements given and not yet run. */
  waiting = 0;
  waitingBytes = 0;
  /** Of rows given since the last commit was, and the tables that they fill to the end; kept by whoever gives them. */
  uncommitted = { bytes: 0, tables: 0 };
  #last: Promise<unknown> = Promise.resolve();
  #listeners: (() => void)[] = [];

  private constructor(server: Server, schema: string) {
    this.server = server;
    this.schema = schema;
  }

  /**
   * @param preset What the dump's statements rely on: see `presetStatements`.
   * @throws {DbBackupError} as `connectServer`.
   */
  static async open(
    connection: Connection,
    schema: string,
    preset: readonly string[],
    signal: AbortSignal,
  ): Promise<LoadingSession> {
    const server = await connectServer(connection, signal, 'loading');
    const session = new LoadingSession(server, schema);
    try {
      for (const statement of [`USE ${quoteName(schema)}`, ...FIRST]) await session.#sql(statement);
      // Bytes: in the swap scripts of earlier releases the dump's own.
      for (const statement of preset) await server.run(Buffer.from(statement, 'latin1'));
      for (const statement of OURS) await session.#sql(statement);
      return session;
    } catch (error) {
      server.destroy();
      throw error;
    }
  }

  /** Runs a statement now: nothing else may be waiting. @returns as `Server.run`. */
  async execute(statement: Buffer | string, settings: SessionDelta = {}): Promise<number> {
    await this.#set(settings);
    try {
      return await this.server.run(statement);
    } finally {
      await this.#setBack(settings);
    }
  }

  /**
   * Runs a statement behind those that wait. Once one has failed, those behind it are not run.
   *
   * @param after What another connection does first: it makes the table.
   */
  run(statement: Buffer | string, settings?: SessionDelta, after?: Promise<unknown>): Promise<number> {
    return this.#behindOthers(statement, async () => {
      await after;
      return this.execute(statement, settings);
    });
  }

  /** The same for rows that are sent as they are: see `Server.runPacket`. */
  runPacket(packet: Buffer, after: Promise<unknown>): Promise<number> {
    return this.#behindOthers(packet, async () => {
      await after;
      return this.server.runPacket(packet);
    });
  }

  /**
   * The same for a statement that makes or changes a table: should other connections be in its way, it is tried again.
   * Such a statement commits what came before it, and takes effect whole or not at all; so nothing is lost or done twice.
   */
  define(statement: Buffer | string, settings?: SessionDelta): Promise<number> {
    return this.#behindOthers(statement, async () => {
      const deadline = performance.now() + RETRY_MS;
      for (let pauseMs = 20; ; pauseMs *= 2) {
        try {
          return await this.execute(statement, settings);
        } catch (error) {
          if (!isBusy(error) || performance.now() + pauseMs > deadline) throw error;
        }
        await sleep(pauseMs);
      }
    });
  }

  async #behindOthers(statement: Buffer | string, action: () => Promise<number>): Promise<number> {
    this.waiting++;
    this.waitingBytes += statement.length;
    const run = this.#last.then(action);
    this.#last = run;
    run.catch(() => undefined); // whoever waits for it, or for the next one, is told
    try {
      return await run;
    } finally {
      this.waiting--;
      this.waitingBytes -= statement.length;
      const listeners = this.#listeners;
      this.#listeners = [];
      for (const listener of listeners) listener();
    }
  }

  /** Resolves when the next of the statements that wait has run, or failed. */
  async oneDone(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  async #set(settings: SessionDelta): Promise<void> {
    const { database, ...variables } = settings;
    // The one in use: how its name is written depends on what the dump has made the charset.
    if (database !== undefined) await this.#sql(`ALTER DATABASE ${database}`);
    const changes = Object.entries(variables);
    if (changes.length === 0) return;
    // First all are kept: one may change another, as a collation changes its charset.
    const kept = keptWith(variables).map((name) => `@dbbackup_${name} = @@SESSION.${name}`);
    for (const [name, literal] of changes) if (!isClosedValue(literal)) throw notClosed(name);
    await this.#sql(`SET ${kept.join(', ')}`);
    await this.#sql(`SET ${changes.map(([name, literal]) => `SESSION ${name} = ${literal}`).join(', ')}`);
  }

  async #setBack({ database: _database, ...variables }: SessionDelta): Promise<void> {
    const kept = keptWith(variables).map((name) => `SESSION ${name} = @dbbackup_${name}`);
    if (kept.length > 0) await this.#sql(`SET ${kept.join(', ')}`);
  }

  async #sql(statement: string): Promise<void> {
    await this.server.run(Buffer.from(statement));
  }
}

/** What changes when these are set; in the order in which it is set back. */
function keptWith(variables: SessionDelta): readonly string[] {
  const names = Object.keys(variables).filter((name) => name !== 'collation_connection');
  const changesCollation = 'character_set_connection' in variables || 'collation_connection' in variables;
  return changesCollation ? [...names, 'collation_connection'] : names;
}

/** Until a dump sets its own mode, quotes must mean what the guard took them for. */
const FIRST = ['SET NAMES utf8mb4', `SET SESSION sql_mode = ${SERVERS_MODE}`];

/**
 * `unique_checks=1` although dumps switch it off: with both checks off MariaDB takes a table lock for a bulk insert,
 * and a second connection would wait for it until it times out.
 */
const OURS = [
  'SET SESSION autocommit = 0, foreign_key_checks = 0, unique_checks = 1, sql_notes = 0',
  'SET SESSION innodb_lock_wait_timeout = 600',
];
