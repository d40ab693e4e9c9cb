import { type DbBackupError, inOneLine } from '../../run/errors.ts';
import type { ProgressEvent } from '../../run/progress.ts';

/** What came of a run that did not throw. */
export interface RunOutcome {
  readonly databases: readonly string[];
  /** Paths of the backups that it made, restored or verified. */
  readonly backups: readonly string[];
  /** The closing line. */
  readonly message: string;
  /** What went wrong, a text each; empty after a success. */
  readonly problems: readonly string[];
  /** What `--json` prints. */
  readonly document: () => string;
  /** The same document with what is wrong alone, for those who keep only so much; undefined: there is no such. */
  readonly documentOfWrong?: (() => string) | undefined;
}

/** Of a run over several, those that failed. */
export function problemsOf(
  failures: readonly { readonly of: string; readonly error: DbBackupError }[],
): RunOutcome['problems'] {
  return failures.map(({ of, error }) => `${of}: ${inOneLine(error)}`);
}

/** How it ended. */
export interface RunEnd {
  readonly exitCode: number;
  /** What was thrown, if anything was. */
  readonly failure: unknown;
}

/**
 * What a run tells of itself, for what is done when it has ended. It begins empty, and a run that nothing follows leaves
 * it so.
 */
export class RunReport {
  readonly databases = new Set<string>();
  readonly jobs: { readonly directory: string; readonly job: string }[] = [];
  outcome: RunOutcome | undefined;
  /** What the exit codes of this run mean, if they are not those of the table. */
  exitCodeNames: readonly string[] | undefined;
  #afterwards: ((end: RunEnd) => Promise<void>) | undefined;
  #held: Disposable | undefined;

  /** Takes the jobs out of the progress of a run. */
  take(event: ProgressEvent): void {
    if (event.kind !== 'job') return;
    if (event.database !== '') this.databases.add(event.database);
    this.jobs.push({ directory: event.directory, job: event.job });
  }

  /** @param afterwards Called once, when the run has ended and said how. Never rejects. */
  follow(afterwards: (end: RunEnd) => Promise<void>): void {
    this.#afterwards = afterwards;
  }

  /** Keeps this until all is done, if anything follows the run; otherwise disposes it at once. */
  hold(resource: Disposable): void {
    if (this.#afterwards === undefined) resource[Symbol.dispose]();
    else this.#held = resource;
  }

  /** The run has ended, and its result or failure is printed. */
  async end(end: RunEnd): Promise<void> {
    try {
      await this.#afterwards?.(end);
    } finally {
      this.#held?.[Symbol.dispose]();
    }
  }
}
