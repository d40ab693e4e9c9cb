import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { undoableJobsIn } from '../../../../src/cli/completion/undoable-jobs.ts';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someJob } from '../../jobs/some-jobs.ts';

const restore = (id: string, day: number, changes: Partial<Job> = {}) =>
  someJob({
    ...{ id, operation: 'restore', state: 'succeeded', startedAt: `2026-11-${day}T03:00:00.000Z` },
    result: { name: 'a', path: '/b/a.sql', sizeBytes: 1, undoCommand: `dbbackup undo ${id}` },
    ...changes,
  });

test('undo is offered restores with a way back that were not undone, newest first', async () => {
  const directory = await temporaryFolder();
  const jobs = [
    restore('bbbb2222', 10),
    restore('cccc2222', 12),
    restore('ddnd2222', 11),
    restore('tsdd2222', 13, { undoes: 'ddnd2222' }),
    restore('trng2222', 14),
    restore('fbbb2222', 15, { state: 'failed', undoes: 'trng2222', result: undefined }),
    restore('nthg2222', 16, {
      result: { name: 'a', path: '/b/a.sql', sizeBytes: 1, undoSql: 'DROP DATABASE a;' },
    }),
    restore('rnss2222', 17, { state: 'running' }),
    someJob({ id: 'crtt2222', state: 'succeeded' }),
    restore('vtrr2222', 18, {
      state: 'interrupted',
      settled: 'completed',
      result: undefined,
      returnCommand: 'dbbackup undo vtrr2222',
    }),
  ];
  for (const job of jobs) await openJobFile(directory, job);
  await mkdir(join(directory, '.jobs'), { recursive: true });
  await writeFile(join(directory, '.jobs/broken.json'), '{');

  expect(await undoableJobsIn(directory)).toEqual([
    { value: 'vtrr2222', what: 'restore of shop, 2026-11-18 03:00 UTC' },
    { value: 'trng2222', what: 'restore of shop, 2026-11-14 03:00 UTC' },
    { value: 'tsdd2222', what: 'undo of shop, 2026-11-13 03:00 UTC' },
    { value: 'cccc2222', what: 'restore of shop, 2026-11-12 03:00 UTC' },
    { value: 'bbbb2222', what: 'restore of shop, 2026-11-10 03:00 UTC' },
  ]);
  expect(await undoableJobsIn(join(directory, 'nowhere'))).toEqual([]);
});
