import type { InterruptedRestores } from '../../dump/backup-task.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { undoCommandOf } from '../further-commands.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { RestoreRequest } from '../request.ts';
import { makeSafetyBackup, type SafetyBackup } from './safety-backup.ts';

/** How the target becomes again what it was. */
export interface WayBack {
  /** undefined: the target held nothing, or the user wanted none. Then there are no commands either. */
  readonly safety: SafetyBackup | undefined;
  /** Behind a restore that has succeeded. */
  readonly undoCommand: string | undefined;
  /** Behind one that has not. */
  readonly returnCommand: string | undefined;
}

/**
 * Makes the safety backup where the plan says so, and the commands that restore it.
 *
 * @param of.request With the directory that this run writes to.
 * @param of.elsewhereHint What to do for want of room, where that is not the one that the user named.
 * @throws {DbBackupError} `safety-backup-failed`; a cancellation keeps its code.
 */
export async function makeWayBack(
  of: {
    readonly request: RestoreRequest;
    readonly plan: RestorePlan;
    readonly job: string;
    readonly interrupted: InterruptedRestores;
    readonly elsewhereHint: string | undefined;
  },
  session: SharedSession,
  runtime: Runtime,
): Promise<WayBack> {
  const { request, plan, job, interrupted, elsewhereHint } = of;
  if (plan.safetyBackup !== 'made')
    return { safety: undefined, undoCommand: undefined, returnCommand: undefined };
  const { connection, directory, skipBroken } = request;
  const target = plan.target.database;
  const safety = await makeSafetyBackup(
    { connection, directory, target, job, interrupted, skipBroken, elsewhereHint },
    session,
    runtime,
  );
  const undoCommand = undoCommandOf(request, plan, safety, runtime);
  // What a restore leaves half done is worth no safety backup, and may be in no state to be dumped.
  const returnCommand = undoCommand && `${undoCommand} --no-safety-backup`;
  if (returnCommand !== undefined) {
    // In the log before anything is touched: whoever finds the run dead finds the way back there.
    runtime.onProgress({
      kind: 'detail',
      message: `To bring back the previous contents of ${target}: ${returnCommand}`,
    });
  }
  return { safety, undoCommand, returnCommand };
}
