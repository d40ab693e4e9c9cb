import { describe, expect, test } from 'vitest';
import { renderExposition } from '../../../../src/health/metrics/exposition.ts';
import { metricsOf } from '../../../../src/health/metrics/metrics-of-history.ts';
import type { DatabaseHistory } from '../../../../src/health/history/history.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { parseExposition } from '../../../harness/exposition.ts';
import { someJob } from '../../jobs/some-jobs.ts';
import { backupOf, before, DAY_MS, HOUR_MS, NOW, shop } from '../some-history.ts';
import { someRehearsal } from '../some-rehearsal.ts';

const AT = NOW.getTime() / 1000;
const DAY = DAY_MS / 1000;

/** By metric and label, what is told of shop. */
function told(
  history: Partial<DatabaseHistory>,
  jobs: readonly Job[] = history.creates ?? [],
): Readonly<Record<string, number>> {
  const text = renderExposition(
    metricsOf({ directory: '/backups', now: NOW, databases: [shop(history)], jobs }),
  );
  return Object.fromEntries(
    parseExposition(text).map(({ name, labels, value }) => {
      expect(Object.keys(labels)).toEqual(['database', 'label']);
      return [`${name.replace('dbbackup_', '')} ${labels['label'] ?? ''}`, value];
    }),
  );
}

const run = (ageMs: number, changes: Partial<Job> = {}) =>
  someJob({
    state: 'succeeded',
    label: 'nightly',
    startedAt: before(ageMs + 9000),
    finishedAt: before(ageMs),
    ...changes,
  });

const failure = { state: 'failed', error: { code: 'dump-failed', message: 'No.' } } as const;

describe('metricsOf', () => {
  test('tells the newest complete backup, the last run and the last rehearsal of each label', () => {
    const backups = [
      backupOf(0, { durationMs: 1500, rehearsal: someRehearsal(HOUR_MS) }, { sizeBytes: 42 }),
      backupOf(DAY_MS, { rehearsal: someRehearsal(0, { ok: false }) }),
      backupOf(2 * DAY_MS, { label: 'manual' }, { sizeBytes: 7 }),
    ];

    expect(told({ backups, creates: [run(0), run(DAY_MS)] })).toEqual({
      'last_success_timestamp_seconds manual': AT - 2 * DAY,
      'last_success_timestamp_seconds nightly': AT,
      'last_run_timestamp_seconds manual': AT - 2 * DAY,
      'last_run_timestamp_seconds nightly': AT,
      'last_exit_code manual': 0,
      'last_exit_code nightly': 0,
      'backup_size_bytes manual': 7,
      'backup_size_bytes nightly': 42,
      'backup_duration_seconds manual': 3,
      'backup_duration_seconds nightly': 1.5,
      'last_rehearsal_timestamp_seconds nightly': AT - HOUR_MS / 1000,
    });
  });

  test('a run over all that could not ask the server is the last of those that such runs backed up', () => {
    const label = 'nightly';
    const down = someJob({
      ...{ database: '', allDatabases: true, label, startedAt: before(HOUR_MS), finishedAt: before(HOUR_MS) },
      ...{ state: 'failed', error: { code: 'unreachable', message: 'No.' } },
    });
    const ofAll = run(DAY_MS, { allDatabases: true });
    const named = run(DAY_MS);

    expect(told({ creates: [ofAll] }, [down, ofAll])).toMatchObject({
      'last_exit_code nightly': 14,
      'last_run_timestamp_seconds nightly': AT - HOUR_MS / 1000,
    });
    expect(told({ creates: [named] }, [down, named])).toMatchObject({ 'last_exit_code nightly': 0 });
    const other = run(DAY_MS, { allDatabases: true, server: 'other:3306' });
    expect(told({ creates: [other] }, [down, other])).toMatchObject({ 'last_exit_code nightly': 0 });
    const since = run(0, { allDatabases: true });
    expect(told({ creates: [since, ofAll] }, [since, down, ofAll])).toMatchObject({
      'last_exit_code nightly': 0,
    });
  });

  test('a run that failed keeps the last success', () => {
    const history = { backups: [backupOf(DAY_MS)], creates: [run(0, failure), run(DAY_MS)] };

    expect(told(history)).toMatchObject({
      'last_success_timestamp_seconds nightly': AT - DAY,
      'last_run_timestamp_seconds nightly': AT,
      'last_exit_code nightly': 22,
      'backup_size_bytes nightly': 1_200_000,
    });
  });

  test('a first run that failed has no success', () => {
    expect(told({ creates: [run(0, failure)] })).toEqual({
      'last_run_timestamp_seconds nightly': AT,
      'last_exit_code nightly': 22,
    });
  });

  test('a success whose backup has been removed is one still; one that was written elsewhere is not', () => {
    const made = (path: string) => run(0, { result: { name: 'nightly_x', path, sizeBytes: 5 } });

    expect(told({ creates: [made('/backups/shop/nightly_x.sql.gz')] })).toMatchObject({
      'last_success_timestamp_seconds nightly': AT,
      'backup_size_bytes nightly': 5,
      'backup_duration_seconds nightly': 9,
    });
    expect(told({ creates: [made('/tmp/x.sql.gz')] })).not.toHaveProperty('backup_size_bytes nightly');
  });

  test('a run that was killed failed, and one that runs says nothing', () => {
    expect(told({ creates: [run(0, { state: 'interrupted' })] })).toMatchObject({
      'last_exit_code nightly': 1,
    });
    expect(told({ creates: [run(0, { state: 'running', finishedAt: undefined })] })).toEqual({});
  });

  test('a job of an earlier release has its label in the name of its backup', () => {
    const result = { name: 'weekly_2026-11-22_12-00-00', path: '/backups/shop/x.sql.gz', sizeBytes: 5 };

    expect(told({ creates: [run(0, { label: undefined, result })] })).toMatchObject({
      'last_exit_code weekly': 0,
    });
  });

  test('what is damaged is no success', () => {
    expect(told({ backups: [backupOf(0, {}, { state: 'damaged' })] })).toEqual({});
  });

  test.each<[title: string, newest: Backup]>([
    ['is damaged', backupOf(0, {}, { state: 'damaged' })],
    ['failed its verification', backupOf(0, { verification: { at: before(0), ok: false } })],
    ['failed its rehearsal', backupOf(0, { rehearsal: someRehearsal(0, { ok: false }) })],
  ])('where the newest %s, the older one counts, whatever its run said', (_title, newest) => {
    const { name, path, sizeBytes } = newest;
    const creates = [run(0, { result: { name, path, sizeBytes } })];

    expect(told({ backups: [newest, backupOf(DAY_MS)], creates })).toMatchObject({
      'last_success_timestamp_seconds nightly': AT - DAY,
      'last_run_timestamp_seconds nightly': AT,
    });
    expect(told({ backups: [newest], creates })).not.toHaveProperty('last_success_timestamp_seconds nightly');
  });

  test('what is dated in the future is not the latest', () => {
    const ahead = -DAY_MS;
    const backups = [
      backupOf(ahead, { rehearsal: someRehearsal(ahead) }),
      backupOf(DAY_MS, { rehearsal: someRehearsal(HOUR_MS) }),
    ];

    expect(told({ backups, creates: [run(ahead, failure), run(DAY_MS)] })).toMatchObject({
      'last_success_timestamp_seconds nightly': AT - DAY,
      'last_run_timestamp_seconds nightly': AT - DAY,
      'last_exit_code nightly': 0,
      'last_rehearsal_timestamp_seconds nightly': AT - HOUR_MS / 1000,
    });
  });
});
