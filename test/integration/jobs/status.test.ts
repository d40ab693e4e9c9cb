import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, restore, succeeds } from '../../harness/backup.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup } from '../../harness/dbbackup.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { pathWith } from '../../harness/fake-programs.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

const server = testServers()[0]!;

interface StatusDocument {
  readonly schema: string;
  readonly ok: boolean;
  readonly running: readonly Job[];
  readonly problems: readonly Job[];
  readonly databases: readonly Record<string, unknown>[];
  readonly jobs: readonly Job[];
}

async function status(): Promise<StatusDocument> {
  return JSON.parse((await succeeds(['status', '--json'])).stdout) as StatusDocument;
}

/** A create whose dump tool waits for the file `go`. */
async function waitingCreate(database: string): Promise<RunningDbbackup & { goOn(): Promise<void> }> {
  const { folder } = await workspace();
  const env = await pathWith(server, { dumpTool: 'program-that-waits-for-go.sh' });
  const run = await startDbbackup(['create', database, '--label', 'slow'], { server, env });
  await waitFor('the dump tool to start', async () => (await readdir(folder)).includes('started'), {
    deadlineMs: 30_000,
  });
  return { ...run, goOn: () => writeFile(join(folder, 'go'), '') };
}

describe('status', () => {
  test('shows what runs now, with its job, step, process and command, and then that it succeeded', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1000) });
    const run = await waitingCreate(database);

    const during = await status();
    const { stdout } = await succeeds(['status']);
    const [job] = during.running;
    await run.goOn();
    expect(await run.finished).toMatchObject({ exitCode: 0 });
    const after = await status();

    expect(job).toMatchObject({
      operation: 'create',
      database,
      state: 'running',
      step: 'Creating database backup...',
      process: { pid: run.pid },
      command: `dbbackup create ${database} --label slow`,
    });
    expect(stdout).toMatch(/^Running now\n/);
    expect(stdout).toContain(
      `create ${database} on ${server.host}:${server.port}: Creating database backup...`,
    );
    expect(stdout).toMatch(new RegExp(`job ${job?.id ?? ''}, since .*, pid ${run.pid} on .* by `));
    expect(after.running).toEqual([]);
    expect(after.jobs).toMatchObject([
      { id: job?.id, state: 'succeeded', result: { path: expect.stringContaining('/slow_') } },
    ]);
    expect((await succeeds(['status'])).stdout).toMatch(/^Running now\n {2}nothing\n/);
  });

  test('calls a run interrupted whose process was killed, until one has succeeded', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const run = await waitingCreate(database);
    leavesBehind(
      ['partial', 'server lock', 'process', 'temporary file'],
      'kill -9 leaves them for the next run',
    );
    run.signalGroup('SIGKILL');
    await run.finished;

    const killed = await status();
    const { stdout } = await succeeds(['status']);
    expect(killed.running).toEqual([]);
    expect(killed.jobs).toMatchObject([{ state: 'interrupted' }]);
    expect(killed.databases).toMatchObject([{ database, backups: 0, lastProblem: { state: 'interrupted' } }]);
    expect(stdout).toContain(`Problems\n  ${database} on ${server.host}:${server.port}: create interrupted`);
    expect(stdout).toContain(`dbbackup status ${killed.jobs[0]?.id ?? ''} --log`);

    await backUp(server, database);
    const mended = await status();
    expect(mended.jobs.map(({ state }) => state)).toEqual(['succeeded', 'interrupted']);
    expect(mended.databases[0]).not.toHaveProperty('lastProblem');
    expect((await succeeds(['status'])).stdout).not.toContain('Problems');
  });

  test('tells the last backup and restore of each database, and its sizes', async () => {
    const first = await freshDatabase(server, { sql: SHOP_SQL });
    const second = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, first);
    await backUp(server, second);
    await restore(server, path, first);

    const { databases, jobs, schema, ok } = await status();
    const { stdout } = await succeeds(['status']);

    expect([schema, ok]).toEqual(['dbbackup/status/1', true]);
    const of = (database: string) => databases.find((each) => each['database'] === database);
    expect(of(first)).toMatchObject({
      backups: 2,
      lastBackup: { path },
      lastRestore: { operation: 'restore', state: 'succeeded' },
    });
    expect(of(second)).toMatchObject({ backups: 1 });
    expect(of(second)).not.toHaveProperty('lastRestore');
    expect(jobs.map(({ operation, database }) => `${operation} ${database}`)).toEqual([
      `restore ${first}`,
      `create ${second}`,
      `create ${first}`,
    ]);
    expect(stdout).toMatch(new RegExp(`${second} .* never `));
    expect(stdout).toMatch(/DATABASE +LAST BACKUP +SIZE +LAST RESTORE +BACKUPS +ALL/);
  });

  test('shows one job by a beginning of its id, with its log', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database);
    const [job] = (await status()).jobs;
    const id = job?.id ?? '';

    const { stdout } = await succeeds(['status', id.slice(0, 6), '--log']);
    const without = await succeeds(['status', id]);
    const json = JSON.parse((await succeeds(['status', id, '--json'])).stdout) as unknown;

    for (const line of [
      `job +${id}`,
      `operation +create ${database}`,
      'state +succeeded',
      `backup +${path}`,
    ]) {
      expect(stdout).toMatch(new RegExp(`^${line}`, 'm'));
    }
    expect(stdout).toMatch(
      new RegExp(`Z create of ${database} begins: dbbackup create -- ${database} \\(pid \\d+, dbbackup \\d`),
    );
    expect(stdout).toMatch(new RegExp(`Z succeeded: ${path}, \\d+ bytes\n$`));
    expect(without.stdout).not.toContain('begins:');
    expect(json).toMatchObject({
      schema: 'dbbackup/status/1',
      ok: true,
      job: { id, state: 'succeeded' },
      log: expect.stringContaining('begins:'),
    });
  });

  test('shows a run that failed, with its error and hint', async () => {
    const { exitCode } = await runDbbackup(['create', 'test_no_such_database'], { server });
    expect(exitCode).toBe(10);

    const { jobs, databases, problems } = await status();
    const { stdout } = await succeeds(['status', jobs[0]?.id ?? '']);

    expect(jobs).toMatchObject([{ state: 'failed', error: { code: 'not-found' } }]);
    expect(databases).toMatchObject([{ database: 'test_no_such_database', backups: 0 }]);
    expect(problems).toMatchObject([{ error: { code: 'not-found' } }]);
    expect(stdout).toMatch(
      /^error +There is no database test_no_such_database on this server\. \(not-found\)$/m,
    );
    expect(stdout).toMatch(/^state +failed$/m);
  });

  test.each(['zzzzzzzz', '../../etc/passwd', 'bcd\nfgh'])(
    'does not find the job %j, and names recent ones',
    async (id) => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      await backUp(server, database);
      const [job] = (await status()).jobs;

      const { exitCode, stderr } = await runDbbackup(['status', id]);

      expect(exitCode).toBe(10);
      expect(stderr).toContain('There is no job ');
      expect(stderr).toContain(`Recent jobs: ${job?.id ?? '?'}.`);
    },
  );

  test('passes over a job file that is damaged, and says so', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await backUp(server, database);
    const { backups } = await workspace();
    await writeFile(join(backups, '.jobs/bcdfghjk.json'), '{"schema": "dbb');

    const { stdout, stderr } = await succeeds(['status', '--json']);

    expect((JSON.parse(stdout) as StatusDocument).jobs).toHaveLength(1);
    expect(stderr).toContain('The state file of job bcdfghjk cannot be read.');
  });

  test('of a missing folder says that nothing runs, and needs no server', async () => {
    const { stdout } = await succeeds(['status']);

    expect(stdout).toBe('Running now\n  nothing\n');
    expect(await status()).toMatchObject({ running: [], databases: [], jobs: [] });
  });
});
