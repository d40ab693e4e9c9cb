import type { Readable, Writable } from 'node:stream';
import type { Surroundings } from '../detach/detach-risks.ts';
import type { DetachedChild, DetachedParent } from './detached-messages.ts';

/**
 * What a command is given of the process it runs in; nothing outside `process-context.ts` touches the process
 * itself.
 */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. Reading it throws `not-found` when the directory has been removed. */
  readonly cwd: string;
  /** undefined where there is none (cron, some containers). */
  readonly homeDirectory: string | undefined;
  readonly userName: string;
  readonly userId: number;
  readonly hostName: string;
  readonly pid: number;
  /** Cores that this process may use. */
  readonly cores: number;
  /** dbbackup's own version. */
  readonly version: string;
  /** e.g. `20.19.2`. */
  readonly nodeVersion: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly isTty: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /**
   * Width of the terminal that stderr is, 80 elsewhere; 0 for a terminal that does not say (`script`, serial
   * lines).
   */
  readonly columns: number;
  /** How it was started: `dbbackup`, `npx dbbackup`. */
  readonly program: string;
  readonly now: () => Date;
  /** Starts this program again with these arguments, for `--detach`. */
  readonly startDetached: (argv: readonly string[]) => Promise<DetachedChild>;
  /** The run that started this one with `--detach`; undefined in any other. */
  readonly detachedParent: DetachedParent | undefined;
  readonly surroundings: Surroundings;
  readonly signals: Signals;
}

export const SIGNAL_NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

export interface Signals {
  /**
   * Calls back on each of the three until the returned function is called; until then none of them ends the
   * process. Afterwards a signal ends it with the exit code that is set.
   */
  listen(onSignal: (name: SignalName) => void): () => void;
  /** Sends the signal to this process, which then ends as if there had never been a handler. */
  raise(name: SignalName): void;
}
