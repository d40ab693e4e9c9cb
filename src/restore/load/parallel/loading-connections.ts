import type { Connection } from '../../../server/connect/connection.ts';
import { logInAs, type LoadLogin } from '../load-account.ts';
import { LoadingSession } from './loading-session.ts';

/** Statements queued on a connection behind the running one, so that the next is there when the server is ready. */
export const MOST_WAITING = 2;
export const MOST_WAITING_SMALL = 64;
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** The connections that one load takes. */
export class LoadingConnections implements AsyncDisposable {
  /** For rows. */
  readonly sessions: readonly LoadingSession[];
  /** Adds indexes. */
  readonly indexer: LoadingSession;
  /** Makes the tables that the load account fills; undefined: each connection makes those that it fills. */
  readonly creator: LoadingSession | undefined;
  /** The server keeps a binary log. */
  readonly logsTransactions: boolean;

  private constructor(
    sessions: readonly LoadingSession[],
    indexer: LoadingSession,
    creator: LoadingSession | undefined,
    logsTransactions: boolean,
  ) {
    this.sessions = sessions;
    this.indexer = indexer;
    this.creator = creator;
    this.logsTransactions = logsTransactions;
  }

  /** @throws {DbBackupError} as `connectServer`. */
  static async open(
    {
      connection,
      loadAccount,
      schema,
      connections,
    }: {
      readonly connection: Connection;
      readonly loadAccount?: LoadLogin | undefined;
      readonly schema: string;
      readonly connections: number;
    },
    preset: readonly string[],
    signal: AbortSignal,
  ): Promise<LoadingConnections> {
    const open = (as: Connection): Promise<LoadingSession> => LoadingSession.open(as, schema, preset, signal);
    const first = loadAccount === undefined ? open(connection) : logInAs(loadAccount, open);
    const others = first.then(() =>
      Promise.all(Array.from({ length: connections - 1 }, () => open(loadAccount?.connection ?? connection))),
    );
    const [indexer, creator, one, more] = await Promise.all([
      open(connection),
      loadAccount === undefined ? undefined : open(connection),
      first,
      others,
    ]);
    const [facts] = await indexer.server.query('SELECT @@GLOBAL.log_bin AS logs');
    const sessions = [one, ...more];
    return new LoadingConnections(sessions, indexer, creator, Number(facts?.['logs']) === 1);
  }

  leastBusy(): LoadingSession {
    const [first, ...others] = this.sessions;
    if (first === undefined) throw new Error('there is no connection');
    return others.reduce((least, session) => (session.waiting < least.waiting ? session : least), first);
  }

  /** Two tables at once where that can be: those that refer to each other would wait for each other on MySQL. */
  makerFor({ isRelated }: { readonly isRelated: boolean }): LoadingSession | undefined {
    const { creator, indexer } = this;
    if (creator === undefined || creator.waiting === 0 || isRelated) return creator;
    return indexer.waiting === 0 ? indexer : creator;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.sessions, this.indexer, this.creator];
    await Promise.all(all.map(async (session) => session?.[Symbol.asyncDispose]()));
  }
}

/** Waits until fewer statements wait on a connection, and not too much of them. */
export async function roomIn(session: LoadingSession, most: number, signal: AbortSignal): Promise<void> {
  while (session.waiting >= most || session.waitingBytes >= MOST_WAITING_BYTES) {
    signal.throwIfAborted();
    await session.oneDone();
  }
}
