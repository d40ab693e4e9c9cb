import prettyBytes from 'pretty-bytes';
import { amendJobFile, listJobIds, readJobFile, readJobFiles } from '../../jobs/record/job-files.ts';
import { removeSwapScript } from '../swap/swap-script-file.ts';
import {
  dropScratchSchema,
  measureSchemas,
  readScratchSchemas,
} from '../../server/change/scratch-schemas.ts';
import type { MeasuredSchema } from '../../server/change/scratch-schemas.ts';
import { connectServer } from '../../server/connect/server.ts';
import { readServerIdentity } from '../../server/instance/read-server-identity.ts';
import type { Server } from '../../server/connect/server.ts';
import { ServerStatementError } from '../../server/connect/server-failures.ts';
import { isJobLockFree } from '../../locks/server-lock.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { isUnderWay, isUnsettled, leavesSomething, rehearsalsAmong } from '../../jobs/record/job.ts';
import type { Job, UnsettledJob } from '../../jobs/record/job.ts';
import { quoteName } from '../../backups/record/backup-name.ts';
import { scratchSchemas } from '../swap/swap-script.ts';
import type { SwapJournal } from '../swap/swap-script.ts';
import type { Runtime } from '../../run/runtime.ts';
import { settleSwap } from '../swap/settle-swap.ts';

/**
 * By backup directory, the jobs that have ended and left nothing: they stay so, and `create -A` asks for each database.
 */
const settledJobs = new Map<string, ReadonlySet<string>>();

/** Restores of a database that have left something to be finished or taken back; oldest first. */
export async function readUnsettled(directory: string, database: string): Promise<readonly UnsettledJob[]> {
  return (await readLeaving(directory, database)).filter(isUnsettled);
}

/** The same, with those that went in place and have left the database neither old nor new. */
export async function readLeaving(directory: string, database: string): Promise<readonly Job[]> {
  const leaving: Job[] = [];
  const known = settledJobs.get(directory);
  const settled = new Set<string>();
  for (const id of await listJobIds(directory)) {
    const job = known?.has(id) === true ? 'settled' : await readJobFile(directory, id).catch(() => undefined);
    if (job === undefined) continue; // `status` tells of one that cannot be read
    if (job === 'settled' || !(leavesSomething(job) || isUnderWay(job))) settled.add(id);
    else if (leavesSomething(job) && job.database === database) leaving.push(job);
  }
  settledJobs.set(directory, settled);
  return leaving.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/**
 * Brings to an end what dead restores of a database left half done. To be called with the lock of that database held,
 * which proves that they are dead.
 *
 * @param own The job that calls, whose own swap is under way or has not begun.
 * @throws {DbBackupError} when one cannot be settled: then nothing else should touch the database. Schemas that stay
 *   behind though it is settled are a warning.
 */
export async function recoverRestores(
  request: {
    readonly connection: Connection;
    readonly directory: string;
    readonly database: string;
    readonly own: string;
  },
  runtime: Runtime,
): Promise<void> {
  const unsettled = await readUnsettled(request.directory, request.database);
  for (const job of unsettled) {
    if (job.id === request.own) continue;
    try {
      const settled = await settleJob(request, job, runtime);
      if (typeof settled !== 'string') runtime.onProgress({ kind: 'warning', message: settled.message });
    } catch (error) {
      const now = await readUnsettled(request.directory, request.database);
      const step = now.find(({ id }) => id === job.id)?.swap.step;
      const isOver = step === 'staging' || step === 'clearing';
      if (!(isOver && error instanceof ServerStatementError)) throw error;
      const state = step === 'staging' ? 'is as it was before it' : 'is what its backup holds';
      runtime.onProgress({
        kind: 'warning',
        message: `The restore ${job.id} of ${job.database} was cut off: ${job.database} ${state}, but ${job.swap.stage} or ${job.swap.old} cannot be removed; the next create or restore tries again. (${error.message})`,
      });
    }
  }
}

/** What became of a restore that was cut off. */
export interface Settled {
  readonly outcome: 'finished' | 'taken back';
  readonly message: string;
}

/** Why a restore that was cut off cannot be settled here: its schemas are not on this server. */
export type Unsettled =
  /** For certain, or so it seems. */
  | 'elsewhere'
  /** It was this very server, and they have been removed. */
  | 'gone'
  /** Nobody can tell which: its journal is of release 0.1.0, or the server does not say who it is. */
  | 'unknown';

export async function settleJob(
  { connection, directory }: { readonly connection: Connection; readonly directory: string },
  job: UnsettledJob,
  { signal, onProgress }: Runtime,
): Promise<Settled | Unsettled> {
  const { id, database, swap } = job;
  const { schemas: here, identity } = await ownSchemas(connection, id, signal);
  if (here.length === 0) {
    const where = whereabouts(swap, connection, identity);
    const leavesNothing = swap.step === 'staging' || swap.step === 'clearing';
    if (where === 'elsewhere' || !leavesNothing) return where;
    await removeSwapScript(directory, id);
    await amendJobFile(directory, settledJob(job, swap));
    const message = `The restore ${id} of ${database} was cut off, and has left nothing on the server.`;
    return { outcome: swap.step === 'staging' ? 'taken back' : 'finished', message };
  }
  let last = swap;
  const outcome = await settleSwap(
    {
      ...{ connection, directory, job: id, database, swap },
      onWarning: (message) => {
        onProgress({ kind: 'warning', message });
      },
    },
    (next) => {
      last = next ?? last;
      return amendJobFile(directory, next === undefined ? settledJob(job, last) : { ...job, swap: next });
    },
    signal,
  );
  const state =
    outcome === 'finished'
      ? `it was finished, and ${database} is what the backup holds`
      : `it was taken back, and ${database} is as it was before`;
  const message = `The restore ${id} of ${database} was cut off: ${state}. Removed ${listed(here)}.`;
  return { outcome, message };
}

/** @param last The last entry of its journal, which says how it ended. */
function settledJob(job: UnsettledJob, last: SwapJournal): Job {
  return { ...job, swap: undefined, settled: last.step === 'staging' ? 'rolled-back' : 'completed' };
}

async function ownSchemas(
  connection: Connection,
  job: string,
  signal: AbortSignal,
): Promise<{ readonly schemas: readonly MeasuredSchema[]; readonly identity: string | undefined }> {
  await using server = await connectServer(connection, signal);
  const schemas = await readSchemasOf(server, job);
  return { schemas, identity: schemas.length > 0 ? undefined : (await readServerIdentity(server)).identity };
}

/** Of schemas that are not on this server. */
function whereabouts(
  swap: UnsettledJob['swap'],
  connection: Connection,
  identity: string | undefined,
): Unsettled {
  if (swap.server !== undefined && identity !== undefined)
    return swap.server === identity ? 'gone' : 'elsewhere';
  const isElsewhere = swap.endpoint !== undefined && swap.endpoint !== describeEndpoint(connection.endpoint);
  return isElsewhere ? 'elsewhere' : 'unknown';
}

async function readSchemasOf(server: Server, job: string): Promise<readonly MeasuredSchema[]> {
  const schemas = (await readScratchSchemas(server)).filter((schema) => schema.job === job);
  return measureSchemas(server, schemas);
}

/**
 * Removes staging schemas of dead rehearsals, and of dead restores that this backup directory knows nothing of: runs
 * from other hosts and directories. Where the schema for the old tables is there as well, a swap had begun; then both
 * are only named, since what that run left undone is known elsewhere.
 */
export async function removeStrangeLeftovers(
  directory: string,
  server: Server,
  runtime: Runtime,
): Promise<void> {
  const { jobs } = await readJobFiles(directory);
  // A rehearsal keeps no journal: nothing but its schema could be left, and whether it lives its lock tells.
  const rehearsals = rehearsalsAmong(jobs);
  // A job that knows of no schema any more was settled, maybe on another server: then this is nobody's.
  const known = new Set(
    jobs
      .filter((job) => !rehearsals.has(job.id) && (isUnsettled(job) || isUnderWay(job)))
      .map(({ id }) => id),
  );
  const strange = (await readScratchSchemas(server)).map(({ job }) => job).filter((job) => !known.has(job));
  for (const job of new Set(strange)) {
    if (!(await isJobLockFree(server, job))) continue;
    // Read again: it may have made the other one and died since.
    const schemas = await readSchemasOf(server, job);
    const isStage = schemas.every(({ name }) => name !== scratchSchemas(job).old);
    const names = listed(schemas);
    const drops = schemas.map(({ name }) => `DROP DATABASE ${quoteName(name)};`).join(' ');
    try {
      if (isStage) for (const { name } of schemas) await dropScratchSchema(server, name, []);
    } catch (error) {
      if (!(error instanceof ServerStatementError)) throw error;
      const message = `${names}, of a dead restore from elsewhere, cannot be removed; the next restore tries again, or type: ${drops} (${error.message})`;
      runtime.onProgress({ kind: 'warning', message });
      continue;
    }
    runtime.onProgress({
      kind: 'warning',
      message: isStage
        ? `Removed ${names}, the staging schema of ${rehearsals.has(job) ? 'a dead rehearsal' : 'a dead restore from elsewhere'}.`
        : `${names}: tables of a restore from elsewhere that was cut off. It is finished, or taken back, where it ran: restore --resume ${job}. If nobody needs them: ${drops}`,
    });
  }
}

function listed(schemas: readonly MeasuredSchema[]): string {
  return schemas.map(({ name, sizeBytes }) => `${name} (${prettyBytes(sizeBytes)})`).join(' and ');
}
