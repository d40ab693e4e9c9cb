import { scratchSchemas } from '../../run/scratch-names.ts';
import type { InterruptedSwap, Job } from './job.ts';
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

/** Whether an undo that is under way, or dead, is bringing the tables of that job back. */
export function isBringingBack(job: Job, of: string): job is InterruptedSwap {
  return job.swap?.undoes === of;
}
