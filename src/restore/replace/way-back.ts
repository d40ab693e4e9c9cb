import { freeBackupName } from '../../backups/directory/prepare-directory.ts';
import { readBackups } from '../../backups/directory/read-backups.ts';
import { newestFirst } from '../../backups/record/backup.ts';
import { SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import type { Compression } from '../../compression/methods.ts';
import type { InterruptedRestores } from '../../dump/backup-task.ts';
import type { Renewed } from '../../dump/renew/renew-backup.ts';
import type { RecordedWayBack } from '../../jobs/record/job.ts';
import type { SafetyJournal } from '../../jobs/record/swap-journal.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { returnCommandOf, undoCommandOf, wayBackOf } from '../further-commands.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { RestoreRequest } from '../request.ts';
import {
  checkSafetyBackup,
  makeSafetyBackup,
  type SafetyBackup,
  type SafetyRequest,
} from './safety-backup.ts';

/** How the target becomes again what it was. */
export interface WayBack {
  /** undefined: the target held nothing, or the user wanted none. Then there are no commands either. */
  readonly safety: SafetyBackup | undefined;
  /** For the record of the restore. */
  readonly recorded: RecordedWayBack | undefined;
  /** Behind a restore that has succeeded. */
  readonly undoCommand: string | undefined;
  /** Behind one that has not. */
  readonly returnCommand: string | undefined;
  /** The tables that others wrote to after the safety backup had begun, and that it has with these changes. */
  readonly lateWrites: readonly string[];
}

export const NO_WAY_BACK: WayBack = {
  ...{ safety: undefined, recorded: undefined, undoCommand: undefined, returnCommand: undefined },
  lateWrites: [],
};

/** What is to be known of a restore to make its way back. */
export interface WayBackRequest {
  /** With the directory that this run writes to. */
  readonly request: RestoreRequest;
  readonly plan: RestorePlan;
  readonly job: string;
  readonly interrupted: InterruptedRestores;
  readonly compression: Compression;
  /** What to do for want of room, where the directory is not the one that the user named. */
  readonly elsewhereHint: string | undefined;
}

/**
 * Looks for what would keep a way back from being made later.
 *
 * @returns how long it will take to make it, in milliseconds; undefined: nobody knows.
 * @throws {DbBackupError} `safety-backup-failed`; a cancellation keeps its code.
 */
export async function checkWayBack(
  of: WayBackRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<number | undefined> {
  if (of.plan.safetyBackup !== 'made') return 0;
  const { estimatedBytes } = await checkSafetyBackup(safetyOf(of), session, runtime);
  const { directory } = of.request;
  const last = [...(await readBackups(directory, of.plan.target.database))]
    .sort(newestFirst)
    .find(({ manifest }) => manifest !== undefined && manifest.file.uncompressedBytes > 0)?.manifest;
  return last && Math.round((last.durationMs * estimatedBytes) / last.file.uncompressedBytes);
}

/**
 * Makes the safety backup where the plan says so, and the commands that restore it.
 *
 * @throws {DbBackupError} `safety-backup-failed`; a cancellation keeps its code.
 */
export async function makeWayBack(
  of: WayBackRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<WayBack> {
  if (of.plan.safetyBackup !== 'made') return NO_WAY_BACK;
  const safety = await makeSafetyBackup(safetyOf(of), session, runtime);
  const way = wayTo(of, safety, runtime);
  if (way.returnCommand !== undefined) {
    // In the log before anything is touched: whoever finds the run dead finds the way back there.
    runtime.onProgress({
      kind: 'detail',
      message: `To bring back the previous contents of ${of.plan.target.database}: ${way.returnCommand}`,
    });
  }
  return way;
}

/** The way back through another backup of the same, which has taken the safety backup's place. */
export function wayThrough(
  { backup, written }: Renewed,
  { safety }: WayBack,
  of: WayBackRequest,
  runtime: Runtime,
): WayBack {
  if (safety === undefined) throw new Error('There is no safety backup whose place could be taken.');
  return { ...wayTo(of, { ...safety, backup }, runtime), lateWrites: written };
}

function wayTo(of: WayBackRequest, safety: SafetyBackup, runtime: Runtime): WayBack {
  return { safety, ...commandsTo(of, safety.backup.manifest, safety, runtime), lateWrites: [] };
}

function commandsTo(
  { request, plan, job }: WayBackRequest,
  { database, name }: { readonly database: string; readonly name: string },
  { tiesOutside }: SafetyBackup,
  runtime: Runtime,
): Pick<WayBack, 'recorded' | 'undoCommand' | 'returnCommand'> {
  const recorded = wayBackOf(request, plan, { database, name, tiesOutside });
  const target = plan.target.database;
  return {
    recorded,
    undoCommand: recorded && undoCommandOf(request, { job, database: target }, runtime),
    returnCommand: recorded && returnCommandOf(request, recorded, target, runtime),
  };
}

/** What the journal says of a safety backup: all that is needed to make another one of it. */
export async function journalOf(
  { safety }: WayBack,
  of: WayBackRequest,
  runtime: Runtime,
): Promise<SafetyJournal | undefined> {
  if (safety === undefined) return undefined;
  const { path, manifest } = safety.backup;
  const { database } = manifest;
  // Not of the same second, and nobody waits for the next one now.
  const soonest = Math.max(runtime.now().getTime(), new Date(manifest.startedAt).getTime() + 1_000);
  const { name, at } = await nextFreeName(of.request.directory, database, soonest);
  const { returnCommand } = commandsTo(of, { database, name }, safety, runtime);
  const renewed = { name, at: at.toISOString(), returnCommand };
  return { path, settledBefore: safety.snapshot.settledBefore, renewed };
}

async function nextFreeName(
  directory: string,
  database: string,
  soonestMs: number,
): Promise<{ readonly name: string; readonly at: Date }> {
  for (let ms = soonestMs; ; ms += 1_000) {
    const at = new Date(ms);
    const name = await freeBackupName(directory, database, SAFETY_LABEL, at);
    if (name !== undefined) return { name, at };
  }
}

function safetyOf({
  request,
  plan,
  job,
  interrupted,
  compression,
  elsewhereHint,
}: WayBackRequest): SafetyRequest {
  const { connection, directory, skipBroken } = request;
  const target = plan.target.database;
  const isLate = plan.method === 'staging';
  return { connection, directory, target, job, interrupted, skipBroken, compression, isLate, elsewhereHint };
}
