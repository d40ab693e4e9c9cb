import type { ErrorCode } from '../../run/errors.ts';
import type { ProcessIdentity } from '../../locks/process-identity.ts';
import type { Phase } from '../../run/progress.ts';
import type { Replacement } from './in-place-journal.ts';
import type { KeptTables } from './kept-tables.ts';
import type { SwapJournal } from './swap-journal.ts';
import type { Distrust } from '../../files/ownership.ts';

export const JOB_SCHEMA = 'dbbackup/job/1';

export const JOB_STATES = [
  'accepted',
  'running',
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'interrupted',
] as const;

/**
 * `interrupted` is never written by the run itself: it is the state of a running job whose process no longer exists.
 */
export type JobState = (typeof JOB_STATES)[number];

export const SETTLED_AS = ['completed', 'rolled-back'] as const;
export type SettledAs = (typeof SETTLED_AS)[number];

/** Whether it may still change. */
export function isUnderWay({ state }: Pick<Job, 'state'>): boolean {
  return state === 'running' || state === 'accepted';
}

/** The database, in words. */
export function subjectOf({ database }: Pick<Job, 'database'>): string {
  return database === '' ? 'all databases' : database;
}

/** Which of them are rehearsals. */
export function rehearsalsAmong(jobs: readonly Job[]): ReadonlySet<string> {
  return new Set(jobs.filter(({ operation }) => operation === 'verify').map(({ id }) => id));
}

/** Why the state file of a job is not to be believed. */
export interface Untrusted {
  readonly why: Distrust;
  readonly ownerId: number;
  /** It says that it keeps tables; never more than a reason to leave its files alone. */
  readonly mayKeep?: true | undefined;
}

/** One run of create or restore, or a rehearsal, as its state file tells it. */
export interface Job {
  readonly schema: typeof JOB_SCHEMA;
  readonly id: string;
  readonly operation: 'create' | 'restore' | 'verify';
  /** Empty: of all, where it did not come to know which there are; only of a create that failed. */
  readonly database: string;
  /** create only: part of a run over all databases of the server. */
  readonly allDatabases?: true | undefined;
  /** create only: of the backup to be made. undefined: written by an earlier release. */
  readonly label?: string | undefined;
  readonly state: JobState;
  /**
   * Its process cannot be checked from here: one that is `interrupted` may still be running, one that is `running`
   * may be dead.
   */
  readonly unproven?: true | undefined;
  /** Its file may have been written by somebody else; never in a file. */
  readonly untrusted?: Untrusted | undefined;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string | undefined;
  /** The current or last step, as text: `Creating database backup...`. */
  readonly step: string;
  /** The phase of that step, if any; undefined for all steps of release 0.1.0. */
  readonly phase?: Phase | undefined;
  readonly progress?: { readonly doneBytes: number; readonly totalBytes?: number | undefined } | undefined;
  /** The process that runs it; proof of whether it still does. */
  readonly process: ProcessIdentity;
  /** The server, as the run reaches it: `db:3306`, `/run/mysqld/mysqld.sock`. undefined: of release 0.1.0. */
  readonly server?: string | undefined;
  readonly command: string;
  /**
   * restore only, from the first scratch schema to the last: what a run that dies leaves, and how far it had come.
   */
  readonly swap?: SwapJournal | undefined;
  /** restore only: what it replaced, for as long as that is kept on the server. */
  readonly kept?: KeptTables | undefined;
  /** The restore that it undid; undefined: it restored a backup. */
  readonly undoes?: string | undefined;
  /** restore in place only, for as long as its target may be partly restored. */
  readonly replacing?: Replacement | undefined;
  /** While rows are loaded: the account made for it, `'dbbackup_load_x'@'localhost'`, which a run that dies leaves. */
  readonly loadAccount?: string | undefined;
  /**
   * For an interrupted restore: how a later run, or `--resume`, recovered it; or it had completed its swap itself.
   */
  readonly settled?: SettledAs | undefined;
  /** Then, when it was completed: what brings back the target's previous contents. */
  readonly returnCommand?: string | undefined;
  readonly result?: JobResult | undefined;
  readonly error?:
    { readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined } | undefined;
}

export interface JobResult {
  /** create: the backup made. restore: the backup restored. verify: the backup rehearsed. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** restore only: the safety backup's path, when one was made. */
  readonly safetyBackup?: string | undefined;
  /** restore only: the command that brings back what was replaced. */
  readonly undoCommand?: string | undefined;
  /** restore only, of one that replaced nothing: the SQL that removes what it brought. */
  readonly undoSql?: string | undefined;
  /** restore only: what a restore of the safety backup needs to bring back what was replaced. */
  readonly wayBack?: RecordedWayBack | undefined;
  /** restore only: how much SQL was restored, and how long it took from the confirmation on. */
  readonly restored?: { readonly uncompressedBytes: number; readonly durationMs: number } | undefined;
}

/** How the safety backup of a restore is restored to undo it. */
export interface RecordedWayBack {
  /** `shop/pre-restore_2026-11-22_09-12-44`. */
  readonly reference: string;
  /** Only these were replaced; undefined: all. */
  readonly tables?: readonly string[] | undefined;
  /** It lacks what the server could not open, which would fail the next safety backup, too. */
  readonly skipBroken?: boolean | undefined;
  readonly allowOutside?: boolean | undefined;
}

/** A restore between its first scratch schema and its last: under way, or dead. */
export interface InterruptedSwap extends Job {
  readonly swap: SwapJournal;
}

export function isInterruptedSwap(job: Job): job is InterruptedSwap {
  return job.swap !== undefined;
}

/** A restore in place whose target may be partly restored: under way, dead, or failed. */
export interface ReplacingJob extends Job {
  readonly replacing: Replacement;
}

export function isReplacing(job: Job): job is ReplacingJob {
  return job.replacing !== undefined;
}

/** Whether something is left to recover, if it has ended. */
export function leavesSomething(job: Job): boolean {
  return isInterruptedSwap(job) || isReplacing(job);
}

/** Whether the target is what a restore was asked for; its old tables are kept only then, however the run ended. */
export function hasRestored({ operation, state, settled, kept }: Job): boolean {
  const isThere = state === 'succeeded' || settled === 'completed' || kept !== undefined;
  return operation === 'restore' && isThere;
}

/** Whether a restore has changed its target, or may have. */
export function mayHaveChanged(job: Job): boolean {
  if (job.operation !== 'restore') return false;
  const isHalf = job.state === 'failed' && job.error?.code === 'restore-incomplete';
  return hasRestored(job) || isUnderWay(job) || leavesSomething(job) || isHalf;
}

/** What must be on disk before the named step is carried out. */
export type JournalEntry = Pick<
  Job,
  'swap' | 'replacing' | 'loadAccount' | 'kept' | 'undoes' | 'settled' | 'returnCommand'
>;
