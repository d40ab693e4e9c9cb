import type { Job } from '../../../src/jobs/record/job.ts';
import type { ProcessIdentity } from '../../../src/locks/process-identity.ts';

/** A process of another boot: surely gone. */
export const GONE: ProcessIdentity = {
  pid: 1,
  startTime: '1',
  bootId: 'an earlier one',
  pidNamespace: 'pid:[1]',
  host: 'testhost',
  user: 'tester',
};

/** A create of shop that runs. */
export function someJob(changes: Partial<Job> = {}): Job {
  return {
    schema: 'dbbackup/job/1',
    id: 'bcdf2345',
    operation: 'create',
    database: 'shop',
    state: 'running',
    startedAt: '2026-11-22T03:00:00.000Z',
    step: 'Creating database backup...',
    process: GONE,
    command: 'dbbackup create shop',
    ...changes,
  };
}
