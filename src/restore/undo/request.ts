import type { Compression } from '../../compression/methods.ts';
import type { CreatedBackup } from '../../dump/backup-task.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { LoadAccountMode } from '../../server/change/load-account-mode.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { KeepingPlan, RestorePlan } from '../plan/restore-plan.ts';

export interface UndoRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  /** The restore to undo, or a unique beginning of its id; undefined: the last one of the connection's database. */
  readonly job: string | undefined;
  /**
   * How long what the undo replaces is kept, in milliseconds; undefined: as long as the restore kept what it replaced.
   * 0 is refused where tables are swapped back, of which no backup is made.
   */
  readonly keepOldMs?: number | undefined;
  /** Of a restore of the safety backup, as of any restore. */
  readonly connections: number;
  readonly loadAccount: LoadAccountMode;
  readonly safetyCompression?: Compression | undefined;
  readonly lockWaitMs: number;
  /** Arguments with which a further command reaches the same directory and server; no secret among them. */
  readonly sameServer: readonly string[];
  /** Asked once, after the plan is made and before anything is touched. Rejects with `not-confirmed` to refuse. */
  readonly confirm: (plan: UndoPlan) => Promise<void>;
}

/** What an undo would do. */
export type UndoPlan = SwapBackPlan | RestoreBackPlan;

/** The previous tables are swapped back. */
export interface SwapBackPlan {
  readonly method: 'swap';
  readonly restore: UndoneRestore;
  /** Restores that came after it and still stand, oldest first: what they brought goes, too. */
  readonly later: readonly UndoneRestore[];
  readonly target: Pick<RestorePlan['target'], 'database' | 'endpoint' | 'server' | 'exists' | 'holds'>;
  /** What comes back. */
  readonly brings: ObjectNames;
  /** What the target has and does not have afterwards. */
  readonly removes: ObjectNames;
  /** These alone are replaced; undefined: all. */
  readonly onlyTables: readonly string[] | undefined;
  /** Tables that were written to since the restore, as far as the server tells. */
  readonly writtenSince: readonly string[];
  /** What is replaced stays on the server, for a redo; undefined: nothing is replaced. */
  readonly keeping: KeepingPlan | undefined;
  readonly createsDatabase: boolean;
  readonly needsConfirmation: boolean;
  readonly warnings: readonly string[];
}

/** The safety backup is restored. */
export interface RestoreBackPlan {
  readonly method: 'restore';
  readonly restore: UndoneRestore;
  /** As of `SwapBackPlan`. */
  readonly later: readonly UndoneRestore[];
  /** Why the tables are not swapped back. */
  readonly because: string;
  /** What would help against that. */
  readonly hint: string | undefined;
  readonly plan: RestorePlan;
}

/** The restore that is undone, or one that came later. */
export interface UndoneRestore {
  readonly job: string;
  readonly database: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** The backup that it restored. undefined: it was an undo itself, or was completed by a later run. */
  readonly backup: string | undefined;
  /** The restore that it had undone itself. */
  readonly undoes: string | undefined;
}

export interface UndoOutcome {
  readonly plan: UndoPlan;
  readonly job: string;
  /** Without the time that `confirm` took. */
  readonly durationMs: number;
  /** What was replaced, where it is kept on the server. */
  readonly kept: KeptTables | undefined;
  readonly safetyBackup: CreatedBackup | undefined;
  /** The command that undoes the undo; undefined: nothing does. */
  readonly undoCommand: string | undefined;
  readonly warnings: readonly string[];
}
