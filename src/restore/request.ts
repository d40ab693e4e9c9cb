import type { Compression } from '../compression/methods.ts';
import type { KeptTables } from '../jobs/record/kept-tables.ts';
import type { CreatedBackup } from '../dump/backup-task.ts';
import type { Connection } from '../server/connect/connection.ts';
import type { LoadAccountMode } from '../server/change/load-account-mode.ts';
import type { RestorePlan } from './plan/restore-plan.ts';

export interface RestoreRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  /** As the user gave it: `shop/latest`, `latest`, `shop/manual_…`, a unique part of a name, a path, or `-`. */
  readonly reference: string;
  /** The target; undefined: the database that the backup came from. */
  readonly to: string | undefined;
  /** Only these tables, with their triggers; undefined: all that the backup holds. */
  readonly tables: readonly string[] | undefined;
  readonly keepExtra: boolean;
  readonly safetyBackup: boolean;
  /** How long the previous tables are kept, in milliseconds; undefined or 0: they are dropped. */
  readonly keepOldMs?: number | undefined;
  /** Of the safety backup; undefined: what costs least time here. */
  readonly safetyCompression?: Compression | undefined;
  /** What of the target the server cannot open is left out of the safety backup. */
  readonly skipBroken: boolean;
  /** Into the target itself, table after table. */
  readonly inPlace: boolean;
  /** How many connections load. */
  readonly connections: number;
  /** Whether rows are loaded by an account that may do nothing else. */
  readonly loadAccount: LoadAccountMode;
  readonly allowIncomplete: boolean;
  /** Takes tables that are tied to something outside their database. */
  readonly allowOutside?: boolean;
  /**
   * Takes statements that no dump program writes, as far as they concern only rows of the backup's own tables. The plan
   * has them, and `confirm` must have shown them to somebody who agreed.
   */
  readonly allowUnsafe?: boolean;
  /** Takes a safety backup that was made on another server. */
  readonly fromOtherServer?: boolean;
  /** Leave users and grants of the file out, instead of refusing it. */
  readonly skipAccounts?: boolean;
  /** Of a file of several databases: this one alone. */
  readonly fromDatabase?: string | undefined;
  /** The restore that this one is to undo. */
  readonly undoes?: ToUndo | undefined;
  readonly lockWaitMs: number;
  /** Arguments with which a further command reaches the same directory and server; no secret among them. */
  readonly sameServer: readonly string[];
  /** Asked once, after the plan is made and before anything is touched. Rejects with `not-confirmed` to refuse. */
  readonly confirm: (plan: RestorePlan) => Promise<void>;
  /**
   * Given for a detached run, whose user waits for the quick checks: the lock is taken and this is asked
   * before the backup is read. Rejects as `confirm` does.
   */
  readonly confirmFirst?: ((target: ToConfirm) => Promise<void>) | undefined;
}

export interface ToUndo {
  readonly job: string;
  /**
   * Asked with the lock held, when all that others began is over.
   *
   * @param own The job that is to undo it.
   * @throws {DbBackupError} when another run has undone it in the meantime.
   */
  readonly refuseUndone: (own: string) => Promise<void>;
}

/** As much of the plan as is known without the backup. */
export interface ToConfirm {
  readonly backup: { readonly reference: string };
  readonly target: { readonly database: string };
  readonly needsConfirmation: boolean;
}

export interface RestoreOutcome {
  readonly plan: RestorePlan;
  readonly job: string;
  /** Without the time that `confirm` took. */
  readonly durationMs: number;
  readonly safetyBackup: CreatedBackup | undefined;
  /** The command that brings back what was replaced; undefined when there was nothing. */
  readonly undoCommand: string | undefined;
  /** Where nothing was replaced: the SQL that removes what it brought; else undefined. */
  readonly undoSql: string | undefined;
  /** The previous tables, where they are kept on the server. */
  readonly kept: KeptTables | undefined;
  /** The tables that others wrote to after the safety backup had begun; it has them with these changes. */
  readonly lateWrites: readonly string[];
  readonly warnings: readonly string[];
}
