import { expect, test } from 'vitest';
import { interruptedRestores } from '../../../../src/health/checks/interrupted-restores.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { SWAP_STEPS, type SwapStep } from '../../../../src/jobs/record/swap-journal.ts';
import { GONE, someJob } from '../../jobs/some-jobs.ts';
import { subject } from '../some-history.ts';

const restore = (step: SwapStep, changes: Partial<Job> = {}) =>
  someJob({
    ...{ id: 'dead', operation: 'restore', state: 'interrupted', process: GONE },
    swap: { step, stage: 'dbbackup_stage_dead', old: 'dbbackup_old_dead' },
    ...changes,
  });

const judge = (...jobs: readonly Job[]) => interruptedRestores.judge(subject([], {}, { jobs }));

test.each(
  SWAP_STEPS.map((step) => [step, ['staging', 'clearing'].includes(step) ? 'warning' : 'critical'] as const),
)('one that died while %s is %s', (step, level) => {
  expect(judge(restore(step))).toMatchObject([{ level, database: 'shop' }]);
});

test('says what to type', () => {
  expect(judge(restore('staging'))[0]).toMatchObject({
    message: 'The restore dead of shop was interrupted and is not settled: the database is unchanged.',
    fix: ['dbbackup restore --resume dead'],
  });
});

test('one that runs, or was settled, is OK', () => {
  const settled = someJob({ operation: 'restore', state: 'interrupted', settled: 'completed' });

  expect(judge(restore('swapping', { state: 'running' }), settled)).toMatchObject([{ level: 'ok' }]);
});
