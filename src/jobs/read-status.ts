import { lockPath, listDatabaseFolders } from '../backups/directory/read-backups.ts';
import { readJobFile, readJobFiles, readJobLog } from './record/job-files.ts';
import { isJobId } from '../run/job-id.ts';
import { readLock, recordOf } from '../locks/lock-file.ts';
import { identifyProcess, judgeProcess } from '../locks/processes.ts';
import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { DbBackupError, inOneLine } from '../run/errors.ts';
import type { Backup } from '../backups/record/backup.ts';
import { hasRestored, isUnderWay, leavesSomething } from './record/job.ts';
import type { Job } from './record/job.ts';
import { openProblems } from './record/status.ts';
import type { DatabaseStatus, Status } from './record/status.ts';
import { readListing, warnOfUnreadable } from '../backups/directory/list-backups.ts';
import type { Runtime } from '../run/runtime.ts';
import { standInOf } from './stand-in-directory.ts';

/** What runs, what was last done, what went wrong. Needs no server. A job whose process is gone is `interrupted`. */
export async function readStatus(
  { directory }: { readonly directory: string },
  runtime: Runtime,
): Promise<Status> {
  const warnings: string[] = [];
  const status = await readAsFarAsPossible(directory, {
    ...runtime,
    onProgress(event) {
      if (event.kind === 'warning') warnings.push(event.message);
      runtime.onProgress(event);
    },
  });
  return { ...status, warnings };
}

/** What cannot be read is a warning. */
async function readAsFarAsPossible(directory: string, runtime: Runtime): Promise<Omit<Status, 'warnings'>> {
  const standIn = await standInOf(directory, runtime);
  const jobs = [
    ...(await readJobsIfReadable(directory, runtime)),
    ...(standIn === undefined ? [] : await readJobsIfReadable(standIn, runtime)),
  ].toSorted(newestFirst);
  const { backups, unreadable } = await readListing({ directory, databases: [] });
  warnOfUnreadable(unreadable, runtime.onProgress);
  // A rehearsal says something of a backup, not of a database, which need not even be there.
  const changes = jobs.filter(({ operation }) => operation !== 'verify');
  const slips = runtime.now().getTime() - SLIP_FORGOTTEN_MS;
  const isForgotten = ({ startedAt }: Job): boolean => new Date(startedAt).getTime() < slips;
  const isSlip = (job: Job): boolean =>
    (job.error?.code === 'not-found' || isVainRestore(job)) && isForgotten(job);
  const names = new Set([
    ...[...backups, ...unreadable].map(({ database }) => database),
    ...changes.filter((job) => !isSlip(job)).map(({ database }) => database),
  ]);
  const databases = [...names].sort().map((database): DatabaseStatus => {
    const own = backups.filter((backup) => backup.database === database);
    const last = own.find(({ state, label }) => state === 'complete' && label !== SAFETY_LABEL);
    const runs = changes.filter((job) => job.database === database);
    const newest = runs.find((run) => tellsOfDatabase(run) && !(isVainRestore(run) && isForgotten(run)));
    return {
      database,
      lastBackup: last && {
        name: last.name,
        path: last.path,
        startedAt: last.startedAt,
        sizeBytes: last.sizeBytes,
      },
      lastRehearsal: lastRehearsal(own),
      lastRestore: runs.find(hasRestored),
      lastProblem: newest?.state === 'succeeded' ? undefined : newest,
      unreadable: unreadable
        .filter((folder) => folder.database === database)
        .map(({ error }) => inOneLine(error))[0],
      backups: own.length,
      totalSizeBytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  });
  const problems = openProblems(databases, jobs);
  return { directory, standIn, running: jobs.filter(isUnderWay), problems, databases, jobs };
}

/**
 * So long a name is told of that nobody has found a database by, and that has no backup: a nightly run that fails says it
 * anew each night, a slip of the pen does not.
 */
const SLIP_FORGOTTEN_MS = 7 * 24 * 3600 * 1000;

/**
 * A restore that failed and changed nothing says nothing of the database for long: no nightly run repeats it, and to
 * restore again just so that no problem is shown would be folly.
 */
function isVainRestore(job: Job): boolean {
  const { operation, state, error } = job;
  const isVain = operation === 'restore' && state === 'failed' && error?.code !== 'restore-incomplete';
  return isVain && !leavesSomething(job);
}

function lastRehearsal(backups: readonly Backup[]): DatabaseStatus['lastRehearsal'] {
  const rehearsals = backups.flatMap(({ name, manifest }) =>
    manifest?.rehearsal === undefined ? [] : [{ name, ...manifest.rehearsal }],
  );
  return rehearsals.sort((a, b) => b.at.localeCompare(a.at))[0];
}

/** A job, the text of its log, and the directory that it is kept in. */
export interface ReadJob {
  readonly job: Job;
  readonly log: string;
  readonly directory: string;
}

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

async function readJobIn(
  request: { readonly directory: string; readonly id: string },
  runtime: Runtime,
): Promise<ReadJob> {
  const { directory, id } = request;
  const known = isJobId(id) ? await readJobFile(directory, id).catch(undefinedIfDamaged) : undefined;
  if (known !== undefined) {
    const [job = known] = await inTrueState([known], directory, runtime);
    return { job, log: await readJobLog(directory, job.id), directory };
  }
  const jobs = await readJobs(directory, runtime);
  const matching = id === '' ? [] : jobs.filter((job) => job.id.startsWith(id));
  const job = matching.find((candidate) => candidate.id === id) ?? matching[0];
  if (job === undefined || (matching.length > 1 && job.id !== id)) {
    const recent = (matching.length > 1 ? matching : jobs).slice(0, 5).map((candidate) => candidate.id);
    throw new DbBackupError(
      'not-found',
      matching.length > 1 ? `Several jobs begin with ${id}.` : `There is no job ${id} in ${directory}.`,
      {
        hint:
          recent.length === 0
            ? `No job has run with --dir ${directory}.`
            : `Recent jobs: ${recent.join(', ')}.`,
      },
    );
  }
  return { job, log: await readJobLog(directory, job.id), directory };
}

function undefinedIfDamaged(error: unknown): undefined {
  if (error instanceof DbBackupError) throw error;
}

/**
 * Not a run that goes on; that was refused, because another one ran or nobody said yes; that the user ended; or that was
 * cut off and brought to an end since.
 */
function tellsOfDatabase(run: Job): boolean {
  const isRefused = run.error?.code === 'locked' || run.error?.code === 'not-confirmed';
  return !isUnderWay(run) && !isRefused && run.state !== 'cancelled' && run.settled === undefined;
}

/**
 * All jobs, newest first, each in its true state.
 *
 * @throws {DbBackupError} `no-space` when their folder cannot be read.
 */
export async function readJobs(directory: string, runtime: Runtime): Promise<readonly Job[]> {
  const { jobs, unreadable } = await readJobFiles(directory);
  for (const { id, failure } of unreadable) {
    const message = failure ? inOneLine(failure) : `The state file of job ${id} cannot be read.`;
    runtime.onProgress({ kind: 'warning', message });
  }
  const truthful = await inTrueState(jobs, directory, runtime);
  return truthful.toSorted(newestFirst);
}

function newestFirst(a: Job, b: Job): number {
  return b.startedAt.localeCompare(a.startedAt) || b.id.localeCompare(a.id);
}

/** The backups can be told of all the same. */
async function readJobsIfReadable(directory: string, runtime: Runtime): Promise<readonly Job[]> {
  try {
    return await readJobs(directory, runtime);
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    runtime.onProgress({ kind: 'warning', message: inOneLine(error) });
    return [];
  }
}

/** The same jobs; what says of itself that it runs, and does not, is `interrupted`. */
async function inTrueState(
  jobs: readonly Job[],
  directory: string,
  { pid, hostName, userName }: Runtime,
): Promise<readonly Job[]> {
  if (!jobs.some(isUnderWay)) return jobs;
  const self = await identifyProcess(pid, hostName, userName);
  const locked = await lockedJobs(directory);
  return Promise.all(
    jobs.map(async (job): Promise<Job> => {
      if (!isUnderWay(job)) return job;
      const liveness = await judgeProcess(job.process, self);
      // Where the process cannot be judged (another host), the lock that it still holds speaks for it.
      const alive = liveness === 'alive' || (liveness === 'unknown' && locked.has(job.id));
      if (alive) return liveness === 'unknown' ? { ...job, unproven: true } : job;
      // It may have ended since its file was read: then the file says how.
      const last = (await readJobFile(directory, job.id)) ?? job;
      if (!isUnderWay(last)) return last;
      // A rehearsal has no lock here that would speak for it, or by its absence against it.
      const isUnproven = liveness === 'unknown' && job.operation === 'verify';
      return { ...last, state: 'interrupted', ...(isUnproven && { unproven: true }) };
    }),
  );
}

async function lockedJobs(directory: string): Promise<ReadonlySet<string>> {
  const databases = await listDatabaseFolders(directory);
  const records = await Promise.all(
    // A folder that is closed to this login says nothing of who is in it.
    databases.map((database) => readLock(lockPath(directory, database)).catch(() => undefined)),
  );
  return new Set(records.flatMap((state) => recordOf(state)?.job ?? []));
}
