import { amendJobFile } from '../../jobs/record/job-files.ts';
import type { Backup } from '../../backups/record/backup.ts';
import { isReplacing } from '../../jobs/record/job.ts';
import type { ReplacingJob } from '../../jobs/record/job.ts';
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
 * they have ended.
 *
 * @returns what the manifest of a backup says that is made now.
 */
export async function warnOfInterrupted(place: Place, runtime: Runtime): Promise<InterruptedRestores> {
  const { database } = place;
  const left = await readInterrupted(place, runtime);
  const warnings = left.map(
    (job) =>
      `The restore ${job.id} of ${database} was interrupted in place: ${leftInPlace(database)} A backup made now may be incomplete too. ${wayOut(job, place, runtime)}`,
  );
  for (const message of warnings) runtime.onProgress({ kind: 'warning', message });
  return { jobs: left.map(({ id }) => id), warnings };
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
  for (const job of await readInterrupted(place, runtime)) {
    if (isMadeFrom(backup, job.id) || !makesGood(tables, job.replacing)) continue;
    try {
      if (job.untrusted !== undefined) throw new Error(untrustedText(job, job.untrusted, place.directory));
      await amendJobFile(place.directory, { ...job, replacing: undefined });
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

async function readInterrupted(
  { directory, database }: Place,
  { userId }: Runtime,
): Promise<readonly ReplacingJob[]> {
  return (await readLeaving(directory, database, userId)).filter(isReplacing);
}
