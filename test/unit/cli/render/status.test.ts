import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../src/cli/render/paint.ts';
import { renderJob, renderLog, renderStatus } from '../../../../src/cli/render/status.ts';
import type { Job } from '../../../../src/model/job.ts';

const NOW = new Date('2026-11-22T03:00:00Z');

describe('renderStatus', () => {
  test('tells what runs, each database, what went wrong, and recent jobs', () => {
    const failed = someJob({
      id: 'f00d',
      operation: 'restore',
      state: 'failed',
      finishedAt: '2026-11-22T02:57:12Z',
      error: { code: 'restore-failed', message: 'Loading failed.', hint: 'Restore it again.' },
    });
    const running = someJob({ progress: { doneBytes: 42, totalBytes: 100 } });
    const status = {
      directory: '/work/backups',
      running: [running],
      databases: [
        {
          database: 'shop',
          lastBackup: { name: 'x', path: '/x', startedAt: '2026-11-22T00:00:00Z', sizeBytes: 1_200_000 },
          lastRestore: undefined,
          lastProblem: failed,
          backups: 2,
          totalSizeBytes: 2_400_000,
        },
      ],
      jobs: [running, failed],
    };

    expect(renderStatus(status, NOW, plainPaint)).toBe(
      [
        'Running now',
        '  create shop: Creating database backup... 42 %',
        '    job 7f3a, since 3 min, pid 4711 on testhost by root',
        '',
        'Databases',
        '  DATABASE  LAST BACKUP                         SIZE  LAST RESTORE  BACKUPS     ALL',
        '  shop      2026-11-22 00:00:00 UTC, 3 h ago  1.2 MB  never               2  2.4 MB',
        '',
        'Problems',
        '  shop: restore failed 3 min ago: Loading failed.',
        '    Restore it again.',
        '    dbbackup status f00d --log',
        '',
        'Recent jobs',
        '  JOB   OPERATION  DATABASE  STATE    STARTED    TOOK',
        '  7f3a  create     shop      running  3 min ago',
        '  f00d  restore    shop      failed   3 min ago  12 s',
        '',
      ].join('\n'),
    );
  });

  test('shows ages alone where the terminal is narrow', () => {
    const status = {
      directory: '/work/backups',
      running: [],
      databases: [
        {
          database: 'shop',
          lastBackup: { name: 'x', path: '/x', startedAt: '2026-11-22T00:00:00Z', sizeBytes: 1_200_000 },
          lastRestore: undefined,
          lastProblem: undefined,
          backups: 2,
          totalSizeBytes: 2_400_000,
        },
      ],
      jobs: [],
    };

    expect(renderStatus(status, NOW, plainPaint, 72)).toContain(
      [
        '  DATABASE  LAST BACKUP    SIZE  LAST RESTORE  BACKUPS     ALL',
        '  shop      3 h ago      1.2 MB  never               2  2.4 MB',
        '',
      ].join('\n'),
    );
  });

  test('says that nothing runs', () => {
    const status = { directory: '/b', running: [], databases: [], jobs: [] };

    expect(renderStatus(status, NOW, plainPaint)).toBe('Running now\n  nothing\n');
  });
});

describe('renderJob', () => {
  test('tells all of a finished job', () => {
    const job = someJob({
      state: 'succeeded',
      step: 'Done',
      finishedAt: '2026-11-22T02:58:00Z',
      result: { name: 'x', path: '/b/x.sql.gz', sizeBytes: 1_200_000 },
    });

    expect(renderJob(job, NOW, plainPaint)).toBe(
      [
        'job        7f3a',
        'operation  create shop',
        'state      succeeded',
        'step       Done',
        'started    2026-11-22 02:57:00 UTC, 3 min ago',
        'finished   2026-11-22 02:58:00 UTC',
        'took       1 min',
        'process    pid 4711 on testhost by root',
        'command    dbbackup create shop',
        'backup     /b/x.sql.gz (1.2 MB)',
        '',
      ].join('\n'),
    );
  });

  test.each(['failed', 'timed-out', 'cancelled', 'interrupted', 'accepted'] as const)(
    'names the state %s',
    (state) => {
      expect(renderJob(someJob({ state }), NOW, plainPaint)).toContain(`state      ${state}\n`);
    },
  );
});

test('shows a log as it is, but for what a terminal would obey', () => {
  expect(renderLog('one\ntwo \u001b[2J')).toBe('one\ntwo \\x1b[2J\n');
  expect(renderLog('')).toBe('');
});

function someJob(changes: Partial<Job> = {}): Job {
  return {
    schema: 'dbbackup/job/1',
    id: '7f3a',
    operation: 'create',
    database: 'shop',
    state: 'running',
    startedAt: '2026-11-22T02:57:00Z',
    step: 'Creating database backup...',
    process: { pid: 4711, startTime: '1', bootId: 'b', pidNamespace: '', host: 'testhost', user: 'root' },
    command: 'dbbackup create shop',
    ...changes,
  };
}
