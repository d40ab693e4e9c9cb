import { amendJobFile } from '../../jobs/record/job-files.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { standInOf } from '../../backups/directory/stand-in-directory.ts';
import { type FoundJob, readJobs } from '../../jobs/read-jobs.ts';
import { isInterruptedSwap, isReplacing, isUnderWay, leavesSomething } from '../../jobs/record/job.ts';
import type { ReplacingJob } from '../../jobs/record/job.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { leftInPlace, makesGood, wayOutOf } from '../../jobs/record/in-place-journal.ts';
import { untrustedText, wayOutOfUntrusted } from '../../jobs/record/untrusted-job.ts';
import { readLeaving } from '../recover/interrupted-restores.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { InterruptedRestores } from '../../dump/backup-task.ts';

interface Place {
  readonly directory: string;
  readonly database: string;
}

/**
 * Warns of restores in place that were cut off, or failed, and that no later one has made good: unlike a swap they
 * cannot be finished or taken back by themselves. To be called with the lock of the database held, which proves that
 * they have ended. Also of swaps that only a run can recover that may not write to the backup directory.
 *
 * @returns what the manifest of a backup says that is made now.
 */
export async function warnOfInterrupted(place: Place, runtime: Runtime): Promise<InterruptedRestores> {
  const { database } = place;
  const left = await readInterrupted(place, runtime);
  const warnings = left.map(
    ({ job, directory }) =>
      `The restore ${job.id} of ${database} was interrupted in place: ${leftInPlace(database)} A backup made now may be incomplete too. ${wayOut(job, { directory, database }, runtime)}`,
  );
  for (const { job, directory } of await readLeavingElsewhere(place, runtime)) {
    if (!isInterruptedSwap(job)) continue;
    const resume = furtherCommand(directory, 'restore', [], ['--resume', job.id], runtime.program);
    warnings.push(
      `The restore ${job.id} of ${database} was interrupted while it swapped. A backup made now may be incomplete. To complete it or roll it back: ${job.swap.resumeCommand ?? resume}`,
    );
  }
  for (const message of warnings) runtime.onProgress({ kind: 'warning', message });
  return { jobs: left.map(({ job }) => job.id), warnings };
}

/**
 * A restore has succeeded: what those before it left half done is no more. Unless its backup was made of just that.
 *
 * @param tables Only these were restored; undefined: all.
 */
export async function forgetInterrupted(
  place: Place,
  { backup, tables }: { readonly backup: Backup; readonly tables: readonly string[] | undefined },
  runtime: Runtime,
): Promise<void> {
  for (const { job, directory } of await readInterrupted(place, runtime)) {
    if (isMadeFrom(backup, job.id) || !makesGood(tables, job.replacing)) continue;
    try {
      if (job.untrusted !== undefined) throw new Error(untrustedText(job, job.untrusted, directory));
      await amendJobFile(directory, { ...job, replacing: undefined });
    } catch (error) {
      // The restore has succeeded all the same.
      const message = `Could not record that restore ${job.id} is resolved; status will keep reporting it. (${(error as Error).message})`;
      runtime.onProgress({ kind: 'warning', message });
    }
  }
}

function isMadeFrom({ manifest }: Backup, job: string): boolean {
  // Release 0.1.0 said it only in a warning.
  const warns = manifest?.warnings.some((text) => text.includes(job)) === true;
  return manifest?.madeFromInterrupted?.includes(job) ?? warns;
}

function wayOut(job: ReplacingJob, { directory, database }: Place, { program }: Runtime): string {
  const { untrusted, replacing } = job;
  if (untrusted === undefined) return wayOutOf(replacing, database, ' ');
  const way = wayOutOfUntrusted(job, untrusted, directory, program).replaceAll('\n', ' ');
  return `${untrustedText(job, untrusted, directory)}. ${way}`;
}

interface FoundReplacing extends FoundJob {
  readonly job: ReplacingJob;
}

async function readInterrupted(place: Place, runtime: Runtime): Promise<readonly FoundReplacing[]> {
  const { directory, database } = place;
  const here = await readLeaving(directory, database, runtime.userId);
  return [
    ...here.map((job) => ({ job, directory })),
    ...(await readLeavingElsewhere(place, runtime)),
  ].flatMap(({ job, directory }) => (isReplacing(job) ? [{ job, directory }] : []));
}

/** What runs of this login left that could only read the backup directory, and that have certainly ended. */
async function readLeavingElsewhere(
  { directory, database }: Place,
  runtime: Runtime,
): Promise<readonly FoundJob[]> {
  const standIn = await standInOf(directory, runtime);
  if (standIn === undefined) return [];
  const jobs = await readJobs(standIn, { ...runtime, onProgress: () => undefined }).catch(() => []);
  return jobs
    .filter((job) => job.database === database && !isUnderWay(job) && leavesSomething(job))
    .map((job) => ({ job, directory: standIn }));
}
