import { isJobId } from './job-id.ts';

const PREFIX = 'dbbackup_load_';

/** The user that loads the rows of one job. */
export function loadAccountName(job: string): string {
  return PREFIX + job;
}

/** The job that made a load account; undefined for any other user. */
export function jobOfLoadAccount(user: string): string | undefined {
  const job = user.startsWith(PREFIX) ? user.slice(PREFIX.length) : '';
  return isJobId(job) ? job : undefined;
}
