import type { ResumeOutcome } from '../../restore/recover/resume-restore.ts';
import type { RestoreOutcome } from '../../restore/request.ts';
import type { RestoreAllPlan } from '../../restore/restore-all.ts';
import type { RestorePlan } from '../../restore/plan/restore-plan.ts';
import type { SwapBackPlan, UndoOutcome, UndoPlan } from '../../restore/undo/request.ts';
import type { CreatedFields } from './backup-documents.ts';
import type { DetachedDocument, Failure } from './parts.ts';

export type RestoreDocument =
  RestoredFields | RestoredAll | RestoreDryRun | RestoreAllDryRun | Resumed | DetachedDocument;

/** What came of the restore of one database. */
export type RestoredFields = Pick<
  RestoreOutcome,
  'undoCommand' | 'undoSql' | 'kept' | 'lateWrites' | 'warnings'
> & {
  readonly restored: Pick<RestorePlan['target'], 'database' | 'endpoint'> &
    Pick<RestorePlan, 'backup' | 'method'> &
    Pick<RestoreOutcome, 'job' | 'durationMs'> & {
      /** What only the target had. */
      readonly removed: RestorePlan['removes'];
    };
  /** What was replaced. Absent: none was made. */
  readonly safetyBackup: CreatedFields | undefined;
};

/** `restore --all`. */
interface RestoredAll {
  /** Each once: those that were restored in the order of the run, then those that failed, then the rest. */
  readonly databases: readonly (RestoredOne | FailedOne | NotStartedOne)[];
  /** What of the file is not restored: system schemas. */
  readonly leftOut: readonly string[];
  /** For what failed and what was not begun. */
  readonly remainingCommands?: readonly string[];
}

type RestoredOne = RestoredFields & { readonly database: string; readonly state: 'restored' };

interface FailedOne {
  readonly database: string;
  readonly state: 'failed';
  /** With which the restore of this one alone would have ended. */
  readonly exitCode: number;
  readonly error: Failure;
}

/** Unchanged. */
interface NotStartedOne {
  readonly database: string;
  readonly state: 'not-started';
}

/** `restore --dry-run`. */
interface RestoreDryRun {
  readonly dryRun: true;
  readonly plan: RestorePlan;
}

/** `restore --all --dry-run`. */
type RestoreAllDryRun = RestoreAllPlan & { readonly dryRun: true };

/** `restore --resume`. */
interface Resumed {
  readonly resumed: ResumeOutcome;
}

export type UndoDocument = Undone | UndoDryRun;

/** What an undo brought back. */
type Undone = Pick<UndoOutcome, 'kept' | 'undoCommand' | 'warnings'> & {
  readonly undone: Pick<SwapBackPlan['target'], 'database' | 'endpoint'> &
    Pick<UndoPlan, 'restore' | 'method' | 'later'> &
    Pick<UndoOutcome, 'job' | 'durationMs'> & {
      /** Tables that were written to since the restore, as far as the server tells. Absent: not looked for. */
      readonly writtenSince: readonly string[] | undefined;
    };
  /** What was replaced. Absent: none was made. */
  readonly safetyBackup: CreatedFields | undefined;
};

/** `undo --dry-run`. */
interface UndoDryRun {
  readonly dryRun: true;
  readonly plan: UndoPlan;
}
