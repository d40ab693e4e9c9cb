import { expect, test } from 'vitest';
import { leftovers } from '../../../../src/health/checks/leftovers.ts';
import type { LeftFile } from '../../../../src/health/history/history.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { before, HOUR_MS, shop, subject } from '../some-history.ts';

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

test('tables that were kept for an undo are told of when no run has removed them after their time', () => {
  const judge = (until: string) => {
    const kept = { until, forMs: HOUR_MS, sizeBytes: 1 };
    const job = someJob({ operation: 'restore', state: 'succeeded', kept });
    return leftovers.judge(subject([shop()], {}, { jobs: [job] }));
  };

  expect(judge(before(25 * HOUR_MS))).toMatchObject([{ level: 'ok' }]);
  expect(judge(before(27 * HOUR_MS))).toEqual([
    {
      ...{ level: 'warning', check: 'leftovers', database: 'shop' },
      message:
        'The tables of shop before the restore bcdf2345 were kept until 2026-11-21 09:00:00 UTC, and still take room on the server, in dbbackup_old_bcdf2345; the next create or restore removes them.',
      fix: ['dbbackup create shop'],
    },
  ]);
});
