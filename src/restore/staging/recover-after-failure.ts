import { withGracePeriod } from '../../run/grace-period.ts';
import { sentence } from '../../run/sentence.ts';
import type { SwapJournal, SwapStep } from '../../jobs/record/swap-journal.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { retryLostConnection } from '../../server/connect/retry-lost-connection.ts';
import type { SettledWrites } from '../late/settle-late-writes.ts';
import { type Journal, recoverSwap, type RecoveredSwap } from '../swap/recover-swap.ts';
import type { SwapScript } from '../swap/swap-script.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';
import type { StagingRequest } from './staging-request.ts';

/** A signal or time limit wants the run to end; so does a server that is gone. */
export const CLEAN_UP_MS = 8_000;
export const CLEAN_UP_AFTER_FAILURE_MS = 600_000;

/**
 * Ends a run that failed: takes back what it began, or, when the tables have changed places already, finishes it.
 *
 * @returns how late writes were settled, when the restore could be finished.
 * @throws {DbBackupError} the failure, with the state of the target.
 */
export async function recoverAfterFailure(
  error: unknown,
  at: {
    readonly request: Pick<
      StagingRequest,
      'connection' | 'directory' | 'job' | 'target' | 'journal' | 'resumeCommand'
    > & {
      readonly plan: Pick<RestorePlan, 'createsDatabase'>;
    };
    readonly schemas: Omit<SwapJournal, 'step'>;
    readonly step: SwapStep | undefined;
    /** As this run has written it. */
    readonly script: SwapScript | undefined;
    /** The server did not let the staging schema be made. */
    readonly isStageRefused: boolean;
  },
  runtime: Runtime,
): Promise<SettledWrites> {
  const { request, schemas, step, script, isStageRefused } = at;
  const { connection, directory, job, target } = request;
  const { returnCommand } = schemas;
  const known = DbBackupError.wrap(error, 'failed', `A bug in dbbackup: ${String(error)}`);
  const told = (code: 'restore-failed' | 'restore-incomplete', state: string, hint?: string): DbBackupError =>
    new DbBackupError(keepsCode(known, code) ? known.code : code, `${sentence(known.message)} ${state}`, {
      hint: [known.hint, hint].filter((part) => part !== undefined).join(' ') || undefined,
      cause: error,
    });
  const asItWas = `${target} ${request.plan.createsDatabase ? 'was not created' : 'is unchanged'}.`;
  if (isStageRefused) await request.journal(undefined).catch(() => undefined); // told below, and by `--resume`
  if (step === undefined || isStageRefused) throw told('restore-failed', asItWas);
  try {
    const recovered = await recoverPatiently(
      { connection, directory, job, database: target, swap: { step, ...schemas }, script },
      request.journal,
      known,
      runtime,
    );
    if (recovered.outcome === 'rolled back') throw told('restore-failed', asItWas);
    runtime.onProgress({
      kind: 'warning',
      message: `The restore completed despite this error: ${known.message}`,
    });
    return recovered.writes;
  } catch (failure) {
    if (failure instanceof DbBackupError && failure.cause === error) throw failure;
    // Whatever it says to type is all that helps: trying again would end in the same way.
    if (failure instanceof DbBackupError && failure.code === 'restore-incomplete') {
      const code = isCancellation(known) ? known.code : failure.code;
      const message =
        known.code === failure.code ? failure.message : `${sentence(known.message)} ${failure.message}`;
      throw new DbBackupError(code, message, { hint: failure.hint, cause: error });
    }
    const why = failure instanceof Error ? failure.message : String(failure);
    runtime.onProgress({ kind: 'detail', message: `The restore could not be rolled back: ${why}` });
    if (step === 'staging') {
      const left =
        schemas.undoes === undefined
          ? `The staging schema ${schemas.stage} is still on the server; the next restore of ${target} removes it.`
          : `${schemas.old} may still be on the server; the next restore of ${target} removes it.`;
      throw told('restore-failed', asItWas, left);
    }
    const back =
      returnCommand === undefined ? '' : `\nTo bring back its previous contents instead:\n${returnCommand}`;
    throw told(
      'restore-incomplete',
      `${target} may be partly restored.`,
      `To complete it or roll it back:\n${request.resumeCommand}${back}`,
    );
  }
}

/** Of a target that is as it was, these tell more than that the restore failed. */
function keepsCode(known: DbBackupError, code: 'restore-failed' | 'restore-incomplete'): boolean {
  const tellsMore = known.code === 'unsafe' || known.code === 'safety-backup-failed';
  return (tellsMore && code === 'restore-failed') || isCancellation(known);
}

function takenTooLong(): DbBackupError {
  return new DbBackupError('failed', `It took longer than ${CLEAN_UP_AFTER_FAILURE_MS / 60_000} minutes.`);
}

/** Aborted with a reason of ours: the system's own would be taken for a bug. */
function timeLimit(ms: number, reason: DbBackupError): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => {
    limit.abort(reason);
  }, ms).unref();
  return limit.signal;
}

async function recoverPatiently(
  request: Parameters<typeof recoverSwap>[0],
  write: Journal,
  known: DbBackupError,
  runtime: Runtime,
): Promise<RecoveredSwap> {
  // The end of a run that was cancelled is short, and so is what is left of this one when it is cancelled now.
  const signal = AbortSignal.any([
    withGracePeriod(runtime.signal, CLEAN_UP_MS),
    isCancellation(known)
      ? timeLimit(CLEAN_UP_MS, known)
      : timeLimit(CLEAN_UP_AFTER_FAILURE_MS, takenTooLong()),
  ]);
  let { swap } = request;
  const journal: Journal = async (next, kept) => {
    await write(next, kept);
    swap = next ?? swap; // the next try goes on from there
  };
  const limited = { ...runtime, signal };
  return retryLostConnection(() => recoverSwap({ ...request, swap }, journal, limited), CLEAN_UP_MS);
}
