import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { undoableJobsIn } from '../../../../src/cli/completion/undoable-jobs.ts';
import { openJobFile } from '../../../../src/jobs/record/job-files.ts';
import type { Job } from '../../../../src/jobs/record/job.ts';
import { identifyProcess } from '../../../../src/locks/processes.ts';
import { scratchSchemas } from '../../../../src/run/scratch-names.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { GONE, someJob } from '../../jobs/some-jobs.ts';
import { quietRuntime } from '../../run/quiet-runtime.ts';

const wayBack = { reference: 'shop/pre-restore_2026-11-09_03-00-00' };
const result = { name: 'a', path: '/b/a.sql', sizeBytes: 1 };
const kept = { until: '2026-11-30T00:00:00.000Z', forMs: 1, sizeBytes: 1 };

const restore = (id: string, day: number, changes: Partial<Job> = {}) =>
  someJob({
    ...{ id, operation: 'restore', state: 'succeeded', startedAt: `2026-11-${day}T03:00:00.000Z` },
    result: { ...result, undoCommand: `dbbackup undo ${id}`, wayBack },
    ...changes,
  });

const settled = { state: 'interrupted', settled: 'completed', result: undefined } as const;

test('undo is offered restores with a way back that were not undone, newest first', async () => {
  const directory = await temporaryFolder();
  const jobs = [
    restore('bbbb2222', 10),
    restore('cccc2222', 12),
    restore('ddnd2222', 11),
    restore('tsdd2222', 13, { undoes: 'ddnd2222' }),
    restore('trng2222', 14),
    restore('fbbb2222', 15, { state: 'failed', undoes: 'trng2222', result: undefined }),
    restore('nthg2222', 16, { result: { ...result, undoSql: 'DROP DATABASE a;' } }),
    restore('rnss2222', 17, { state: 'running' }),
    someJob({ id: 'crtt2222', state: 'succeeded' }),
    restore('ktpp2222', 18, { ...settled, kept }),
    // Of these only a command is left, which undo tells but does not run.
    restore('vtrr2222', 19, { ...settled, returnCommand: 'dbbackup restore shop/pre-restore_x' }),
    restore('xprd2222', 20, { result: { ...result, undoCommand: 'dbbackup undo xprd2222' } }),
  ];
  for (const job of jobs) await openJobFile(directory, job);
  await mkdir(join(directory, '.jobs'), { recursive: true });
  await writeFile(join(directory, '.jobs/broken.json'), '{');

  expect(await undoableJobsIn(directory, quietRuntime())).toEqual([
    { value: 'ktpp2222', what: 'restore of shop, 2026-11-18 03:00 UTC' },
    { value: 'trng2222', what: 'restore of shop, 2026-11-14 03:00 UTC' },
    { value: 'tsdd2222', what: 'undo of shop, 2026-11-13 03:00 UTC' },
    { value: 'cccc2222', what: 'restore of shop, 2026-11-12 03:00 UTC' },
    { value: 'bbbb2222', what: 'restore of shop, 2026-11-10 03:00 UTC' },
  ]);
  expect(await undoableJobsIn(join(directory, 'nowhere'), quietRuntime())).toEqual([]);
});

test('an undo that was killed hides the restore only where it has to be settled first', async () => {
  const directory = await temporaryFolder();
  const alive = await identifyProcess(process.pid, 'testhost', 'tester');
  const undo = { state: 'running', result: undefined } as const;
  const jobs = [
    restore('bbbb2222', 10),
    restore('bbbb3333', 11, { ...undo, undoes: 'bbbb2222', process: GONE }),
    restore('cccc2222', 12),
    restore('cccc3333', 13, { ...undo, undoes: 'cccc2222', process: alive }),
    restore('dddd2222', 14),
    restore('dddd3333', 15, {
      ...{ ...undo, undoes: 'dddd2222', process: GONE },
      swap: { step: 'staging', ...scratchSchemas('dddd3333') },
    }),
  ];
  for (const job of jobs) await openJobFile(directory, job);

  expect((await undoableJobsIn(directory, quietRuntime())).map(({ value }) => value)).toEqual(['bbbb2222']);
});

test('the id is the one that the file is named after', async () => {
  const directory = await temporaryFolder();
  await mkdir(join(directory, '.jobs'));
  const job = { ...restore('bbbb2222', 10), id: '$(reboot)' };
  await writeFile(join(directory, '.jobs/cccc2222.json'), JSON.stringify(job));

  expect((await undoableJobsIn(directory, quietRuntime())).map(({ value }) => value)).toEqual(['cccc2222']);
});
