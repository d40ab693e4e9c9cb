import type { FoundJob } from '../../jobs/read-jobs.ts';
import { hasRestored, isUnderWay, type Job, leavesSomething } from '../../jobs/record/job.ts';
import type { UndoneRestore } from './request.ts';
import { undoneBy } from './undone-restore.ts';

/**
 * The undo of a restore, the undo of that, which is a redo, and so on; oldest first, each of what has come to its end.
 *
 * @param jobs Newest first.
 */
export function undosOf({ id }: Pick<Job, 'id'>, jobs: readonly FoundJob[]): readonly FoundJob[] {
  const undos: FoundJob[] = [];
  for (let last = id; ;) {
    const next = jobs.find((each) => isUndoOf(each, last) && hasRestored(each.job) && !undos.includes(each));
    if (next === undefined) return undos;
    undos.push(next);
    last = next.job.id;
  }
}

/** An undo of this restore that is under way, or has to be completed or rolled back first. */
export function unsettledUndoOf(
  { id }: Pick<Job, 'id'>,
  jobs: readonly FoundJob[],
  own: string | undefined,
): FoundJob | undefined {
  return jobs.find(
    (each) =>
      isUndoOf(each, id) && each.job.id !== own && (isUnderWay(each.job) || leavesSomething(each.job)),
  );
}

function isUndoOf({ job }: FoundJob, id: string): boolean {
  return job.operation === 'restore' && job.undoes === id;
}

/**
 * The restores that came after one and still stand: what they brought goes with it. Oldest first.
 *
 * @param jobs Newest first.
 */
export function laterRestores(of: Job, jobs: readonly FoundJob[]): readonly UndoneRestore[] {
  const later = jobs
    .map(({ job }) => job)
    .filter((job) => job.id !== of.id && job.database === of.database && hasRestored(job))
    .filter((job) => endOf(job) > endOf(of));
  const ids = new Set(later.map(({ id }) => id));
  const gone = new Set<string>();
  for (const { id, undoes } of later) {
    if (gone.has(id) || undoes === undefined || !ids.has(undoes)) continue;
    // It and what it undid leave no trace.
    gone.add(id).add(undoes);
  }
  return later
    .filter(({ id }) => !gone.has(id))
    .map(undoneBy)
    .reverse();
}

/** Two of one database never run at the same time, but one may have waited for the other. */
function endOf({ finishedAt, startedAt }: Job): string {
  return finishedAt ?? startedAt;
}
