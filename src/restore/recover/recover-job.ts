import { dirname, join } from 'node:path';
import { amendJobFile } from '../../jobs/record/job-files.ts';
import type { InterruptedSwap, Job } from '../../jobs/record/job.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { MeasuredSchema } from '../../server/change/scratch-schemas.ts';
import { type Connection, describeEndpoint } from '../../server/connect/connection.ts';
import { connectServer } from '../../server/connect/server.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { DbBackupError } from '../../run/errors.ts';
import { removeReplaced } from '../late/save-late-writes.ts';
import { recoverSwap } from '../swap/recover-swap.ts';
import { removeLeftLoadAccounts } from './left-load-accounts.ts';
import { removeOldState } from '../keep/old-state-file.ts';
import { removeSwapScript } from '../swap/swap-script-file.ts';
import { listed } from './schemas-of-job.ts';
import { readSchemasOf } from './schemas-of-job.ts';

/** The outcome of recovering an interrupted restore. */
export interface Recovered {
  readonly outcome: 'completed' | 'rolled back';
  readonly message: string;
}

/** Why an interrupted restore cannot be recovered here: its schemas are not on this server. */
export type Unrecovered =
  /** Certainly, or probably. */
  | 'elsewhere'
  /** It was this very server, and they have been removed. */
  | 'gone'
  /** It cannot be determined which: its journal is of release 0.1.0, or the server does not identify itself. */
  | 'unknown';

/**
 * @returns the failure with which late writes could not be saved: the target is restored, and the old tables are kept.
 */
export async function recoverJob(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  job: InterruptedSwap,
  runtime: Runtime,
): Promise<Recovered | Unrecovered | DbBackupError> {
  const { id, database, swap } = job;
  const { schemas: here, identity } = await ownSchemas({ connection, directory }, job, runtime);
  if (here.length === 0) {
    const where = whereabouts(swap, connection, identity);
    const leavesNothing = swap.step === 'staging' || swap.step === 'saving' || swap.step === 'clearing';
    if (where === 'elsewhere' || !leavesNothing) return where;
    await removeReplaced({ job: id, swap }, runtime);
    await removeSwapScript(directory, id);
    await removeOldState(directory, id);
    await amendJobFile(directory, recoveredJob(job, swap));
    const message = `The restore ${id} of ${database} was interrupted and left nothing on the server.`;
    return { outcome: swap.step === 'staging' ? 'rolled back' : 'completed', message };
  }
  let last = swap;
  let keeps = false as boolean; // the callback sets it
  const recovered = await recoverSwap(
    { connection, directory, job: id, database, swap },
    (next, kept) => {
      last = next ?? last;
      keeps = kept !== undefined;
      return amendJobFile(
        directory,
        next === undefined ? { ...recoveredJob(job, last), kept } : { ...job, swap: next },
      );
    },
    runtime,
  );
  const { outcome } = recovered;
  if (recovered.outcome === 'completed' && recovered.writes.outcome === 'kept') return recovered.writes.error;
  const state =
    outcome === 'completed'
      ? `has been completed; ${database} is what the backup holds`
      : `has been rolled back; ${database} is unchanged`;
  const removed = here.filter(({ name }) => !keeps || name !== swap.old);
  const told = removed.length === 0 ? '' : ` Removed ${listed(removed)}.`;
  const message = `The restore ${id} of ${database} was interrupted and ${state}.${told}`;
  return { outcome, message };
}

/** @param last The last entry of its journal, which says how it ended. */
export function recoveredJob(job: InterruptedSwap, last: SwapJournal): Job {
  const recovered = { ...job, swap: undefined, loadAccount: undefined };
  if (last.step === 'staging') return { ...recovered, settled: 'rolled-back' };
  const { safety, returnCommand } = last;
  if (safety?.isReplaced !== true) return { ...recovered, settled: 'completed', returnCommand };
  // The backup that the job names is gone: another one, with what others wrote late, has taken its place.
  const { name, returnCommand: through } = safety.renewed;
  const result = job.result && {
    ...job.result,
    safetyBackup: renamed(safety.path, name),
    wayBack: job.result.wayBack && { ...job.result.wayBack, reference: `${job.database}/${name}` },
  };
  return { ...recovered, settled: 'completed', returnCommand: through, result };
}

/** The path of a backup of another name beside it. */
function renamed(path: string, name: string): string {
  const [extension = ''] = /\.sql(?:\.\w+)?$/.exec(path) ?? [];
  return join(dirname(path), name + extension);
}

async function ownSchemas(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  { id, loadAccount }: InterruptedSwap,
  runtime: Pick<Runtime, 'signal' | 'userId' | 'onProgress'>,
): Promise<{ readonly schemas: readonly MeasuredSchema[]; readonly identity: string | undefined }> {
  await using server = await connectServer(connection, runtime.signal);
  if (loadAccount !== undefined) await removeLeftLoadAccounts({ connection, directory }, server, runtime);
  const schemas = await readSchemasOf(server, id);
  return { schemas, identity: schemas.length > 0 ? undefined : (await readServerIdentity(server)).identity };
}

/** Of schemas that are not on this server. */
function whereabouts(
  swap: InterruptedSwap['swap'],
  connection: Connection,
  identity: string | undefined,
): Unrecovered {
  if (swap.server !== undefined && identity !== undefined)
    return swap.server === identity ? 'gone' : 'elsewhere';
  const isElsewhere = swap.endpoint !== undefined && swap.endpoint !== describeEndpoint(connection.endpoint);
  return isElsewhere ? 'elsewhere' : 'unknown';
}
