import type { Backup } from '../../backups/record/backup.ts';
import { parseBackupName, SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { Manifest } from '../../backups/record/manifest.ts';
import { isUnderWay, type Job } from '../../jobs/record/job.ts';

/** All that the checks go by: read once, before any of them. */
export interface History {
  /** Absolute. */
  readonly directory: string;
  /** false: the backup directory does not exist. */
  readonly exists: boolean;
  readonly now: Date;
  /** Only backups and runs with this label were asked for. */
  readonly label?: string | undefined;
  /** Those that are checked. */
  readonly databases: readonly DatabaseHistory[];
  /**
   * Runs on the databases that were named, else on all, newest first, in their true state; and those over all databases
   * that did not come to know which there are.
   */
  readonly jobs: readonly Job[];
  /** By the id of a job: the directory that it is kept in, where that is not the backup directory itself. */
  readonly elsewhere: ReadonlyMap<string, string>;
  readonly spaces: readonly Space[];
  /** What could not be read, in sentences. */
  readonly unread: readonly string[];
  /** With the server's list, databases that have backups and are not checked: because a pattern says so. */
  readonly excluded: readonly string[];
  /** And the others: they are not on the server, or the account may not see them. */
  readonly unseen: readonly string[];
  /** How many databases the server has, or why it could not say; undefined: it was not asked. */
  readonly server?:
    | { readonly databases: number }
    | { readonly failure: string; readonly hint: string | undefined }
    | undefined;
}

export interface DatabaseHistory {
  readonly database: string;
  /** Newest first, safety backups included. */
  readonly backups: readonly Backup[];
  /** Runs of create, newest first. */
  readonly creates: readonly Job[];
  /** Why its folder cannot be read. */
  readonly unreadable?: string | undefined;
  /** Files that dead runs have left there; none while a run is alive. */
  readonly leftovers: readonly LeftFile[];
}

/** A file that does not belong where it is, and what to do. */
export interface LeftFile {
  readonly path: string;
  /**
   * - unfinished: of a run that died; the next one removes it;
   * - lock: of a run that died; the next one takes it over;
   * - unchecked: a lock whose process is on another host or in another container;
   * - forbidden: a lock that another user took, and this one may not read;
   * - foreign: in the place of the lock, and keeps every run from starting;
   * - fileless: a manifest whose backup file is missing.
   */
  readonly kind: 'unfinished' | 'lock' | 'unchecked' | 'forbidden' | 'foreign' | 'fileless';
  /** What there is to say of the lock's holder, and to do; only of `unchecked` and `forbidden`. */
  readonly holder?: { readonly message: string; readonly fix: readonly string[] } | undefined;
}

/** A file system, and the databases whose next backups go there. */
export interface Space {
  readonly path: string;
  /** undefined: the system does not say. */
  readonly freeBytes: number | undefined;
  /** No more files can be created, however small. */
  readonly noFiles: boolean;
  readonly databases: readonly string[];
}

/** A backup that is proven to be complete by its manifest, and failed neither a verification nor a rehearsal. */
export interface CompleteBackup extends Backup {
  readonly manifest: Manifest;
}

/** The complete backups that were asked for: no safety backups. Newest first. */
export function completeBackups({ backups }: Pick<DatabaseHistory, 'backups'>): readonly CompleteBackup[] {
  return backups.filter(isComplete).filter(({ label }) => label !== SAFETY_LABEL);
}

export function isComplete(backup: Backup): backup is CompleteBackup {
  const { state, manifest } = backup;
  if (state !== 'complete' || manifest === undefined) return false;
  return manifest.verification?.ok !== false && manifest.rehearsal?.ok !== false;
}

/** Clocks may differ a little; more means that one was wrong, and what it dated would look new for too long. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

export function isInFuture(rfc3339: string, now: Date): boolean {
  return ageMs(rfc3339, now) < -CLOCK_TOLERANCE_MS;
}

/** Milliseconds; negative for what is in the future. */
export function ageMs(rfc3339: string, now: Date): number {
  return now.getTime() - new Date(rfc3339).getTime();
}

/** A job of an earlier release says it only in the name of its backup. undefined: it failed, and says it nowhere. */
export function labelOf({ label, result }: Job): string | undefined {
  return label ?? (result && parseBackupName(result.name)?.label);
}

/** Whether a backup of the database is provably being made now. */
export function isBackingUp({ creates }: Pick<DatabaseHistory, 'creates'>): boolean {
  return creates.some((job) => isUnderWay(job) && job.unproven === undefined);
}
