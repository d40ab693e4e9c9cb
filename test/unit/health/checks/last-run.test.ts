import { expect, test } from 'vitest';
import { lastRun } from '../../../../src/health/checks/last-run.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { shop, subject } from '../some-history.ts';

const judge = (...creates: readonly Job[]) => lastRun.judge(subject([shop({ creates })]));

const good = someJob({ state: 'succeeded' });
const failed = someJob({
  ...{ id: 'bad2', state: 'failed', startedAt: '2026-11-22T04:00:00.000Z' },
  error: { code: 'dump-failed', message: 'The dump tool failed.', hint: 'Read its log.' },
});

test('says what a run that failed said', () => {
  expect(judge(failed, good)).toEqual([
    {
      ...{ level: 'warning', check: 'last-run', database: 'shop' },
      message:
        'The last backup run of shop failed (2026-11-22 04:00:00 UTC): The dump tool failed. Read its log.',
      fix: ['dbbackup status bad2 --log'],
    },
  ]);
});

test.each<[title: string, job: Partial<Job>, level: string]>([
  ['succeeded', { state: 'succeeded' }, 'ok'],
  ['failed', { state: 'failed', error: { code: 'failed', message: 'No.' } }, 'warning'],
  ['reached its time limit', { state: 'timed-out', error: { code: 'timeout', message: 'No.' } }, 'warning'],
  ['was interrupted', { state: 'interrupted' }, 'warning'],
])('one that %s', (words, job, level) => {
  expect(judge(someJob(job))[0]).toMatchObject({ level, message: expect.stringContaining(words) });
});

test.each<[title: string, job: Partial<Job>]>([
  ['is running', { state: 'running' }],
  ['was refused because another one ran', { state: 'failed', error: { code: 'locked', message: 'Locked.' } }],
  ['somebody cancelled', { state: 'cancelled' }],
])('one that %s says nothing, and the one before it counts', (_title, job) => {
  expect(judge(someJob(job), failed, good)[0]?.level).toBe('warning');
  expect(judge(someJob(job), good, failed)[0]?.level).toBe('ok');
  expect(judge(someJob(job))).toEqual([]);
});
