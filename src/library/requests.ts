import type { Compression, CompressionMethod } from '../compression/methods.ts';
import type { ExtractRequest } from '../contents/extract-request.ts';
import type { DatabaseRequest } from '../create/request.ts';
import type { DoctorRequest } from '../doctor/doctor.ts';
import type { PeriodRule } from '../prune/periods.ts';
import type { PinRequest } from '../prune/pin-backup.ts';
import type { PruneRequest } from '../prune/request.ts';
import type { RestorePlan } from '../restore/plan/restore-plan.ts';
import type { RestoreRequest } from '../restore/request.ts';
import type { UndoPlan, UndoRequest } from '../restore/undo/request.ts';
import type { SettingKey } from '../settings/table/settings-table.ts';
import type { Skip } from '../sql/definitions/skipped-objects.ts';
import type { VerifyBackupsRequest } from '../verify/verify-backups.ts';

/** `T` with the keys `K` optional. */
export type Without<T, K extends keyof T> = Omit<T, K> & {
  [P in keyof Pick<T, K>]?: T[P] | undefined;
};

export type CreateBackupRequest = Without<
  Omit<DatabaseRequest, 'compression' | 'skip' | 'prune'>,
  'database' | 'label' | 'destination' | 'allowEmpty' | 'skipBroken' | 'lockWaitMs'
> & {
  /** As `--compress` takes it, such as `zstd:6`; left out: gzip, or what the name of the destination says. */
  readonly compression?: GivenCompression | undefined;
  /** Left out: nothing. */
  readonly skip?: Partial<Skip> | undefined;
};

type GivenCompression = Compression | CompressionMethod | `${CompressionMethod}:${number}`;

export type RestoreBackupRequest = Without<
  Omit<RestoreRequest, 'confirm' | 'confirmFirst' | 'safetyCompression' | 'undoes'>,
  | 'to'
  | 'tables'
  | 'keepExtra'
  | 'safetyBackup'
  | 'skipBroken'
  | 'inPlace'
  | 'loadAccount'
  | 'connections'
  | 'allowIncomplete'
  | 'allowOutside'
  | 'allowUnsafe'
  | 'fromOtherServer'
  | 'skipAccounts'
  | 'lockWaitMs'
  | 'sameServer'
> & {
  /** As `--safety-compress` takes it; left out: what costs least time. */
  readonly safetyCompression?: GivenCompression | undefined;
  /**
   * The name of the database that may be replaced; or what is asked once, after the plan is made and before anything
   * is touched, and throws to refuse. Left out: only a database that holds nothing is restored into.
   */
  readonly confirm?: string | ((plan: RestorePlan) => Promise<void> | void) | undefined;
};

export type UndoRestoreRequest = Without<
  Omit<UndoRequest, 'confirm' | 'safetyCompression'>,
  'job' | 'connections' | 'loadAccount' | 'lockWaitMs' | 'sameServer'
> & {
  /** As `--safety-compress` takes it; left out: what costs least time. */
  readonly safetyCompression?: GivenCompression | undefined;
  /** As for a restore, with the plan of the undo. */
  readonly confirm?: string | ((plan: UndoPlan) => Promise<void> | void) | undefined;
};

/** Spans are as `--keep-within` takes them: `14d`, `6mo`. */
export type PruneBackupsRequest = Without<
  Pick<PruneRequest, 'directory' | 'databases' | 'timeZone' | 'dryRun' | 'lockWaitMs'>,
  'databases' | 'timeZone' | 'dryRun' | 'lockWaitMs'
> & {
  /** By rule: how many; left out: the rule keeps nothing. At least one is needed. */
  readonly keep: Partial<Readonly<Record<PeriodRule, number | 'unlimited' | undefined>>> & {
    readonly within?: string | undefined;
    /** Left out: 14d. */
    readonly safety?: string | undefined;
    /** Keep each good backup until its manifest says that it lies elsewhere, too. */
    readonly requiresCopy?: boolean | undefined;
  };
};

export type PinBackupRequest = Omit<Without<PinRequest, 'database'>, 'pin'> & {
  readonly until?: Date | undefined;
  readonly reason?: string | undefined;
  /** Remove the pin instead. */
  readonly remove?: boolean | undefined;
};

export type VerifyRequest = Without<
  Omit<VerifyBackupsRequest, 'rehearsal'>,
  'references' | 'all' | 'allowIncomplete' | 'skipAccounts'
> & {
  /** Load them into a scratch schema as well; left out: no. */
  readonly rehearsal?:
    | Without<NonNullable<VerifyBackupsRequest['rehearsal']>, 'connections' | 'loadAccount' | 'sameServer'>
    | undefined;
};

export type ExtractBackupRequest = Without<ExtractRequest, 'tables' | 'only' | 'destination'>;

export type ExamineRequest = Without<
  DoctorRequest,
  'databases' | 'compression' | 'nodeVersion' | 'sameServer' | 'settings'
>;

/** By a flag's long name what it is given; true for a switch. */
export type Flags = Readonly<Partial<Record<SettingKey, string | number | true | undefined>>>;
