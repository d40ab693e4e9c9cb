import type { Connection } from '../model/connection.ts';
import type { RestorePlan } from '../model/restore-plan.ts';
import type { CreatedBackup } from './create.ts';
import type { Runtime } from './runtime.ts';

export interface RestoreRequest {
  readonly connection: Connection;
  /** The backup directory, absolute. */
  readonly directory: string;
  /** As the user gave it: `shop/latest`, `latest`, `shop/manual_…`, a unique part of a name, a path, or `-`. */
  readonly reference: string;
  /** The target; undefined: the database that the backup came from. */
  readonly to: string | undefined;
  readonly keepExtra: boolean;
  readonly safetyBackup: boolean;
  readonly allowIncomplete: boolean;
  readonly lockWaitMs: number;
  /** Asked once, after the plan is made and before anything is touched. Rejects with `not-confirmed` to refuse. */
  readonly confirm: (plan: RestorePlan) => Promise<void>;
}

export interface RestoreOutcome {
  readonly plan: RestorePlan;
  readonly job: string;
  readonly durationMs: number;
  readonly safetyBackup: CreatedBackup | undefined;
  /** The command that brings back what was replaced; undefined when there was nothing. */
  readonly undoCommand: string | undefined;
  readonly warnings: readonly string[];
}

export async function restoreBackup(_request: RestoreRequest, _runtime: Runtime): Promise<RestoreOutcome> {
  return Promise.reject(new Error('being written'));
}

/** For `--dry-run`: verifies the backup and says what the restore would do; touches nothing. */
export async function planRestore(
  _request: Omit<RestoreRequest, 'confirm'>,
  _runtime: Runtime,
): Promise<RestorePlan> {
  return Promise.reject(new Error('being written'));
}
