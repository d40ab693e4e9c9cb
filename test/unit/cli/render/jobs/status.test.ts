import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../../../../src/cli/render/text/paint.ts';
import { renderStatus } from '../../../../../src/cli/render/jobs/status.ts';
import { renderJob, renderLog } from '../../../../../src/cli/render/jobs/job.ts';
import type { Job } from '../../../../../src/jobs/record/job.ts';
import { openProblems } from '../../../../../src/jobs/record/status.ts';
import type { Status } from '../../../../../src/jobs/record/status.ts';
import type { SwapStep } from '../../../../../src/jobs/record/swap-journal.ts';

const NOW = new Date('2026-11-22T03:00:00Z');

function whole(
  status: Omit<Status, 'problems' | 'warnings' | 'kept'> & Partial<Pick<Status, 'kept'>>,
): Status {
  return { kept: [], ...status, problems: openProblems(status.databases, status.jobs), warnings: [] };
}

describe('renderStatus', () => {
  test('tells what runs, each database, what went wrong, and recent jobs', () => {
    const failed = someJob({
      id: 'f00d',
      operation: 'restore',
      state: 'failed',
      finishedAt: '2026-11-22T02:57:12Z',
      error: {
        code: 'restore-failed',
        message: 'Loading failed.',
        hint: 'DROP DATABASE x;\nRestore it again.',
      },
    });
    const running = someJob({ progress: { doneBytes: 42, totalBytes: 100 } });
    const status = {
      directory: '/work/backups',
      running: [running],
      databases: [
        {
          database: 'shop',
          lastBackup: { name: 'x', path: '/x', startedAt: '2026-11-22T00:00:00Z', sizeBytes: 1_200_000 },
          lastRehearsal: undefined,
          lastRestore: undefined,
          lastProblem: failed,
          backups: 2,
          totalSizeBytes: 2_400_000,
        },
      ],
      jobs: [running, failed],
    };

    expect(renderStatus(whole(status), NOW, plainPaint)).toBe(
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
        '    DROP DATABASE x;',
        '    Restore it again.',
        '    dbbackup status f00d --log --dir /work/backups',
        '',
        'Recent jobs',
        '  JOB   OPERATION  DATABASE  STATE    STARTED    TOOK',
        '  7f3a  create     shop      running  3 min ago',
        '  f00d  restore    shop      failed   3 min ago  12 s',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [true, '2026-11-22 01:00:00 UTC, 2 h ago'],
    [false, 'failed 2026-11-22 01:00:00 UTC, 2 h ago'],
  ])('says of a rehearsal whether it succeeded (%s), and when', (ok, shown) => {
    const status = {
      directory: '/work/backups',
      running: [],
      databases: [
        {
          database: 'shop',
          lastBackup: undefined,
          lastRehearsal: {
            name: 'x',
            at: '2026-11-22T01:00:00Z',
            job: 'bcdf2345',
            durationMs: 3_000,
            ok,
            server: { flavour: 'mysql', version: '9.7.4' },
            tables: 2,
          } as const,
          lastRestore: undefined,
          lastProblem: undefined,
          backups: 1,
          totalSizeBytes: 1,
        },
      ],
      jobs: [],
    };

    const text = renderStatus(whole(status), NOW, plainPaint);

    expect(text).toContain('  LAST REHEARSAL\n');
    expect(text).toContain(`  ${shown}\n`);
  });

  test('shows ages alone where the terminal is narrow', () => {
    const status = {
      directory: '/work/backups',
      running: [],
      databases: [
        {
          database: 'shop',
          lastBackup: { name: 'x', path: '/x', startedAt: '2026-11-22T00:00:00Z', sizeBytes: 1_200_000 },
          lastRehearsal: undefined,
          lastRestore: undefined,
          lastProblem: undefined,
          backups: 2,
          totalSizeBytes: 2_400_000,
        },
      ],
      jobs: [],
    };

    expect(renderStatus(whole(status), NOW, plainPaint, { width: 72 })).toContain(
      [
        '  DATABASE  LAST BACKUP    SIZE  LAST RESTORE  BACKUPS     ALL',
        '  shop      3 h ago      1.2 MB  never               2  2.4 MB',
        '',
      ].join('\n'),
    );
  });

  test('a restore that left something is a problem until it is settled, whatever came after', () => {
    const swap = { step: 'swapping', stage: 'dbbackup_stage_dead', old: 'dbbackup_old_dead' } as const;
    const dead = someJob({ id: 'dead', operation: 'restore', state: 'interrupted', swap });
    const runs = someJob({ id: 'runs', operation: 'restore', swap });
    const status = { directory: '/b', running: [runs], databases: [], jobs: [runs, dead] };

    expect(renderStatus(whole(status), NOW, plainPaint)).toContain(
      [
        'Problems',
        '  shop: restore interrupted 3 min ago',
        "    shop has its old tables or the backup's; it is not known yet which. The others are in dbbackup_old_dead or dbbackup_stage_dead.",
        '    The next create or restore of shop completes it or rolls it back. To do it now:',
        '    dbbackup restore --resume dead --dir /b',
        '    dbbackup status dead --log --dir /b',
        '',
        'Recent jobs',
      ].join('\n'),
    );
  });

  test('such a restore is told once', () => {
    const swap = { step: 'staging', stage: 'dbbackup_stage_dead', old: 'dbbackup_old_dead' } as const;
    const dead = someJob({ id: 'dead', operation: 'restore', state: 'interrupted', swap });
    const database = {
      database: 'shop',
      lastBackup: undefined,
      lastRehearsal: undefined,
      lastRestore: undefined,
      lastProblem: dead,
      backups: 0,
      totalSizeBytes: 0,
    };
    const status = { directory: '/b', running: [], databases: [database], jobs: [dead] };

    expect(renderStatus(whole(status), NOW, plainPaint).match(/--resume dead/g)).toHaveLength(1);
  });

  test('says that nothing runs', () => {
    const status = { directory: '/b', running: [], databases: [], jobs: [] };

    expect(renderStatus(whole(status), NOW, plainPaint)).toBe('Running now\n  nothing\n');
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

    expect(renderJob(job, '/b', NOW, plainPaint)).toBe(
      [
        'job        7f3a',
        'operation  create shop',
        'state      succeeded',
        'last step  Done',
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
      expect(renderJob(someJob({ state }), '/b', NOW, plainPaint)).toContain(`state      ${state}\n`);
    },
  );
});

test('says of a rehearsal whose process cannot be checked that it may still be running', () => {
  const job = someJob({ operation: 'verify', state: 'interrupted', unproven: true });
  const status = { directory: '/b', running: [], databases: [], jobs: [job] };

  expect(renderJob(job, '/b', NOW, plainPaint)).toContain(
    'note       It may still be running: its process cannot be checked from here.\n',
  );
  expect(renderStatus(whole(status), NOW, plainPaint)).toContain(
    'verify     shop      interrupted?  3 min ago',
  );
});

test('says of a run whose process cannot be checked that it may have ended', () => {
  const job = someJob({ state: 'running', unproven: true });

  expect(renderJob(job, '/b', NOW, plainPaint)).toContain(
    'note       It may have ended, although its lock still exists: its process cannot be checked from here.\n',
  );
});

describe('what a restore has left', () => {
  const left = (step: SwapStep, changes: Partial<Job> = {}): string =>
    renderJob(
      someJob({
        operation: 'restore',
        state: 'interrupted',
        swap: { step, stage: 'dbbackup_stage_7f3a', old: 'dbbackup_old_7f3a' },
        ...changes,
      }),
      '/b',
      NOW,
      plainPaint,
    );

  test.each<[step: SwapStep, text: string]>([
    ['staging', 'shop is unchanged; the staging schema dbbackup_stage_7f3a is left on the server.'],
    [
      'swapping',
      "shop has its old tables or the backup's; it is not known yet which. The others are in dbbackup_old_7f3a or dbbackup_stage_7f3a.",
    ],
    [
      'finishing',
      "shop has the backup's tables; views, routines, triggers and events may be missing. The old tables are in dbbackup_old_7f3a.",
    ],
    ['clearing', 'shop is restored; its old tables are still on the server, in dbbackup_old_7f3a.'],
  ])('at the step %s', (step, text) => {
    expect(left(step)).toContain(`left          ${text}\n`);
    expect(left(step)).toContain(
      'to settle it  The next create or restore of shop completes it or rolls it back. To do it now:\n              dbbackup restore --resume 7f3a --dir /b\n',
    );
  });

  test('also when the run itself succeeded or failed', () => {
    for (const state of ['succeeded', 'failed', 'cancelled', 'timed-out'] as const)
      expect(left('clearing', { state })).toContain('--resume 7f3a');
  });

  test.each([
    {
      title: 'in place, with a safety backup',
      replacing: { restoreCommand: 'dbbackup restore again', returnCommand: 'dbbackup restore back' },
      wayOut: ['To bring back the previous contents of shop:', 'dbbackup restore back'],
    },
    {
      title: 'in place, without one',
      replacing: { restoreCommand: 'dbbackup restore again' },
      wayOut: ['There is no safety backup. To restore again:', 'dbbackup restore again'],
    },
  ])('$title', ({ replacing, wayOut }) => {
    const job = someJob({ operation: 'restore', state: 'interrupted', replacing });
    const status = { directory: '/b', running: [], databases: [], jobs: [job] };
    const state = 'shop may hold only part of the backup.';

    expect(renderJob(job, '/b', NOW, plainPaint)).toContain(
      `left          ${state}\nto settle it  ${wayOut.join(`\n${' '.repeat(14)}`)}\n`,
    );
    expect(renderStatus(whole(status), NOW, plainPaint)).toContain(
      `    ${state}\n    ${wayOut.join('\n    ')}\n`,
    );
    expect(renderJob({ ...job, state: 'running' }, '/b', NOW, plainPaint)).not.toContain(state);
  });

  test('nothing, as long as it runs or once it is settled', () => {
    expect(left('swapping', { state: 'running' })).not.toContain('--resume');
    expect(left('swapping', { swap: undefined })).not.toContain('--resume');
  });
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
