import { listDatabaseFolders, lockPath } from '../backups/directory/layout.ts';
import { placesOfJobs, standInOf } from '../backups/directory/stand-in-directory.ts';
import { readLock, recordOf } from '../locks/lock-file.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import { DbBackupError, inOneLine } from '../run/errors.ts';
import { isJobId } from '../run/job-id.ts';
import type { Runtime } from '../run/runtime.ts';
import { readJobFile, readJobFiles, readJobLog } from './record/job-files.ts';
import { isUnderWay, type Job } from './record/job.ts';

/**
 * One job by its id or a unique beginning of it; also one of a run that could only read the backup directory.
 *
 * @throws {DbBackupError} `not-found`, naming recent ids.
 */
export async function readJob(
  request: { readonly directory: string; readonly id: string },
  runtime: Runtime,
): Promise<ReadJob> {
  try {
    return await readJobIn(request, runtime);
  } catch (error) {
    const isUnseen =
      error instanceof DbBackupError && (error.code === 'not-found' || error.code === 'no-space');
    const standIn = isUnseen ? await standInOf(request.directory, runtime) : undefined;
    if (standIn === undefined) throw error;
    return await readJobIn({ ...request, directory: standIn }, runtime).catch(() => {
      throw error;
    });
  }
}

/**
 * All jobs, newest first, each in its true state.
 *
 * @throws {DbBackupError} `no-space` when their folder cannot be read.
 */
export async function readJobs(directory: string, runtime: Runtime): Promise<readonly Job[]> {
  const { jobs, unreadable } = await readJobFiles(directory, runtime.userId);
  for (const { id, failure } of unreadable) {
    const message = failure ? inOneLine(failure) : `The state file of job ${id} cannot be read.`;
    runtime.onProgress({ kind: 'warning', message });
  }
  const truthful = await inTrueState(jobs, directory, runtime);
  return truthful.toSorted(newestFirst);
}

/** A job, and the directory it is kept in. */
export interface FoundJob {
  readonly job: Job;
  readonly directory: string;
}

/**
 * The same with those of runs that could only read the backup directory.
 *
 * @throws {DbBackupError} `no-space` when the folder of its jobs cannot be read, and there are no others.
 */
export async function readAllJobs(directory: string, runtime: Runtime): Promise<readonly FoundJob[]> {
  const standIn = await standInOf(directory, runtime);
  const own = await readJobs(directory, runtime).catch((error: unknown) => {
    if (standIn === undefined || !(error instanceof DbBackupError)) throw error;
    runtime.onProgress({ kind: 'warning', message: inOneLine(error) });
    return [];
  });
  const others = standIn === undefined ? [] : await readJobs(standIn, runtime);
  return [
    ...own.map((job) => ({ job, directory })),
    ...others.map((job) => ({ job, directory: standIn ?? directory })),
  ].sort((a, b) => newestFirst(a.job, b.job));
}

/** All jobs, those of runs that could only read the backup directory, too, as far as they can be read; what cannot is a warning. */
export async function readReadableJobs(directory: string, runtime: Runtime): Promise<readonly FoundJob[]> {
  const found: FoundJob[] = [];
  for (const place of await placesOfJobs(directory, runtime)) {
    try {
      for (const job of await readJobs(place, runtime)) found.push({ job, directory: place });
    } catch (error) {
      if (!(error instanceof DbBackupError)) throw error;
      runtime.onProgress({ kind: 'warning', message: inOneLine(error) });
    }
  }
  return found.sort((a, b) => newestFirst(a.job, b.job));
}

/** What tells whether the process of a job can be checked from here. */
export type ThisProcess = Pick<Runtime, 'pid' | 'hostName' | 'userName' | 'userId'>;

/** The same jobs; one that claims to be running but is not becomes `interrupted`. */
export async function inTrueState(
  jobs: readonly Job[],
  directory: string,
  { pid, hostName, userName, userId }: ThisProcess,
): Promise<readonly Job[]> {
  if (!jobs.some(isUnderWay)) return jobs;
  const self = await identifyProcess(pid, hostName, userName);
  const locked = await lockedJobs(directory);
  return Promise.all(
    jobs.map(async (job): Promise<Job> => {
      if (!isUnderWay(job)) return job;
      const liveness = await judgeProcess(job.process, self);
      // Where the process cannot be checked (another host), a lock that it still holds counts as alive.
      const alive = liveness === 'alive' || (liveness === 'unknown' && locked.has(job.id));
      if (alive) return liveness === 'unknown' ? { ...job, unproven: true } : job;
      // It may have ended since its file was read: then the file has the outcome.
      const last = (await readJobFile(directory, job.id, userId)) ?? job;
      if (!isUnderWay(last)) return last;
      // A rehearsal has no lock here that would show whether it is alive.
      const isUnproven = liveness === 'unknown' && job.operation === 'verify';
      return { ...last, state: 'interrupted', ...(isUnproven && { unproven: true }) };
    }),
  );
}

async function lockedJobs(directory: string): Promise<ReadonlySet<string>> {
  const databases = await listDatabaseFolders(directory);
  const records = await Promise.all(
    // A folder that this login cannot read says nothing about running jobs.
    databases.map((database) => readLock(lockPath(directory, database)).catch(() => undefined)),
  );
  return new Set(records.flatMap((state) => recordOf(state)?.job ?? []));
}

/** A job with the text of its log. */
export interface ReadJob extends FoundJob {
  readonly log: string;
}

export async function readJobIn(
  request: { readonly directory: string; readonly id: string },
  runtime: Runtime,
): Promise<ReadJob> {
  const { directory, id } = request;
  const known = isJobId(id)
    ? await readJobFile(directory, id, runtime.userId).catch(undefinedIfDamaged)
    : undefined;
  if (known !== undefined) {
    const [job = known] = await inTrueState([known], directory, runtime);
    return { job, log: readJobLog(directory, job.id), directory };
  }
  const jobs = await readJobs(directory, runtime);
  const matching = id === '' ? [] : jobs.filter((job) => job.id.startsWith(id));
  const job = matching.find((candidate) => candidate.id === id) ?? matching[0];
  if (job === undefined || (matching.length > 1 && job.id !== id)) {
    const recent = (matching.length > 1 ? matching : jobs).slice(0, 5).map((candidate) => candidate.id);
    throw new DbBackupError(
      'not-found',
      matching.length > 1
        ? `More than one job id begins with ${id}.`
        : `There is no job ${id} in ${directory}.`,
      {
        hint:
          recent.length === 0
            ? `There are no jobs in --dir ${directory}.`
            : `Recent jobs: ${recent.join(', ')}.`,
      },
    );
  }
  return { job, log: readJobLog(directory, job.id), directory };
}

export function newestFirst(a: Job, b: Job): number {
  return b.startedAt.localeCompare(a.startedAt) || b.id.localeCompare(a.id);
}

export function undefinedIfDamaged(error: unknown): undefined {
  if (error instanceof DbBackupError) throw error;
}
