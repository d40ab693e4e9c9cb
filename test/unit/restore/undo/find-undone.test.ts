import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { standInPath } from '../../../../src/backups/directory/stand-in-directory.ts';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { identifyProcess } from '../../../../src/locks/processes.ts';
import { findUndone } from '../../../../src/restore/undo/find-undone.ts';
import { scratchSchemas } from '../../../../src/run/scratch-names.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { GONE, someJob } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

const restoreOf = (id: string, day: number, changes: Partial<Job>): Job =>
  someJob({
    ...{ id, operation: 'restore', database: 'shop', process: GONE },
    ...{ startedAt: `2026-11-${day}T03:00:00.000Z`, finishedAt: `2026-11-${day}T03:00:09.000Z` },
    ...changes,
  });

const kept = { until: '2030-01-01T00:00:00.000Z', forMs: 1, sizeBytes: 1 };

const asked = (id?: string) => ({
  ...{ directory, id, database: undefined },
  sameServer: ['--dir', directory, '--host', 'db'],
});

async function undone(...jobs: Job[]): Promise<string> {
  for (const job of jobs) await openJobFile(directory, job);
  const found = await findUndone(asked(), quietRuntime());
  return found.job.id;
}

describe('undo without a job', () => {
  const old = restoreOf('oldest22', 11, { state: 'succeeded' });

  test('takes the last restore, which others of the database have not changed', async () => {
    expect(await undone(old, restoreOf('newest22', 12, { state: 'succeeded' }))).toBe('newest22');
  });

  test('names commands for the same server where there are several databases', async () => {
    const other = restoreOf('other222', 12, { state: 'succeeded', database: 'blog' });
    await expect(undone(old, other)).rejects.toMatchObject({
      code: 'usage',
      hint: [
        'Name the one to undo:',
        `blog: dbbackup undo other222 --dir ${directory} --host db`,
        `shop: dbbackup undo oldest22 --dir ${directory} --host db`,
      ].join('\n'),
    });
  });

  test('passes over one that has changed nothing', async () => {
    const error = { code: 'restore-failed', message: 'x' } as const;
    expect(await undone(old, restoreOf('newest22', 12, { state: 'failed', error }))).toBe('oldest22');
  });

  test('takes one whose old tables are kept, however it ended', async () => {
    const error = { code: 'restore-incomplete', message: 'x' } as const;
    const failed = restoreOf('newest22', 12, { state: 'failed', error, kept });
    expect(await undone(old, failed)).toBe('newest22');
  });

  test.each<Partial<Job> & { readonly says?: string }>([
    {
      state: 'failed',
      error: { code: 'restore-incomplete', message: 'x', hint: 'type this' },
      says: 'type this',
    },
    {
      state: 'failed',
      error: { code: 'restore-incomplete', message: 'x' },
      says: 'dbbackup status newest22 --dir ',
    },
    {
      state: 'failed',
      replacing: { returnCommand: 'back', restoreCommand: 'again' },
      says: 'of shop:\nback',
    },
    { state: 'running', swap: { step: 'swapping', stage: 'dbbackup_stage_new', old: 'dbbackup_old_new' } },
  ])('never undoes an older one behind one that is half done: %#', async ({ says = '', ...changes }) => {
    await expect(undone(old, restoreOf('newest22', 12, changes))).rejects.toMatchObject({
      code: 'failed',
      hint: expect.stringContaining(says) as string,
    });
  });

  test('takes one of a run that could only read the backup directory, with the directory that has it', async () => {
    const runtime = quietRuntime({ env: { XDG_STATE_HOME: await temporaryFolder() } });
    const standIn = standInPath(directory, runtime)!;
    await openJobFile(directory, old);
    await openJobFile(standIn, restoreOf('newest22', 12, { state: 'succeeded' }));

    expect(await findUndone(asked(), runtime)).toMatchObject({ job: { id: 'newest22' }, directory: standIn });
  });
});

describe('a restore that has an undo', () => {
  const first = restoreOf('first222', 11, { state: 'succeeded' });
  const undo = restoreOf('undo2222', 12, { state: 'succeeded', undoes: 'first222' });
  const redo = restoreOf('redo2222', 13, { state: 'succeeded', undoes: 'undo2222' });

  async function undoing(id: string, ...jobs: Job[]): Promise<unknown> {
    for (const job of jobs) await openJobFile(directory, job);
    return findUndone(asked(id), quietRuntime());
  }

  test('is not undone twice: who did it when, and the redo', async () => {
    await expect(undoing('first222', first, undo)).rejects.toMatchObject({
      code: 'not-found',
      message: 'The restore first222 of shop was undone by undo2222 at 2026-11-12 03:00:09 UTC.',
      hint: `To redo it:\ndbbackup undo undo2222 --dir ${directory} --host db`,
    });
  });

  test('and a redo is undone by undoing that', async () => {
    await expect(undoing('first222', first, undo, redo)).rejects.toMatchObject({
      code: 'not-found',
      message:
        'The restore first222 of shop was undone by undo2222, and redone by redo2222 at 2026-11-13 03:00:09 UTC.',
      hint: `To undo it once more:\ndbbackup undo redo2222 --dir ${directory} --host db`,
    });
    expect(await undoing('redo2222')).toMatchObject({ job: { id: 'redo2222' } });
  });

  test.each<{ title: string; changes: Partial<Job>; hint: string }>([
    {
      title: 'was killed in the swap',
      changes: { state: 'running', swap: { step: 'swapping', ...scratchSchemas('undo2222') } },
      hint: 'First complete it or roll it back:\ndbbackup restore --resume undo2222 --dir ',
    },
    {
      title: 'was killed in place',
      changes: { state: 'running', replacing: { returnCommand: 'back', restoreCommand: 'again' } },
      hint: ':\nback',
    },
  ])('is not undone while its undo $title', async ({ changes, hint }) => {
    await expect(undoing('first222', first, { ...undo, ...changes })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/^The undo undo2222 of first222 /) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  test('is not undone while its undo runs', async () => {
    const self = await identifyProcess(process.pid, 'testhost', 'tester');
    const running: Job = { ...undo, state: 'running', process: self };
    await expect(undoing('first222', first, running)).rejects.toMatchObject({
      code: 'locked',
      message: 'The undo undo2222 of first222 still runs.',
    });
  });

  test.each<{ title: string; changes: Partial<Job> }>([
    { title: 'failed and left all as it was', changes: { state: 'failed' } },
    { title: 'was refused', changes: { state: 'cancelled' } },
    { title: 'was rolled back', changes: { state: 'running', settled: 'rolled-back' } },
    { title: 'was killed before it had begun', changes: { state: 'running' } },
  ])('is undone when its undo $title', async ({ changes }) => {
    expect(await undoing('first222', first, { ...undo, ...changes })).toMatchObject({
      job: { id: 'first222' },
    });
  });

  test.each<{ title: string; changes: Partial<Job> }>([
    { title: 'was completed by a later run', changes: { state: 'running', settled: 'completed' } },
    { title: 'was killed when it was over, and keeps tables', changes: { state: 'running', kept } },
  ])('is not undone twice when its undo $title', async ({ changes }) => {
    await expect(undoing('first222', first, { ...undo, ...changes })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/was undone by undo2222 at/) as string,
    });
  });
});

describe('a restore whose file may be of somebody else', () => {
  test('is not undone, and the reason is told', async () => {
    await openJobFile(directory, restoreOf('first222', 11, { state: 'succeeded' }));
    chmodSync(join(directory, '.jobs', 'first222.json'), 0o666);

    await expect(findUndone(asked('first222'), quietRuntime())).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /^The restore first222 of shop is not undone because that file says so: .*may be written/,
      ) as string,
      hint: expect.stringContaining('\nchmod go-w ') as string,
    });
  });
});
