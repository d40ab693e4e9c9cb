import { scratchSchemas } from '../../run/scratch-names.ts';
import { type InterruptedSwap, isInterruptedSwap, type Job } from './job.ts';
import type { KeptTables } from './kept-tables.ts';

/** A restore whose previous tables are kept. */
export interface KeepingJob extends Job {
  readonly kept: KeptTables;
}

export function isKeeping(job: Job): job is KeepingJob {
  return job.kept !== undefined;
}

/** Kept tables, as status, list and doctor tell of them. */
export interface KeptOfDatabase extends KeptTables {
  readonly database: string;
  readonly job: string;
  /** On the server. */
  readonly schema: string;
}

export function keptOf({ id, database, kept }: KeepingJob): KeptOfDatabase {
  return { database, job: id, schema: scratchSchemas(id).old, ...kept };
}

/** Whether an undo that is under way, or dead, is bringing the tables of that job back, or may be. */
export function isBringingBack(job: Job, of: string): job is InterruptedSwap {
  // The journal of one that is not trusted does not say it any more.
  return isInterruptedSwap(job) && (job.swap.undoes ?? job.undoes) === of;
}
