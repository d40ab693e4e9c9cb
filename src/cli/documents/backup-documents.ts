import type { Backup } from '../../backups/record/backup.ts';
import type { Manifest, ManifestFile, ObjectCounts, Pin, Rehearsal } from '../../backups/record/manifest.ts';
import type { BackupDifference } from '../../contents/compare-backups.ts';
import type { Extracted, ExtractOnly } from '../../contents/extract-request.ts';
import type { ShownBackup } from '../../contents/show-backup.ts';
import type { CreatePlan } from '../../dump/dump-plan.ts';
import type { KeptOfDatabase } from '../../jobs/record/keeping-job.ts';
import type { PeriodRule } from '../../prune/periods.ts';
import type { Reason } from '../../prune/reason.ts';
import type { DumpRemark } from '../../sql/dump-report.ts';
import type { Proof } from '../../verify/proof.ts';
import type { DatabaseFailure, DetachedDocument, Failure } from './parts.ts';

/** What is left out where there is no manifest to say it. */
type IfKnown<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What the place of a backup tells of it. */
type BackupPlace = Omit<Backup, 'manifest' | 'manifestFile'>;

/** A backup that was made: its manifest, and where it is. */
export type CreatedFields = Omit<Manifest, 'schema'> & {
  /** Absolute; `-` for stdout. */
  readonly path: string;
};

export type CreateDocument = BackupsMade | CreateDryRun | DetachedDocument;

/** Backups that were made. */
interface BackupsMade {
  /** In the order in which the databases were asked for. */
  readonly backups: readonly CreatedFields[];
  /** With `--prune`. */
  readonly pruned?: PrunedFields | undefined;
  /** Only if not `ok`. */
  readonly failures?: readonly DatabaseFailure[];
}

/** Backups that would be made (`--dry-run`). */
interface CreateDryRun {
  readonly dryRun: true;
  readonly plans: readonly CreatePlan[];
  /** Only if not `ok`. */
  readonly failures?: readonly DatabaseFailure[];
}

export interface ListDocument {
  /** The backup directory, absolute. */
  readonly directory: string;
  /** Newest first. */
  readonly backups: readonly ListedBackup[];
  /** How many there are, with those that `--limit` leaves out. */
  readonly total: number;
  /** Whether `--limit` leaves some out. */
  readonly truncated: boolean;
  /** Previous tables of restores that are kept on their servers. */
  readonly kept: readonly KeptOfDatabase[];
  /** Folders whose backups cannot be listed. */
  readonly unreadable: readonly UnreadableFields[];
}

/** A backup: what its place tells, then what its manifest does. */
export type ListedBackup = BackupPlace &
  IfKnown<
    Pick<
      Manifest,
      | 'counts'
      | 'finishedAt'
      | 'durationMs'
      | 'server'
      | 'job'
      | 'warnings'
      | 'restoreOnly'
      | 'madeFromInterrupted'
      | 'inexactColumns'
      | 'skippedBroken'
      | 'rehearsal'
      | 'verification'
      | 'copies'
      | 'pin'
    > &
      Pick<ManifestFile, 'uncompressedBytes' | 'sha256'>
  > & {
    /** How many. */
    readonly tables: number | undefined;
  };

/** A folder that cannot be read. */
export interface UnreadableFields {
  readonly database: string;
  /** Absolute. */
  readonly path: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export type ShowDocument = Omit<ShownBackup, 'backup'> & {
  readonly backup: BackupPlace & IfKnown<Omit<Manifest, 'schema' | keyof BackupPlace>>;
};

export type DiffDocument = BackupDifference & {
  readonly from: ComparedFields;
  readonly to: ComparedFields;
  /** Whether no difference was found. Rows are not compared. */
  readonly same: boolean;
};

/** One of two backups that are compared. */
export type ComparedFields = Pick<
  Backup,
  'database' | 'name' | 'path' | 'startedAt' | 'state' | 'sizeBytes'
> &
  Pick<ManifestFile, 'uncompressedBytes'>;

/** SQL that was written into a file. */
export type ExtractDocument = Pick<Extracted, 'path' | 'sqlBytes' | 'readBytes' | 'proof'> & {
  /** Those that were asked for, tables or views. Absent: all that the backup holds. */
  readonly tables: readonly string[] | undefined;
  /** Only definitions, or only rows. Absent: both. */
  readonly only: ExtractOnly | undefined;
  readonly backup: Pick<Backup, 'database' | 'name' | 'path' | 'sizeBytes'>;
};

export interface VerifyDocument {
  /** One for each backup. */
  readonly results: readonly VerifiedFields[];
}

/** What came of reading a backup to its end. What is unknown because that failed is left out. */
export type VerifiedFields = IfKnown<
  Pick<Backup, 'name' | 'database' | 'path' | 'sizeBytes' | 'state'> & Proof
> & {
  /** As `restore` takes it; `-` for stdin. */
  readonly reference: string;
  readonly ok: boolean;
  /** Of SQL. */
  readonly uncompressedBytes: number | undefined;
  /** Lower-case hex, of the file as it was read. */
  readonly sha256: string | undefined;
  readonly hasManifest: boolean | undefined;
  /** How many. */
  readonly tables: number | undefined;
  readonly counts: ObjectCounts | undefined;
  /** What is honest but should be known, by line of the SQL; the first 20 of each kind. */
  readonly warnings: readonly DumpRemark[] | undefined;
  readonly durationMs: number;
  /** Absent when none was asked for, or it failed. */
  readonly rehearsal: Rehearsal | undefined;
  readonly error: Failure | undefined;
};

export type PruneDocument = PrunedFields & {
  /** Nothing was removed: this is what would be. */
  readonly dryRun?: true;
  /** Only if not `ok`. */
  readonly failures?: readonly DatabaseFailure[];
};

/** What stays, and what goes. */
export interface PrunedFields {
  /** The rules, each as its flag `--keep-…` takes it. */
  readonly policy: Readonly<Partial<Record<PeriodRule, string>>> & {
    readonly within: string | undefined;
    readonly safety: string;
    /** true: good backups without a copy elsewhere stay, too (`--require-copy`). */
    readonly requiresCopy: true | undefined;
  };
  /** By which days, weeks and months begin: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Newest first, database after database. */
  readonly kept: readonly KeptFields[];
  /** As `kept`. */
  readonly removed: readonly PrunedBackup[];
  /** Of the files that were removed. */
  readonly freedBytes: number;
}

/** A backup that prune has looked at. */
export type PrunedBackup = Pick<
  Backup,
  'name' | 'database' | 'path' | 'label' | 'startedAt' | 'sizeBytes' | 'state' | 'problem'
>;

/** A backup that stays, and why. */
export type KeptFields = PrunedBackup & {
  /** At least one. */
  readonly reasons: readonly Reason[];
};

export type PinDocument = Pick<Backup, 'name' | 'database' | 'path'> & {
  /** Absent: it is not pinned now. */
  readonly pin: Pin | undefined;
  /** The pin that it had before. */
  readonly before: Pin | undefined;
};
