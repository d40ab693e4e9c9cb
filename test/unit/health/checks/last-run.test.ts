import { describe, expect, test } from 'vitest';
import { lastRun } from '../../../../src/health/checks/last-run.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { before, DAY_MS, HOUR_MS, shop, subject } from '../some-history.ts';

const judge = (...creates: readonly Job[]) => lastRun.judge(subject([shop({ creates })]));

const judgeWith = (jobs: readonly Job[], ...creates: readonly Job[]) =>
  lastRun.judge(subject([shop({ creates })], {}, { jobs }));

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
  ['somebody cancelled', { state: 'cancelled' }],
])('one that %s says nothing, and the one before it counts', (_title, job) => {
  expect(judge(someJob(job), failed, good)[0]?.level).toBe('warning');
  expect(judge(someJob(job), good, failed)[0]?.level).toBe('ok');
  expect(judge(someJob(job))).toEqual([]);
});

describe('runs that were refused because another one had the lock', () => {
  const refused = (hour: number) =>
    someJob({
      ...{ id: `no${hour}`, state: 'failed', startedAt: `2026-11-22T0${hour}:00:00.000Z` },
      error: { code: 'locked', message: 'A backup of shop is already running.' },
    });
  const running = someJob({ operation: 'restore', state: 'running' });

  test('say nothing while a single one met what still runs', () => {
    expect(judgeWith([running], refused(4), good)[0]?.level).toBe('ok');
    expect(judgeWith([running], refused(4))).toEqual([]);
  });

  test('count when it happens again', () => {
    expect(judgeWith([running], refused(5), refused(4), good)).toMatchObject([
      {
        level: 'warning',
        message:
          'The last backup run of shop was refused (2026-11-22 05:00:00 UTC): A backup of shop is already running.',
        fix: ['dbbackup status no5 --log'],
      },
    ]);
  });

  test.each<[title: string, jobs: readonly Job[]]>([
    ['nothing runs', []],
    ['what runs is on a host that may be gone', [{ ...running, unproven: true }]],
    ['what runs is of another database', [{ ...running, database: 'crm' }]],
  ])('count where %s', (_title, jobs) => {
    expect(judgeWith(jobs, refused(4), good)[0]?.level).toBe('warning');
  });

  test('say nothing once a backup has been made since', () => {
    const late = someJob({ state: 'succeeded', finishedAt: '2026-11-22T05:30:00.000Z' });

    expect(judgeWith([], refused(5), refused(4), late)[0]?.level).toBe('ok');
  });
});

describe('labels', () => {
  const run = (label: string, ageMs: number, state: Job['state'] = 'succeeded') =>
    someJob({ id: `${label}1`, label, state, startedAt: before(ageMs) });

  test('each that is in use has its last run', () => {
    expect(judge(run('manual', 0), run('nightly', HOUR_MS, 'failed'), run('nightly', DAY_MS))).toMatchObject([
      { level: 'ok', message: expect.stringContaining('run of shop with the label manual succeeded') },
      { level: 'warning', message: expect.stringContaining('run of shop with the label nightly failed') },
    ]);
  });

  test.each([
    [3 * 26 * HOUR_MS, ['ok', 'warning']],
    [3 * 26 * HOUR_MS + 1, ['ok']],
  ])('one whose last run is %d ms old, where backups may be 26 h old', (ageMs, levels) => {
    expect(judge(run('nightly', 0), run('manual', ageMs, 'failed')).map(({ level }) => level)).toEqual(
      levels,
    );
  });

  test('the last one that was used is in use, however long ago', () => {
    expect(judge(run('nightly', 100 * DAY_MS, 'failed'))[0]?.level).toBe('warning');
  });
});

describe('a run over all databases that could not ask the server', () => {
  const down = someJob({
    ...{ id: 'down2', database: '', allDatabases: true, label: 'nightly', state: 'failed' },
    ...{ startedAt: before(HOUR_MS), error: { code: 'unreachable', message: 'The server is down.' } },
  });

  test('is told of once', () => {
    expect(lastRun.judge(subject([shop(), shop()], {}, { jobs: [down] }))).toEqual([
      {
        ...{ level: 'warning', check: 'last-run' },
        message:
          'The last backup run of all databases with the label nightly failed (2026-11-22 11:00:00 UTC): The server is down.',
        fix: ['dbbackup status down2 --log'],
      },
    ]);
  });

  test('names the server, where its record has it', () => {
    const jobs = [
      { ...down, server: 'db1:3306' },
      { ...down, id: 'down3', server: 'db2:3306' },
    ];

    expect(lastRun.judge(subject([], {}, { jobs })).map(({ message }) => message)).toEqual([
      expect.stringContaining('of all databases on db1:3306 with the label nightly failed'),
      expect.stringContaining('of all databases on db2:3306 with the label nightly failed'),
    ]);
  });

  test.each<[title: string, history: object]>([
    ['one that came further answers it', { jobs: [{ ...good, allDatabases: true, label: 'nightly' }, down] }],
    ['another label is asked for', { jobs: [down], label: 'weekly' }],
    ['a single database was backed up since', { jobs: [{ ...good, label: 'nightly' }, down] }],
    ['it is long ago', { jobs: [{ ...down, startedAt: before(5 * DAY_MS) }] }],
  ])('no more where %s', (_, history) => {
    expect(lastRun.judge(subject([shop()], {}, history))).toEqual([]);
  });

  test.each([
    [7 * DAY_MS, 1],
    [7 * DAY_MS + 1, 0],
  ])('that is %d ms ago, where no backup is too old', (ageMs, told) => {
    const jobs = [{ ...down, startedAt: before(ageMs) }];

    expect(lastRun.judge(subject([shop()], { maxAgeMs: undefined }, { jobs }))).toHaveLength(told);
  });
});
