import { readSwapScript } from './swap-script-file.ts';
import { endSessionsOf, readTableNames } from '../../server/change/scratch-schemas.ts';
import { connectServer } from '../../server/connect/server.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import type { Connection } from '../../server/connect/connection.ts';
import type { Runtime } from '../../run/runtime.ts';
import { removeReplaced } from '../late/save-late-writes.ts';
import { settleLateWrites, type SettledWrites } from '../late/settle-late-writes.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { SwapScript } from './swap-script.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import { finishSwap } from './swap.ts';
import { endSwap } from '../keep/end-swap.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import { hasSwapped } from './table-holdings.ts';
import { rollBackSwap } from './roll-back-swap.ts';
import { completingByHand } from './swap-by-hand.ts';

/**
 * Recovers an interrupted restore through a staging schema: completes it when its tables are in place, rolls it back
 * when they are not.
 *
 * @param journal Called with each step before it is done.
 * @returns `completed`: the target is what the backup holds; where what others wrote late could not be saved, the old
 *   tables are still there, and so is the journal. `rolled back`: it is unchanged.
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
  },
  journal: Journal,
  runtime: Runtime,
): Promise<RecoveredSwap> {
  const { swap } = request;
  const outcome = await recoverTables(request, journal, runtime);
  if (outcome === 'rolled back' || swap.step === 'clearing') {
    // The schemas that would tell how far it had come are about to go.
    await journal({ ...swap, step: outcome === 'completed' ? 'clearing' : 'staging' });
    if (outcome === 'completed') await removeReplaced(request, runtime);
    await clear(request, outcome, journal, runtime);
    return outcome === 'completed'
      ? { outcome, writes: { outcome: 'saved', renewed: undefined } }
      : { outcome };
  }
  const writes = await settleLateWrites(request, journal, runtime);
  if (writes.outcome === 'saved') await clear(request, outcome, journal, runtime);
  return { outcome, writes };
}

/** How an interrupted swap was ended. */
export type RecoveredSwap =
  { readonly outcome: 'rolled back' } | { readonly outcome: 'completed'; readonly writes: SettledWrites };

async function clear(
  request: Parameters<typeof recoverSwap>[0],
  outcome: RecoveredSwap['outcome'],
  journal: Journal,
  runtime: Runtime,
): Promise<void> {
  const { connection, directory, job, database, swap } = request;
  // For that it need not be readable: it only knows names that a server may have kept which was killed.
  const script = request.script ?? (await readSwapScript(directory, job, runtime).catch(() => undefined));
  const ended = { directory, job, database, swap, script, isCompleted: outcome === 'completed' };
  let kept: KeptTables | undefined;
  {
    await using server = await connectServer(connection, runtime.signal);
    kept = await endSwap(server, ended, runtime);
  }
  await journal(undefined, kept);
}

/** Resolves when it is on disk. @param kept When the swap is over: what is kept of it. */
export type Journal = (step: SwapJournal | undefined, kept?: KeptTables) => Promise<void>;

function warningTo({ onProgress }: Runtime): (message: string) => void {
  return (message) => {
    onProgress({ kind: 'warning', message });
  };
}

async function recoverTables(
  request: Parameters<typeof recoverSwap>[0],
  journal: (step: SwapJournal) => Promise<void>,
  runtime: Runtime,
): Promise<'completed' | 'rolled back'> {
  const { connection, swap } = request;
  const { signal } = runtime;
  if (swap.step === 'saving' || swap.step === 'clearing') return 'completed';
  if (swap.step === 'staging' && (await isStill(request, runtime))) return 'rolled back';
  const script = await readNeededScript(request, runtime);
  const whole = { connection, script, schemas: swap, onWarning: warningTo(runtime) };
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
async function isStill(request: Parameters<typeof recoverSwap>[0], runtime: Runtime): Promise<boolean> {
  const { connection, directory, job, swap } = request;
  const script = request.script ?? (await readSwapScript(directory, job, runtime).catch(() => undefined));
  if (script !== undefined) return false;
  await using server = await connectServer(connection, runtime.signal);
  return (await readTableNames(server, swap.old)).size === 0;
}

async function readNeededScript(
  request: Parameters<typeof recoverSwap>[0],
  runtime: Runtime,
): Promise<SwapScript> {
  const { directory, job, database } = request;
  if (request.script !== undefined) return request.script;
  try {
    return await readSwapScript(directory, job, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError) || error.code !== 'restore-incomplete') throw error;
    const byHand = await completingByHand(request, runtime.signal);
    throw new DbBackupError(
      error.code,
      `${error.message} So the restore ${job} of ${database} can be neither completed nor rolled back.`,
      { hint: [error.hint, byHand].filter((part) => part !== undefined).join('\n'), cause: error },
    );
  }
}
