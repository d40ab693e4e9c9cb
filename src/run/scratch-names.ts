// The names of what a restore makes for itself on the server.
import { isJobId } from './job-id.ts';

/** Fit for a schema's name, whatever the database's is. */
export function scratchSchemas(job: string): { readonly stage: string; readonly old: string } {
  return { stage: `dbbackup_stage_${job}`, old: `dbbackup_old_${job}` };
}

/** Whether one of our schemas is a staging schema; otherwise it takes the old tables. */
export function isStage(schema: string): boolean {
  return schema.startsWith('dbbackup_stage_');
}

/**
 * The job that made a scratch schema; undefined for any other schema, such as a user's own schema with a similar
 * name.
 */
export function jobOfScratchSchema(schema: string): string | undefined {
  const [, job] = /^dbbackup_(?:stage|old)_([a-z0-9]+)$/.exec(schema) ?? [];
  return job !== undefined && isJobId(job) ? job : undefined;
}

const LOAD_ACCOUNT = 'dbbackup_load_';

/** The user that loads the rows of one job. */
export function loadAccountName(job: string): string {
  return LOAD_ACCOUNT + job;
}

/** The job that made a load account; undefined for any other user. */
export function jobOfLoadAccount(user: string): string | undefined {
  const job = user.startsWith(LOAD_ACCOUNT) ? user.slice(LOAD_ACCOUNT.length) : '';
  return isJobId(job) ? job : undefined;
}
