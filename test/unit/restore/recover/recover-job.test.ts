import { expect, test } from 'vitest';
import type { SwapJournal } from '../../../../src/jobs/record/swap-journal.ts';
import { recoveredJob } from '../../../../src/restore/recover/recover-job.ts';
import { someJob } from '../../jobs/some-jobs.ts';

const swap: SwapJournal = {
  ...{
    step: 'clearing',
    stage: 'dbbackup_stage_j1',
    old: 'dbbackup_old_j1',
    returnCommand: 'dbbackup restore shop/first',
  },
  safety: {
    path: '/b/shop/first.sql.zst',
    renewed: { name: 'second', at: '2026-11-27T00:00:00Z', returnCommand: 'dbbackup restore shop/second' },
    isReplaced: true,
  },
};
const job = { ...someJob({ id: 'j1', operation: 'restore' }), swap };
const result = { name: 'n', path: '/b/shop/n.sql.gz', sizeBytes: 1, safetyBackup: '/b/shop/first.sql.zst' };

test('a job that a later run completes leads to the safety backup that is there', () => {
  const wayBack = { reference: 'shop/first', tables: ['t'] };
  const told = recoveredJob({ ...job, result: { ...result, wayBack } }, swap);

  expect(told).toMatchObject({
    settled: 'completed',
    returnCommand: 'dbbackup restore shop/second',
    result: { safetyBackup: '/b/shop/second.sql.zst', wayBack: { reference: 'shop/second', tables: ['t'] } },
  });
  expect(told.swap).toBeUndefined();
});

test('a job without a result, or whose safety backup stayed, keeps its way back', () => {
  const { safety: _safety, ...first } = swap;

  expect(recoveredJob(job, swap)).toMatchObject({ returnCommand: 'dbbackup restore shop/second' });
  expect(recoveredJob(job, first)).toMatchObject({ returnCommand: 'dbbackup restore shop/first' });
  expect(recoveredJob(job, { ...swap, step: 'staging' }).settled).toBe('rolled-back');
});
