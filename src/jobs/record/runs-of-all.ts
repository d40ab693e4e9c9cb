import { isUnderWay, type Job } from './job.ts';

/**
 * Of each label on each server the last run of create over all databases, where it ended before it knew which there are,
 * and nothing has made up for it: neither a run over all that came further, nor a success of each database that the runs
 * before it had backed up. Where none is known, any success with that label is one. Pure.
 *
 * @param jobs Newest first.
 */
export function failedRunsOfAll(jobs: readonly Job[]): readonly Job[] {
  const creates = jobs.filter(({ operation }) => operation === 'create');
  const runs = creates.filter(({ allDatabases, state }) => allDatabases === true && state !== 'cancelled');
  const ended = runs.filter((job) => job.database !== '' || !isUnderWay(job));
  const newest = ended.filter((job) => ended.find((other) => isOfSameRuns(other, job)) === job);
  return newest.filter((job) => job.database === '' && !isMadeUpFor(job, ended, creates));
}

/** Whether two runs over all are of the same label on the same server. */
export function isOfSameRuns(one: Job, other: Job): boolean {
  return one.label === other.label && one.server === other.server;
}

/** By runs for single databases. A label of other backups says nothing of these. */
function isMadeUpFor(failed: Job, runsOfAll: readonly Job[], creates: readonly Job[]): boolean {
  const since = creates.slice(0, creates.indexOf(failed));
  const made = since.filter(({ label, state }) => label === failed.label && state === 'succeeded');
  const before = runsOfAll.filter((job) => job.database !== '' && isOfSameRuns(job, failed));
  if (before.length === 0) return made.length > 0; // as after a host that was typed wrong: nothing else would ever answer it
  return before.every(({ database }) => made.some((job) => job.database === database));
}
