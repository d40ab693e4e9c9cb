import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJobFile } from '../../../src/jobs/record/job-files.ts';
import { identifyProcess } from '../../../src/locks/processes.ts';
import { pruneJobs } from '../../../src/jobs/prune-jobs.ts';
import type { Job } from '../../../src/jobs/record/job.ts';
import { scratchSchemas } from '../../../src/run/scratch-names.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { GONE, someJob } from './some-jobs.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

test('keeps the last 100 jobs of each database, and all that are not over', async () => {
  const directory = await temporaryFolder();
  const put = async (id: string, minute: number, changes: Partial<Job> = {}) => {
    const startedAt = new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
    const file = await openJobFile(directory, someJob({ id, state: 'succeeded', startedAt, ...changes }));
    await file.log('a line');
  };
  await put('a1', 1, { state: 'running', process: await identifyProcess(process.pid, 'testhost', 'tester') });
  await put('a2', 2, { swap: { step: 'staging', ...scratchSchemas('a2') } });
  await put('a3', 3, { state: 'running', process: GONE });
  await put('a5', 3, { state: 'failed', replacing: { restoreCommand: 'dbbackup restore shop/latest' } });
  await put('a4', 4);
  await put('other', 5, { database: 'other' });
  for (let n = 0; n <= 100; n += 1) await put(`m${n}`, 10 + n, { database: 'many' });
  for (let n = 0; n < 100; n += 1) await put(`n${n}`, 10 + n);

  await pruneJobs(directory, quietRuntime());

  const left = readdirSync(join(directory, '.jobs'));
  expect(left).toHaveLength(2 * 204);
  for (const id of ['a3', 'a4', 'm0']) expect(left).not.toContain(`${id}.json`);
  for (const id of ['a1', 'a2', 'a5', 'other', 'm1', 'n0']) expect(left).toContain(`${id}.log`);
});

test('removes a run over all that failed together with the later one that answered it', async () => {
  const directory = await temporaryFolder();
  const put = (id: string, minute: number, changes: Partial<Job> = {}) => {
    const startedAt = new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
    return openJobFile(directory, someJob({ id, state: 'succeeded', startedAt, ...changes }));
  };
  const all = { allDatabases: true, label: 'nightly', server: 'a:3306' } as const;
  await put('down', 1, { ...all, database: '', state: 'failed' });
  await put('other', 2, { ...all, database: '', state: 'failed', server: 'b:3306' });
  await put('weekly', 3, { ...all, database: '', state: 'failed', label: 'weekly' });
  await put('answer', 4, all);
  await put('since', 5, { ...all, database: '', state: 'failed' });
  for (let n = 0; n < 99; n += 1) await put(`n${n}`, 10 + n);
  await pruneJobs(directory, quietRuntime());
  expect(readdirSync(join(directory, '.jobs'))).toContain('down.json');

  await put('last', 200);
  await pruneJobs(directory, quietRuntime());

  const left = readdirSync(join(directory, '.jobs'));
  for (const id of ['answer', 'down']) expect(left).not.toContain(`${id}.json`);
  for (const id of ['other', 'weekly', 'since', 'last']) expect(left).toContain(`${id}.json`);
});

test('never removes a job that keeps tables, whoever may have written its file', async () => {
  const directory = await temporaryFolder();
  const put = (id: string, minute: number, changes: Partial<Job> = {}) =>
    openJobFile(
      directory,
      someJob({ id, state: 'succeeded', startedAt: `2026-11-01T00:0${minute}:00.000Z`, ...changes }),
    );
  const kept = { until: '2026-11-02T00:00:00.000Z', forMs: 1, sizeBytes: 1 };
  await put('keeps', 1, { operation: 'restore', kept });
  await put('theirs', 2, { operation: 'restore', kept });
  await put('theirs2', 3, { operation: 'restore' });
  for (const id of ['theirs', 'theirs2']) chmodSync(join(directory, '.jobs', `${id}.json`), 0o666);
  for (let n = 0; n < 100; n += 1) await put(`n${n}`, 4);

  await pruneJobs(directory, quietRuntime());

  const left = readdirSync(join(directory, '.jobs'));
  expect(left).toContain('keeps.json');
  expect(left).toContain('theirs.json');
  expect(left).not.toContain('theirs2.json');
});

test('says nothing of what it cannot read, and does not fail', async () => {
  const directory = await temporaryFolder();
  mkdirSync(join(directory, '.jobs'));
  writeFileSync(join(directory, '.jobs', 'cut.json'), '{');
  const runtime = quietRuntime();

  await pruneJobs(directory, runtime);
  await pruneJobs(join(directory, '.jobs', 'cut.json'), runtime);

  expect(runtime.events).toEqual([]);
});

test('removes the drafts that killed runs left, but none of a run that may be writing', async () => {
  const directory = await temporaryFolder();
  const running = await identifyProcess(process.pid, 'testhost', 'tester');
  const put = (id: string, changes: Partial<Job>) => openJobFile(directory, someJob({ id, ...changes }));
  await put('over', { state: 'succeeded' });
  await put('dead', { state: 'running', process: GONE });
  await put('runs', { state: 'running', process: running });
  await put('undone', { state: 'failed', swap: { step: 'swapping', ...scratchSchemas('undone') } });
  const runtime = quietRuntime();
  const draft = (name: string, secondsOld: number) => {
    const path = join(directory, '.jobs', name);
    writeFileSync(path, '{"half');
    const at = runtime.now().getTime() / 1000 - secondsOld;
    utimesSync(path, at, at);
  };
  for (const id of ['over', 'dead', 'runs', 'undone', 'unknown']) draft(`${id}.json.new`, 3600);
  draft('dead.swap.new', 3600);
  draft('begins.json.new', 1);

  await pruneJobs(directory, runtime);

  const left = readdirSync(join(directory, '.jobs')).filter((name) => name.endsWith('.new'));
  expect(left.sort()).toEqual(['begins.json.new', 'runs.json.new', 'undone.json.new']);
});
