import { jobFolder } from '../../backups/directory/layout.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { shellWord } from '../../run/shell-command.ts';
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

/**
 * What removes kept tables where no run comes that would: SQL for the server, then a command for the job's files. Without
 * its record nobody looks for the tables any more.
 *
 * @param directory That has the job's files.
 */
export function removalByHand({ id }: KeepingJob, directory: string): readonly string[] {
  return [
    `DROP DATABASE IF EXISTS ${scratchSchemas(id).old};`,
    `rm ${shellWord(jobFolder(directory))}/${id}.*`,
  ];
}

/** Whether an undo that is under way, or dead, is bringing the tables of that job back, or may be. */
export function isBringingBack(job: Job, of: string): job is InterruptedSwap {
  // The journal of one that is not trusted does not say it any more.
  return isInterruptedSwap(job) && (job.swap.undoes ?? job.undoes) === of;
}
