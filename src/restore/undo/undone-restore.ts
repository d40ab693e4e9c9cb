import type { Job } from '../../jobs/record/job.ts';
import type { UndoneRestore } from './request.ts';

export function undoneBy({ id, database, startedAt, result, undoes }: Job): UndoneRestore {
  return { job: id, database, startedAt, backup: undoes === undefined ? result?.name : undefined, undoes };
}
