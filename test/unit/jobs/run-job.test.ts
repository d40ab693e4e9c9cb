import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readJobFiles, readJobLog } from '../../../src/jobs/record/job-files.ts';
import { runJob } from '../../../src/jobs/run-job.ts';
import type { Runtime } from '../../../src/run/runtime.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import type { ErrorCode } from '../../../src/run/errors.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

let directory = '';
beforeEach(async () => {
  directory = join(await temporaryFolder(), 'backups');
});

const result = { name: 'manual', path: '/b/manual.sql', sizeBytes: 4 };
const connection = { endpoint: { kind: 'tcp', host: 'db', port: 3306 }, password: undefined } as const;
const run = <T>(body: (id: string, runtime: Runtime) => Promise<T>, runtime = quietRuntime()) =>
  runJob(
    { operation: 'create', database: 'shop', directory, step: 'Beginning...', connection },
    runtime,
    async (id, own) => ({
      value: await body(id, own),
      result,
    }),
  );

/** The one job that has run, and its log. */
async function recorded() {
  const { jobs } = await readJobFiles(directory, quietRuntime().userId);
  return { job: jobs[0], log: readJobLog(directory, jobs[0]?.id ?? '') };
}

describe('runJob', () => {
  test('gives the value back, and records the result', async () => {
    const id = await run((id) => Promise.resolve(id));

    const { job, log } = await recorded();
    expect(job).toMatchObject({
      id,
      state: 'succeeded',
      server: 'db:3306',
      result,
      finishedAt: '2026-11-22T03:00:00.000Z',
    });
    expect(log.split('\n')).toEqual([
      `2026-11-22T03:00:00.000Z create of shop begins: dbbackup create shop (pid ${process.pid}, dbbackup 1.2.3)`,
      '2026-11-22T03:00:00.000Z succeeded: /b/manual.sql, 4 bytes',
      '',
    ]);
  });

  test('its end tells how it ended, not what its journal said until then', async () => {
    const start = {
      operation: 'restore',
      database: 'shop',
      directory,
      step: 'Beginning...',
      connection,
    } as const;
    const seen: unknown[] = [];
    await runJob(start, quietRuntime(), async (_id, _runtime, journal) => {
      await journal({ settled: 'completed', returnCommand: 'back' });
      seen.push((await recorded()).job);
      return { value: undefined, result };
    });

    expect(seen).toEqual([expect.objectContaining({ settled: 'completed', returnCommand: 'back' })]);
    expect((await recorded()).job).toMatchObject({ state: 'succeeded' });
    expect((await recorded()).job).not.toHaveProperty('settled', 'completed');
    expect((await recorded()).job).not.toHaveProperty('returnCommand', 'back');
  });

  test('tells while it runs that it runs, as which process, and at which step', async () => {
    let seen: unknown;
    await run(async (_id, { onProgress }) => {
      onProgress({ kind: 'step', message: 'Dumping...' });
      await expect.poll(async () => (await recorded()).job?.step).toBe('Dumping...');
      seen = (await recorded()).job;
    });

    expect(seen).toMatchObject({ state: 'running', step: 'Dumping...', process: { pid: process.pid } });
  });

  test('passes progress on, and follows it in the state file', async () => {
    let second = 0;
    const runtime = quietRuntime({ now: () => new Date(second++ * 1000) });
    await run((_id, { onProgress }) => {
      onProgress({ kind: 'bytes', doneBytes: 5, totalBytes: 10 });
      onProgress({ kind: 'warning', message: 'Beware.' });
      onProgress({ kind: 'detail', message: 'By the way.' });
      return Promise.resolve();
    }, runtime);

    const { job, log } = await recorded();
    expect(runtime.events.map(({ kind }) => kind)).toEqual(['job', 'bytes', 'warning', 'detail']);
    expect(job?.progress).toEqual({ doneBytes: 5, totalBytes: 10 });
    expect(log).toContain(' warning: Beware.\n');
    expect(log).toContain(' By the way.\n');
  });

  test.each<[ErrorCode, string]>([
    ['dump-failed', 'failed'],
    ['locked', 'failed'],
    ['timeout', 'timed-out'],
    ['interrupted', 'cancelled'],
    ['terminated', 'cancelled'],
    ['hangup', 'cancelled'],
  ])('an end by %s is recorded as %s, and rejects with the same error', async (code, state) => {
    const error = new DbBackupError(code, 'It ended.', { hint: 'Look.' });

    await expect(run(() => Promise.reject(error))).rejects.toBe(error);

    const { job, log } = await recorded();
    expect(job).toMatchObject({ state, error: { code, message: 'It ended.', hint: 'Look.' } });
    expect(log).toContain(` ${state} (${code}): It ended.\n`);
  });

  test('a bug is recorded as one, and keeps its stack for whoever shows it', async () => {
    const bug = new TypeError('x is undefined');

    await expect(run(() => Promise.reject(bug))).rejects.toBe(bug);
    expect((await recorded()).job).toMatchObject({
      state: 'failed',
      error: { code: 'failed', message: 'A bug in dbbackup: TypeError: x is undefined' },
    });
  });

  test('does nothing when its state cannot be recorded', async () => {
    writeFileSync(directory, '');
    let ran = false;

    await expect(run(() => Promise.resolve((ran = true)))).rejects.toMatchObject({ code: 'no-space' });
    expect(ran).toBe(false);
  });
});
