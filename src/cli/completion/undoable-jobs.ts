import { readFile } from 'node:fs/promises';
import { jobFilePath } from '../../backups/directory/layout.ts';
import { inTrueState, type ThisProcess } from '../../jobs/read-jobs.ts';
import { readJobFile } from '../../jobs/record/job-files.ts';
import { hasRestored, isInterruptedSwap, isUnderWay, type Job } from '../../jobs/record/job.ts';
import { safeText } from '../render/text/safe-text.ts';
import { jobsIn } from './stored-names.ts';

/**
 * The restores that undo takes: they changed their database, have something to bring back, and were not undone. Newest
 * first, each with its database and time. What cannot be read is left out: undo itself says why.
 */
export async function undoableJobsIn(
  directory: string,
  self: ThisProcess,
): Promise<readonly { readonly value: string; readonly what: string }[]> {
  const ids = await jobsIn(directory);
  const read = await Promise.all(ids.map((id) => readRestore(directory, id, self)));
  const restores = read.filter((job) => job !== undefined);
  return restores
    .filter((job) => hasWayBack(job) && !isUndone(job, restores))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .map(({ id, database, startedAt, undoes }) => ({
      value: id,
      what: `${undoes === undefined ? 'restore' : 'undo'} of ${safeText(database)}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    }));
}

/**
 * As the file says it; a shell that waits for names needs no proof of every field. One that runs is asked for, because
 * its file says so for ever where its process was killed.
 */
async function readRestore(directory: string, id: string, self: ThisProcess): Promise<Job | undefined> {
  try {
    const job = JSON.parse(await readFile(jobFilePath(directory, id), 'utf8')) as Job;
    const isWhole = [job.database, job.startedAt].every((field) => typeof field === 'string');
    // The shell types what it is told: only the name of the file is known to be an id.
    if (job.operation !== 'restore' || !isWhole) return undefined;
    if (!isUnderWay(job)) return { ...job, id };
    const known = await readJobFile(directory, id, self.userId);
    return known && (await inTrueState([known], directory, self))[0];
  } catch {
    return undefined;
  }
}

function hasWayBack(job: Job): boolean {
  const isOver = hasRestored(job) && !isUnderWay(job) && !isInterruptedSwap(job);
  return isOver && (job.kept ?? job.result?.wayBack) !== undefined;
}

/** Or is being undone, or was until its undo died: then its undo is what can be undone, or has to be settled first. */
function isUndone({ id }: Job, restores: readonly Job[]): boolean {
  const undos = restores.filter(({ undoes }) => undoes === id);
  return undos.some((undo) => hasRestored(undo) || isUnderWay(undo) || isInterruptedSwap(undo));
}
