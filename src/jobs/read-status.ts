import { SAFETY_LABEL } from '../backups/record/backup-name.ts';
import { inOneLine } from '../run/errors.ts';
import type { Backup } from '../backups/record/backup.ts';
import { hasRestored, isUnderWay, leavesSomething } from './record/job.ts';
import type { Job } from './record/job.ts';
import { isKeeping, keptOf } from './record/keeping-job.ts';
import { failedRunsOfAll } from './record/runs-of-all.ts';
import { openProblems } from './record/status.ts';
import type { DatabaseStatus, Status } from './record/status.ts';
import { readListing, warnOfUnreadable } from '../backups/directory/list-backups.ts';
import type { Runtime } from '../run/runtime.ts';
import { standInOf } from '../backups/directory/stand-in-directory.ts';
import { readReadableJobs } from './read-jobs.ts';

/**
 * What is running, the last runs, and what went wrong. Needs no server. A job whose process no longer exists is
 * `interrupted`.
 */
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
  const jobs = (await readReadableJobs(directory, runtime)).map(({ job }) => job);
  const { backups, unreadable } = await readListing({ directory, databases: [] });
  warnOfUnreadable(unreadable, runtime.onProgress);
  // A rehearsal is about a backup, not about a database, which need not even exist.
  const changes = jobs.filter(({ operation }) => operation !== 'verify');
  const slips = runtime.now().getTime() - SLIP_FORGOTTEN_MS;
  const isForgotten = ({ startedAt }: Job): boolean => new Date(startedAt).getTime() < slips;
  const isSlip = (job: Job): boolean =>
    (job.error?.code === 'not-found' || isVainRestore(job)) && isForgotten(job);
  const names = new Set([
    ...[...backups, ...unreadable].map(({ database }) => database),
    ...changes.filter((job) => job.database !== '' && !isSlip(job)).map(({ database }) => database),
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
  const problems = [
    ...failedRunsOfAll(jobs).filter((job) => !isForgotten(job)),
    ...openProblems(databases, jobs),
  ];
  const kept = jobs.filter(isKeeping).map(keptOf);
  return { directory, standIn, running: jobs.filter(isUnderWay), problems, databases, kept, jobs };
}

/**
 * How long a name without a database and without a backup is reported: a nightly run that fails reports it again each
 * night, a typo does not.
 */
export const SLIP_FORGOTTEN_MS = 7 * 24 * 3600 * 1000;

/**
 * How long a restore that failed and changed nothing is reported: no nightly run repeats it, and nobody should have
 * to restore again just to clear it.
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

/**
 * Not a run that is still running, that was refused (locked or not confirmed), that the user cancelled, or that was
 * interrupted and recovered since.
 */
function tellsOfDatabase(run: Job): boolean {
  const isRefused = run.error?.code === 'locked' || run.error?.code === 'not-confirmed';
  return !isUnderWay(run) && !isRefused && run.state !== 'cancelled' && run.settled === undefined;
}
