import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connect/connection.ts';
import { connectServer, type Server } from '../connect/server.ts';
import { setStatement } from './session-variables.ts';

/** A session that does not answer within this time is left: a firewall may have dropped it without a word. */
const ANSWER_MS = 5_000;
/** What our own statements change and `prepareSession` does not set. */
const CHANGED_BY_US = ['foreign_key_checks = DEFAULT', 'innodb_lock_wait_timeout = DEFAULT'];

/**
 * One login for all questions of a phase. It is made for the first question, and anew when the server, or a firewall,
 * has ended it while it was quiet. Between two questions the backup may be read, or the user asked, for hours.
 */
export class SharedSession implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  #server: Server | undefined;

  /** @param signal Ends what runs, for good: nothing is asked by this session afterwards. */
  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /**
   * The session, in the state of a new one, but for the schema that it uses.
   *
   * @throws {DbBackupError} as `connectServer`.
   */
  async open(): Promise<Server> {
    if (this.#server !== undefined && (await this.#isMadeNew(this.#server))) return this.#server;
    this.#server?.destroy();
    this.#server = undefined;
    this.#server = await connectServer(this.#connection, this.#signal);
    return this.#server;
  }

  /**
   * Further sessions for a phase that asks much; the caller closes them. undefined where one cannot be had, as when the
   * account may not have so many: they only save time.
   */
  openBeside(count: number): readonly Promise<Server | undefined>[] {
    return Array.from({ length: count }, () =>
      connectServer(this.#connection, this.#signal).catch(() => undefined),
    );
  }

  /** Where others need connections, which an account may have few of. The next question logs in anew. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Undoes what a step has set for itself; by its answer the session shows that it is still there. */
  async #isMadeNew(server: Server): Promise<boolean> {
    const answered = server.query(setStatement([...server.settings, ...CHANGED_BY_US])).then(
      () => true,
      () => false,
    );
    const isNew = await Promise.race([answered, sleep(ANSWER_MS, false, { ref: false })]);
    this.#signal.throwIfAborted();
    return isNew;
  }
}
