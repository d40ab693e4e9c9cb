import { readAllJobs } from '../../jobs/read-jobs.ts';
import type { Job } from '../../jobs/record/job.ts';
import { isKeeping, type KeepingJob } from '../../jobs/record/keeping-job.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { readTableNames } from '../../server/change/scratch-schemas.ts';
import type { Server } from '../../server/connect/server.ts';
import { SharedSession } from '../../server/session/shared-session.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { readOldState } from '../keep/old-state-file.ts';
import type { OldState } from '../keep/old-state.ts';
import { isKeptHere } from '../keep/remove-expired.ts';
import { laterRestores } from './other-restores.ts';
import { planSwapBack } from './plan-swap-back.ts';
import type { RestoreBackPlan, SwapBackPlan, UndoRequest } from './request.ts';

/** A request in the directory that has the job, to which the printed commands lead as well. */
export type Here<T> = T & {
  /** That the user named: other runs may have written there, and not where the job is. */
  readonly named: string;
};

/** Every job that may have to do with it, newest first. What cannot be read was told before. */
export async function jobsAround({ named }: Here<object>, runtime: Runtime): ReturnType<typeof readAllJobs> {
  return readAllJobs(named, { ...runtime, onProgress: () => undefined });
}

/** Tables that can be swapped back. */
export interface SwapWay {
  readonly job: KeepingJob;
  readonly state: OldState;
  readonly plan: SwapBackPlan;
}

/** Why they cannot. */
export type NoSwapWay = Pick<RestoreBackPlan, 'because' | 'hint'>;

/**
 * How a restore is undone.
 *
 * @throws {DbBackupError} `not-found` when its tables are kept on another server; as `planSwapBack`.
 */
export async function chooseWay(
  request: Here<Omit<UndoRequest, 'confirm'>>,
  job: Job,
  runtime: Runtime,
): Promise<SwapWay | NoSwapWay> {
  if (!isKeeping(job)) return { because: 'its previous tables were not kept', hint: undefined };
  const { connection, directory } = request;
  await using session = new SharedSession(connection, runtime.signal);
  const server = await session.open();
  if (!(await isKeptHere(job, connection, server))) {
    throw new DbBackupError(
      'not-found',
      `The previous tables of the restore ${job.id} are not on this server.`,
      {
        hint: `Connect to the server that it ran on${job.kept.endpoint === undefined ? '' : `: ${job.kept.endpoint}`}.`,
      },
    );
  }
  let state: OldState;
  try {
    state = await readOldState(directory, job.id, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    const hint = error.hint ?? (await whereTheyAre(job, server));
    return { because: error.message.replace(/\.$/, ''), hint };
  }
  const later = laterRestores(job, await jobsAround(request, runtime));
  const plan = await planSwapBack({ ...request, later }, job, state, server);
  return typeof plan === 'string' ? { because: plan, hint: undefined } : { job, state, plan };
}

/** What can be done with kept tables of which nothing else is known. */
async function whereTheyAre({ id, database }: KeepingJob, server: Server): Promise<string | undefined> {
  const schema = scratchSchemas(id).old;
  const [table] = await readTableNames(server, schema);
  if (table === undefined) return undefined;
  const [from, to] = [schema, database].map((name) => `${quoteName(name)}.${quoteName(table)}`);
  return `The tables themselves are in ${schema}. To move one of them by hand: RENAME TABLE ${from ?? ''} TO ${to ?? ''};`;
}
