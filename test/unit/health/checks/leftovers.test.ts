import { describe, expect, test } from 'vitest';
import { leftovers } from '../../../../src/health/checks/leftovers.ts';
import type { DatabaseHistory, LeftFile } from '../../../../src/health/history/history.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { scratchSchemas } from '../../../../src/run/scratch-names.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { backupOf, before, HOUR_MS, shop, subject } from '../some-history.ts';

test.each<[kind: LeftFile['kind'], level: string, words: string]>([
  ['unfinished', 'warning', 'An interrupted run left /b/x; the next one removes it.'],
  ['lock', 'warning', 'An interrupted run left the lock /b/x; the next one takes it over.'],
  ['foreign', 'critical', '/b/x is no lock of dbbackup; no backup of shop can start'],
  ['fileless', 'warning', 'The file of a backup is missing: /b/x has none next to it.'],
])('a file of the kind %s is %s', (kind, level, words) => {
  const found = leftovers.judge(subject([shop({ leftovers: [{ path: '/b/x', kind }] })]));

  expect(found).toMatchObject([{ level, database: 'shop', message: expect.stringContaining(words) }]);
});

test.each(['unchecked', 'forbidden'] as const)(
  'a lock that is %s is unknown, with what is known of its holder',
  (kind) => {
    const holder = { message: 'Somebody has it.', fix: ['Ask them.'] };

    expect(leftovers.judge(subject([shop({ leftovers: [{ path: '/b/x', kind, holder }] })]))).toEqual([
      { level: 'unknown', check: 'leftovers', database: 'shop', ...holder },
    ]);
  },
);

test('an account that loaded rows is one, too, once its run has ended', () => {
  const loadAccount = "'dbbackup_load_x'@'localhost'";
  const judge = (state: 'running' | 'failed') =>
    leftovers.judge(subject([], {}, { jobs: [someJob({ operation: 'restore', state, loadAccount })] }));

  expect(judge('failed')).toMatchObject([{ level: 'warning', fix: [`DROP USER IF EXISTS ${loadAccount};`] }]);
  expect(judge('running')).toMatchObject([
    { level: 'ok', message: 'There is nothing left by interrupted runs in /backups.' },
  ]);
});

describe('tables that were kept for an undo', () => {
  const kept = { until: before(27 * HOUR_MS), forMs: HOUR_MS, sizeBytes: 1 };
  const keeping = someJob({ operation: 'restore', state: 'succeeded', kept });
  const nightly = shop({ backups: [backupOf(HOUR_MS)] });
  const judge = (database: DatabaseHistory, jobs: readonly Job[]) =>
    leftovers.judge(subject([database], {}, { jobs }));
  const untilWhen =
    'The tables of shop before the restore bcdf2345 were kept until 2026-11-21 09:00:00 UTC, and still take room on the server, in dbbackup_old_bcdf2345;';

  test('are told of when no run has removed them after their time', () => {
    const shorter = { ...keeping, kept: { ...kept, until: before(25 * HOUR_MS) } };

    expect(judge(nightly, [shorter])).toMatchObject([{ level: 'ok' }]);
    expect(judge(nightly, [keeping])).toEqual([
      {
        ...{ level: 'warning', check: 'leftovers', database: 'shop' },
        message: `${untilWhen} the next create or restore removes them.`,
        fix: ['dbbackup create shop'],
      },
    ]);
  });

  test.each([
    ['was never backed up', shop()],
    [
      'has safety backups only',
      shop({ backups: [backupOf(HOUR_MS, { label: 'pre-restore' }, { label: 'pre-restore' })] }),
    ],
    [
      'was not found by a backup',
      shop({ creates: [someJob({ state: 'failed', error: { code: 'not-found', message: 'gone' } })] }),
    ],
  ])('of a database that %s, are removed without a first backup', (_, database) => {
    expect(judge(database, [keeping])).toEqual([
      {
        ...{ level: 'warning', check: 'leftovers', database: 'shop' },
        message: `${untilWhen} nobody backs shop up here, so remove them by SQL, then the files of the job.`,
        fix: ['DROP DATABASE IF EXISTS dbbackup_old_bcdf2345;', 'rm /backups/.jobs/bcdf2345.*'],
      },
    ]);
  });

  test('of a run that could only read the backup directory, are removed from where it is kept', () => {
    const elsewhere = new Map([['bcdf2345', '/home/op/.local/state/dbbackup/backups']]);

    expect(leftovers.judge(subject([nightly], {}, { jobs: [keeping], elsewhere }))).toEqual([
      {
        ...{ level: 'warning', check: 'leftovers', database: 'shop' },
        message: `${untilWhen} no backup made here knows of them, so remove them by SQL, then the files of the job.`,
        fix: [
          'DROP DATABASE IF EXISTS dbbackup_old_bcdf2345;',
          'rm /home/op/.local/state/dbbackup/backups/.jobs/bcdf2345.*',
        ],
      },
    ]);
  });

  test('are left to the undo that is bringing them back', () => {
    const swap = { step: 'swapping', ...scratchSchemas('cccc2222'), undoes: 'bcdf2345' } as const;
    const undo = someJob({ id: 'cccc2222', operation: 'restore', state: 'interrupted', swap });

    expect(judge(nightly, [undo, keeping])).toMatchObject([{ level: 'ok' }]);
  });
});
