import type { Renewed } from '../../dump/renew/renew-backup.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { sentence } from '../../run/sentence.ts';
import { retryLostConnection } from '../../server/connect/retry-lost-connection.ts';
import { isConnectionLost } from '../../server/connect/server-failures.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { removeReplaced, saveLateWrites, type Saving } from './save-late-writes.ts';

/** The old tables may be dropped, or must stay because what is in them alone could not be saved. */
export type SettledWrites =
  | { readonly outcome: 'saved'; readonly renewed: Renewed | undefined }
  | { readonly outcome: 'kept'; readonly error: DbBackupError };

const PATIENCE_MS = 8_000;

/** The restore in whose journal it stands. */
type Settling = Omit<Saving, 'swap'> & { readonly swap: SwapJournal };

/**
 * Saves what others wrote late, and has the new safety backup take the place of the first one; tells of both.
 *
 * @param journal Called with what the swap's journal says next.
 */
export async function settleLateWrites(
  settling: Settling,
  journal: (swap: SwapJournal) => Promise<void>,
  runtime: Runtime,
): Promise<SettledWrites> {
  const { database, job } = settling;
  try {
    await journal({ ...settling.swap, step: 'saving' });
    const renewed = await saveWithRetry(settling, runtime);
    const written = renewed?.written ?? [];
    if (written.length > 0) runtime.onProgress({ kind: 'note', message: lateWritesText(database, written) });
    const swap = clearing(settling.swap, renewed !== undefined);
    await journal(swap);
    await removeReplaced({ job, swap }, runtime);
    return { outcome: 'saved', renewed };
  } catch (error) {
    // What is interrupted tells it in its own words.
    const why: unknown = runtime.signal.aborted ? runtime.signal.reason : error;
    const known = DbBackupError.wrap(why, 'failed', `A bug in dbbackup: ${String(why)}`);
    return { outcome: 'kept', error: told(settling, known) };
  }
}

/** What the journal says when the old tables have nothing more that is needed. */
function clearing(swap: SwapJournal, isReplaced: boolean): SwapJournal {
  const { safety, returnCommand } = swap;
  return {
    ...swap,
    step: 'clearing',
    safety: safety && { ...safety, isReplaced },
    returnCommand: isReplaced ? safety?.renewed.returnCommand : returnCommand,
  };
}

/** A server that was killed comes back after a while. */
async function saveWithRetry(settling: Settling, runtime: Runtime): Promise<Renewed | undefined> {
  const isLost = (error: unknown): boolean =>
    isConnectionLost(error) || (error instanceof DbBackupError && error.code === 'unreachable');
  try {
    return await retryLostConnection(() => saveLateWrites(settling, runtime), PATIENCE_MS);
  } catch (error) {
    // The dump tool tells of it in its own way.
    if (!isLost(error) || runtime.signal.aborted) throw error;
    return await saveLateWrites(settling, runtime);
  }
}

const SHOWN_TABLES = 5;

/** Nothing to worry about, but to be known. */
function lateWritesText(database: string, written: readonly string[]): string {
  const more = written.length > SHOWN_TABLES ? ` and ${written.length - SHOWN_TABLES} more` : '';
  return `Other sessions wrote to ${database} after its safety backup had begun: ${written.slice(0, SHOWN_TABLES).join(', ')}${more}. The restored tables do not have these changes; the safety backup has them.`;
}

/** The same failure, with the state that it leaves and what to type. */
function told({ database, swap }: Settling, error: DbBackupError): DbBackupError {
  const { old, resumeCommand, safety } = swap;
  if (safety === undefined) return notCleared(database, swap, error);
  const state = `${database} is restored. What other sessions wrote to it after its safety backup had begun is not in that backup, but in the previous tables, which are kept in ${old}.`;
  const isCancelled: boolean = isCancellation(error);
  const why = isCancelled ? sentence(error.message) : `It could not be saved: ${sentence(error.message)}`;
  const again = resumeCommand === undefined ? '' : ` To save it:\n${resumeCommand}`;
  return new DbBackupError(error.code, isCancelled ? `${why} ${state}` : `${state} ${why}`, {
    hint: `If nobody needs it: DROP DATABASE ${quoteName(old)};${again}`,
    cause: error,
  });
}

/** Of a restore without a safety backup, which has no late writes. */
function notCleared(
  database: string,
  { old, resumeCommand }: SwapJournal,
  error: DbBackupError,
): DbBackupError {
  const message = `${database} is restored, but ${old} could not be settled yet; the next create or restore does it. ${sentence(error.message)}`;
  const hint = resumeCommand === undefined ? error.hint : `Or now:\n${resumeCommand}`;
  return new DbBackupError(error.code, message, { hint, cause: error });
}
