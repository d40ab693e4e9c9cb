import type { Readable, Writable } from 'node:stream';
import type { OnProgress } from './progress.ts';

/** What a run is given of the outside world; no room but `cli` reads a global. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; what relative paths are relative to. */
  readonly cwd: string;
  /** undefined where there is none (cron, some containers). */
  readonly homeDirectory: string | undefined;
  readonly userName: string;
  /** As files tell their owner. */
  readonly userId: number;
  readonly hostName: string;
  readonly pid: number;
  /** dbbackup's own version. */
  readonly version: string;
  /** The command line as the user typed it, for the lock and the job file; holds no secret. */
  readonly command: string;
  /** How this program was started, for the commands shown in messages: `dbbackup`, `npx dbbackup`. */
  readonly program: string;
  /** This process runs dbbackup alone, so that settings of its JavaScript engine may be changed. */
  readonly ownsProcess?: boolean | undefined;
  /** How long a swap tries again while other sessions hold its tables; a minute by default. */
  readonly busyPatienceMs?: number | undefined;
  readonly now: () => Date;
  /** Aborted with a `DbBackupError` as its reason: `interrupted`, `terminated`, `hangup` or `timeout`. */
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly stdin: Readable;
  readonly stdout: Writable;
}
