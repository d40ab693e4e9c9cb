import { beforeEach, describe, expect, test } from 'vitest';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { findUndone } from '../../../../src/restore/undo/find-undone.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { GONE, someJob } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

const restoreOf = (id: string, day: number, changes: Partial<Job>): Job =>
  someJob({
    ...{ id, operation: 'restore', database: 'shop', process: GONE },
    ...{ startedAt: `2026-11-${day}T03:00:00.000Z`, finishedAt: `2026-11-${day}T03:00:09.000Z` },
    ...changes,
  });

const kept = { until: '2030-01-01T00:00:00.000Z', forMs: 1, sizeBytes: 1 };

async function undone(...jobs: Job[]): Promise<string> {
  for (const job of jobs) await openJobFile(directory, job);
  const found = await findUndone({ directory, id: undefined, database: undefined }, quietRuntime());
  return found.job.id;
}

describe('undo without a job', () => {
  const old = restoreOf('oldest22', 11, { state: 'succeeded' });

  test('takes the last restore, which others of the database have not changed', async () => {
    expect(await undone(old, restoreOf('newest22', 12, { state: 'succeeded' }))).toBe('newest22');
  });

  test('passes over one that has changed nothing', async () => {
    const error = { code: 'restore-failed', message: 'x' } as const;
    expect(await undone(old, restoreOf('newest22', 12, { state: 'failed', error }))).toBe('oldest22');
  });

  test('takes one whose old tables are kept, however it ended', async () => {
    const error = { code: 'restore-incomplete', message: 'x' } as const;
    const failed = restoreOf('newest22', 12, { state: 'failed', error, kept });
    expect(await undone(old, failed)).toBe('newest22');
  });

  test.each<Partial<Job> & { readonly says?: string }>([
    {
      state: 'failed',
      error: { code: 'restore-incomplete', message: 'x', hint: 'type this' },
      says: 'type this',
    },
    {
      state: 'failed',
      error: { code: 'restore-incomplete', message: 'x' },
      says: 'dbbackup status newest22 --dir ',
    },
    {
      state: 'failed',
      replacing: { returnCommand: 'back', restoreCommand: 'again' },
      says: 'of shop:\nback',
    },
    { state: 'running', swap: { step: 'swapping', stage: 'dbbackup_stage_new', old: 'dbbackup_old_new' } },
  ])('never undoes an older one behind one that is half done: %#', async ({ says = '', ...changes }) => {
    await expect(undone(old, restoreOf('newest22', 12, changes))).rejects.toMatchObject({
      code: 'failed',
      hint: expect.stringContaining(says) as string,
    });
  });
});
