// What several documents have in common.
import type { ErrorCode } from '../../run/errors.ts';

/** A failure, as `--json` tells it. */
export interface Failure {
  /** Its name in the table of exit codes. */
  readonly code: ErrorCode;
  /** What happened, and in which state things are. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** What went wrong with one of several databases. */
export interface DatabaseFailure {
  readonly database: string;
  readonly error: Failure;
}

/** A run that goes on in the background (`--detach`). */
export interface DetachedDocument {
  /** The job's id, of one database. */
  readonly job: string | undefined;
  /** The ids of all jobs, in the order in which they run. */
  readonly jobs: readonly string[];
}
