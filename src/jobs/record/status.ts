import type { KeptOfDatabase } from './keeping-job.ts';
import { isUnderWay, leavesSomething } from './job.ts';
import type { Job } from './job.ts';
import type { Rehearsal } from '../../backups/record/manifest.ts';

/** What is running, the last runs, and what went wrong, in one backup directory. */
export interface Status {
  readonly directory: string;
  /** Where runs of this login keep their job files and safety backups, because it may not write to `directory`. */
  readonly standIn?: string | undefined;
  readonly running: readonly Job[];
  /** See `openProblems`. */
  readonly problems: readonly Job[];
  readonly databases: readonly DatabaseStatus[];
  /** Previous tables of restores that are kept on their servers; newest first. */
  readonly kept: readonly KeptOfDatabase[];
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** What could not be read, so that something may be missing from this status. */
  readonly warnings: readonly string[];
}

export interface DatabaseStatus {
  readonly database: string;
  readonly lastBackup:
    | {
        readonly name: string;
        readonly path: string;
        /** RFC 3339, UTC. */
        readonly startedAt: string;
        readonly sizeBytes: number;
      }
    | undefined;
  /** The newest among its backups, with the backup's name. */
  readonly lastRehearsal: (Rehearsal & { readonly name: string }) | undefined;
  readonly lastRestore: Job | undefined;
  /** The newest relevant create or restore, when it did not succeed: failed, interrupted, … */
  readonly lastProblem: Job | undefined;
  /** Why its folder cannot be read, and what to do; the rest then covers only its jobs. */
  readonly unreadable?: string | undefined;
  readonly backups: number;
  readonly totalSizeBytes: number;
}

/** The last problem of each database, then other runs that have left something to recover. */
export function openProblems(databases: readonly DatabaseStatus[], jobs: readonly Job[]): readonly Job[] {
  const last = databases.flatMap(({ lastProblem }) => lastProblem ?? []);
  return [
    ...last,
    ...jobs.filter(
      (job) =>
        (leavesSomething(job) || job.loadAccount !== undefined) && !isUnderWay(job) && !last.includes(job),
    ),
  ];
}
