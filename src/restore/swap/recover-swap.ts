import { readSwapScript, removeSwapScript } from './swap-script-file.ts';
import { endSessionsOf, readTableNames } from '../../server/change/scratch-schemas.ts';
import { connectServer } from '../../server/connect/server.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { SwapScript } from './swap-script.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import { clearSwap, finishSwap } from './swap.ts';
import { hasSwapped } from './table-holdings.ts';
import { rollBackSwap } from './roll-back-swap.ts';
import { completingByHand } from './swap-by-hand.ts';

/**
 * Recovers an interrupted restore through a staging schema: completes it when its tables are in place, rolls it back
 * when they are not.
 *
 * @param journal Called with each step before it is done.
 * @returns whether the target is what the backup holds; else it is unchanged.
 * @throws {DbBackupError} when the server does not let it; then the target is between the two, and this may be
 *   called again. `restore-incomplete`, with what to type, when the script is needed and cannot be read.
 */
export async function recoverSwap(
  request: {
    readonly connection: Connection;
    readonly directory: string;
    readonly job: string;
    readonly database: string;
    readonly swap: SwapJournal;
    /** What its file says, where the run that recovers it is the one that wrote it. */
    readonly script?: SwapScript | undefined;
    readonly userId: number;
    readonly program: string;
    readonly onWarning: (message: string) => void;
  },
  journal: (step: SwapJournal | undefined) => Promise<void>,
  signal: AbortSignal,
): Promise<'completed' | 'rolled back'> {
  const { connection, directory, job, database, swap, onWarning } = request;
  const outcome = await recoverTables(request, journal, signal);
  // The schemas that would tell how far it had come are about to go.
  await journal({ ...swap, step: outcome === 'completed' ? 'clearing' : 'staging' });
  // For that it need not be readable: it only knows names that a server may have kept which was killed.
  const script = request.script ?? (await readSwapScript(directory, job, request).catch(() => undefined));
  {
    await using server = await connectServer(connection, signal);
    await clearSwap(server, { target: database, script, schemas: swap, onWarning });
  }
  await removeSwapScript(directory, job);
  await journal(undefined);
  return outcome;
}

async function recoverTables(
  request: Parameters<typeof recoverSwap>[0],
  journal: (step: SwapJournal) => Promise<void>,
  signal: AbortSignal,
): Promise<'completed' | 'rolled back'> {
  const { connection, swap, onWarning } = request;
  if (swap.step === 'clearing') return 'completed';
  if (swap.step === 'staging' && (await isStill(request, signal))) return 'rolled back';
  const whole = { connection, script: await readNeededScript(request, signal), schemas: swap, onWarning };
  {
    await using server = await connectServer(connection, signal);
    // A RENAME that still waits would come later, unseen.
    await endSessionsOf(server, swap.old);
    if (swap.step !== 'finishing' && !(await hasSwapped(server, whole))) {
      await rollBackSwap(whole, signal);
      return 'rolled back';
    }
  }
  await journal({ ...swap, step: 'finishing' });
  await using session = new SharedSession(connection, signal);
  await finishSwap(whole, session, signal);
  return 'completed';
}

/**
 * Whether the swap has not begun, as its journal says. Somebody may have put an older journal in its place: then the
 * script is there, or tables of the target have left it, which are not dropped for that.
 */
async function isStill(request: Parameters<typeof recoverSwap>[0], signal: AbortSignal): Promise<boolean> {
  const { connection, directory, job, swap } = request;
  const script = request.script ?? (await readSwapScript(directory, job, request).catch(() => undefined));
  if (script !== undefined) return false;
  await using server = await connectServer(connection, signal);
  return (await readTableNames(server, swap.old)).size === 0;
}

async function readNeededScript(
  request: Parameters<typeof recoverSwap>[0],
  signal: AbortSignal,
): Promise<SwapScript> {
  const { directory, job, database } = request;
  if (request.script !== undefined) return request.script;
  try {
    return await readSwapScript(directory, job, request);
  } catch (error) {
    if (!(error instanceof DbBackupError) || error.code !== 'restore-incomplete') throw error;
    const byHand = await completingByHand(request, signal);
    throw new DbBackupError(
      error.code,
      `${error.message} So the restore ${job} of ${database} can be neither completed nor rolled back.`,
      { hint: [error.hint, byHand].filter((part) => part !== undefined).join('\n'), cause: error },
    );
  }
}
