import { expect, test } from 'vitest';
import { halfFilled } from '../../../../src/health/checks/half-filled.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { subject } from '../some-history.ts';

const judge = (...jobs: readonly Job[]) => halfFilled.judge(subject([], {}, { jobs }));

const inPlace = (changes: Partial<Job>) =>
  someJob({
    ...{ id: 'half', operation: 'restore', state: 'interrupted' },
    replacing: { restoreCommand: 'dbbackup restore shop/x', returnCommand: 'dbbackup restore shop/pre' },
    ...changes,
  });

test('one that died in place is critical, with the way back', () => {
  expect(judge(inPlace({}))).toEqual([
    {
      ...{ level: 'critical', check: 'half-filled', database: 'shop' },
      message: 'The restore half did not complete: shop may hold only part of the backup.',
      fix: ['dbbackup restore shop/pre'],
    },
  ]);
  expect(judge(inPlace({ replacing: { restoreCommand: 'dbbackup restore shop/x' } }))[0]?.fix).toEqual([
    'dbbackup restore shop/x',
  ]);
});

test('one that runs, or is over, is OK', () => {
  expect(judge(inPlace({ state: 'running' }), inPlace({ replacing: undefined }))).toMatchObject([
    { level: 'ok' },
  ]);
});
