import { isUnderWay, type Job } from './job.ts';

/**
 * Of each label the last run of create over all databases, where it ended before it knew which there are: none that came
 * further has followed. Pure.
 *
 * @param jobs Newest first.
 */
export function failedRunsOfAll(jobs: readonly Job[]): readonly Job[] {
  const runs = jobs.filter(
    ({ operation, allDatabases, state }) =>
      operation === 'create' && allDatabases === true && state !== 'cancelled',
  );
  const ended = runs.filter((job) => job.database !== '' || !isUnderWay(job));
  const newest = ended.filter((job) => ended.find(({ label }) => label === job.label) === job);
  return newest.filter(({ database }) => database === '');
}
