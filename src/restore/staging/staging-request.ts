import type { SafetyJournal } from '../../jobs/record/swap-journal.ts';
import type { Renewed } from '../../dump/renew/renew-backup.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import type { Journal } from '../swap/recover-swap.ts';
import type { ReplaceRequest } from '../replace/replace-request.ts';
import type { WayBack } from '../replace/way-back.ts';

export interface StagingRequest extends ReplaceRequest {
  /** Resolves when the step is on disk. */
  readonly journal: Journal;
  /** Finishes or takes back what this run leaves undone. */
  readonly resumeCommand: string;
  readonly wayBack: LateWayBack;
}

/** The way back, which is made when all is ready for the swap. */
export interface LateWayBack {
  /** @throws {DbBackupError} `safety-backup-failed`. */
  readonly make: (session: SharedSession, runtime: Runtime) => Promise<WayBack>;
  readonly journalOf: (way: WayBack) => Promise<SafetyJournal | undefined>;
  /** Through another backup of the same. */
  readonly through: (renewed: Renewed, way: WayBack) => WayBack;
}
