import { readFile } from 'node:fs/promises';
import { jobFilePath } from '../../backups/directory/layout.ts';
import { hasRestored, isUnderWay, type Job } from '../../jobs/record/job.ts';
import { safeText } from '../render/text/safe-text.ts';
import { jobsIn } from './stored-names.ts';

/**
 * The restores that undo takes: they changed their database, have something to bring back, and were not undone. Newest
 * first, each with its database and time. What cannot be read is left out: undo itself says why.
 */
export async function undoableJobsIn(
  directory: string,
): Promise<readonly { readonly value: string; readonly what: string }[]> {
  const ids = await jobsIn(directory);
  const read = await Promise.all(ids.map((id) => readRestore(jobFilePath(directory, id))));
  const restores = read.filter((job) => job !== undefined);
  return restores
    .filter((job) => hasWayBack(job) && !isUndone(job, restores))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .map(({ id, database, startedAt, undoes }) => ({
      value: id,
      what: `${undoes === undefined ? 'restore' : 'undo'} of ${safeText(database)}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    }));
}

/** As the file says it; a shell that waits for names needs no proof of every field. */
async function readRestore(path: string): Promise<Job | undefined> {
  try {
    const job = JSON.parse(await readFile(path, 'utf8')) as Job;
    const isWhole = [job.id, job.database, job.startedAt].every((field) => typeof field === 'string');
    return job.operation === 'restore' && isWhole ? job : undefined;
  } catch {
    return undefined;
  }
}

function hasWayBack(job: Job): boolean {
  const { result, kept, returnCommand } = job;
  const bringsBack = [result?.undoCommand, kept, returnCommand].some((way) => way !== undefined);
  return hasRestored(job) && !isUnderWay(job) && bringsBack;
}

/** Or is being undone; then its undo is what can be undone. */
function isUndone({ id }: Job, restores: readonly Job[]): boolean {
  return restores.some((other) => other.undoes === id && (hasRestored(other) || isUnderWay(other)));
}
