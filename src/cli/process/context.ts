import type { Writable } from 'node:stream';
import type { Runtime } from '../../run/runtime.ts';
import type { Bounds } from '../after/bounds.ts';
import type { PostPing } from '../after/post-ping.ts';
import type { Surroundings } from '../detach/detach-risks.ts';
import type { DetachedChild, DetachedParent } from './detached-messages.ts';

/** What a run is given as it is. */
type OfTheProcess = Pick<
  Runtime,
  | 'env'
  | 'homeDirectory'
  | 'userName'
  | 'userId'
  | 'hostName'
  | 'pid'
  | 'version'
  | 'program'
  | 'busyPatienceMs'
  | 'now'
  | 'stdin'
  | 'stdout'
>;

/**
 * What a command is given of the process it runs in; nothing outside `process-context.ts` touches the process
 * itself.
 */
export interface Context extends OfTheProcess {
  /** Absolute. Reading it throws `not-found` when the directory has been removed. */
  readonly cwd: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** e.g. `20.19.2`. */
  readonly nodeVersion: string;
  readonly stderr: Writable;
  readonly isTty: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /**
   * Width of the terminal that stderr is, 80 elsewhere; 0 for a terminal that does not say (`script`, serial
   * lines).
   */
  readonly columns: number;
  /** For a run that is over in a moment: V8 compiles nothing for speed beside it, which would be ready too late. */
  readonly skipOptimizing: () => void;
  /** Starts this program again with these arguments, for `--detach`. */
  readonly startDetached: (argv: readonly string[]) => Promise<DetachedChild>;
  /** The run that started this one with `--detach`; undefined in any other. */
  readonly detachedParent: DetachedParent | undefined;
  /** From a process of its own, for `--ping`. */
  readonly postPing: PostPing;
  readonly surroundings: Surroundings;
  readonly signals: Signals;
  /** For tests that do not want to wait. */
  readonly afterRunBounds?: Partial<Bounds>;
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
