import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { newAccount } from '../../harness/accounts.ts';
import { backUp, expectSameDump, succeeds } from '../../harness/backup.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { signalProcess } from '../../harness/processes.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

/** Starts a job that outlives its start. @returns its id. */
async function detached(server: TestServer, args: readonly string[]): Promise<string> {
  const { stdout } = await succeeds([...args, '--detach'], { server });
  expect(stdout).toMatch(/^[a-z0-9]{8}\n$/);
  return stdout.trim();
}

async function jobFile(id: string): Promise<Job> {
  const path = join((await workspace()).backups, '.jobs', `${id}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Job;
}

async function stateOf(id: string): Promise<Job> {
  const { stdout } = await runDbbackup(['status', id, '--json']);
  return (JSON.parse(stdout) as { job: Job }).job;
}

describeOneServer('a detached job', (server) => {
  test('backs up and restores without the run that started it', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const before = await server.dump(database);

    const created = await detached(server, ['create', database]);
    const { stdout } = await succeeds(['status', created, '--wait', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      job: { state: 'succeeded', result: { sizeBytes: expect.any(Number) } },
    });

    await server.sql('DELETE FROM many_rows WHERE id > 10', database);
    const restored = await detached(server, ['restore', `${database}/latest`, '--confirm', database]);
    const { stdout: log } = await succeeds(['status', restored, '--wait', '--log']);
    expect(log).toContain('Restoring database from backup...');
    expect(log).toMatch(/^state +succeeded$/m);
    expect(log).toMatch(/^to undo it +dbbackup undo /m);
    expectSameDump(await server.dump(database), before);
  });

  test('is refused at once for what is known at once', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(10) });
    const backup = await backUp(server, database);
    const account = await newAccount(server);

    for (const [args, exitCode, env] of [
      [['create', 'no_such_database'], 10, {}],
      [['create', database], 12, { ...account.env, DBBACKUP_PASSWORD: 'wrong' }],
      [
        ['create', database],
        14,
        { DBBACKUP_HOST: '127.0.0.1', DBBACKUP_PORT: '1', DBBACKUP_SOCKET: undefined },
      ],
      [
        ['create', database, 'another'],
        14,
        { DBBACKUP_HOST: '127.0.0.1', DBBACKUP_PORT: '1', DBBACKUP_SOCKET: undefined },
      ],
      [['create', '--all-databases', '--output', 'x.sql'], 2, {}],
      [['create', database, '--output', '-'], 2, {}],
      [['create', database, '--dry-run'], 2, {}],
      [['restore', '-', '--to', database], 2, {}],
      [['restore', backup], 13, {}],
      [['restore', backup, '--confirm', 'another'], 13, {}],
      [['restore', 'no_such_backup'], 10, {}],
    ] as const) {
      const result = await runDbbackup([...args, '--detach', '--json'], { server, env });
      expect(result, `${args.join(' ')}: ${result.stderr}`).toMatchObject({ exitCode });
      expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, exitCode });
    }
  });

  test('of several databases is one for each, which are run in turn', async () => {
    const first = await freshDatabase(server, { sql: manyRowsSql(100) });
    const second = await freshDatabase(server, { sql: manyRowsSql(100) });
    const missing = unusedName('missing');
    const release = await holdTable(server, first, 'many_rows');

    const { stdout } = await succeeds(['create', first, missing, second, '--detach', '--json'], { server });
    const document = JSON.parse(stdout) as { jobs: string[] };
    expect(document).toMatchObject({ schema: 'dbbackup/create/1', ok: true });
    expect(document).not.toHaveProperty('job');
    const [one = '', two = '', three = ''] = document.jobs;
    expect(document.jobs).toHaveLength(3);
    expect(await stateOf(three)).toMatchObject({
      database: second,
      state: 'accepted',
      step: 'Waiting for its turn (3 of 3)...',
    });
    await release();

    await succeeds(['status', three, '--wait']);
    expect(await runDbbackup(['status', two, '--wait'])).toMatchObject({ exitCode: 10 });
    await succeeds(['status', one, '--wait']);
    const jobs = await Promise.all([one, two, three].map(stateOf));
    expect(jobs.map(({ database, state }) => [database, state])).toEqual([
      [first, 'succeeded'],
      [missing, 'failed'],
      [second, 'succeeded'],
    ]);
  });

  test('of several ends with those behind it when one is cancelled', async () => {
    const first = await freshDatabase(server, { sql: manyRowsSql(100) });
    const second = await freshDatabase(server, { sql: manyRowsSql(100) });
    const release = await holdTable(server, first, 'many_rows');
    const { stdout } = await succeeds(['create', first, second, '--detach'], { server });
    const [one = '', two = ''] = stdout.trim().split('\n');
    await waitFor('the dump to wait', () => waitingConnection(server, first));

    await succeeds(['status', one, '--cancel']);
    await release();
    expect(await runDbbackup(['status', two, '--wait'])).toMatchObject({ exitCode: 143 });
    expect(await stateOf(two)).toMatchObject({
      state: 'cancelled',
      error: { message: 'The run ended before its turn came.' },
    });
  });

  test('keeps a second one out, which names it', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    const release = await holdTable(server, database, 'many_rows');
    const id = await detached(server, ['create', database]);

    for (const args of [
      ['create', database],
      ['create', database, '--detach'],
      ['restore', backup, '--confirm', database, '--detach'],
    ]) {
      const second = await runDbbackup([...args, '--json'], { server });
      expect(second).toMatchObject({ exitCode: 11 });
      expect(second.stderr).toContain(`job ${id}`);
      expect(second.stdout).toContain(`job ${id}`);
    }
    await release();
    await succeeds(['status', id, '--wait']);
  });

  test('is not reached by the end of the terminal that it was started in', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const release = await holdTable(server, database, 'many_rows');
    const starter = await startDbbackup(['create', database, '--detach'], { server });
    const id = (await starter.finished).stdout.trim();
    starter.signalGroup('SIGHUP');
    starter.signalGroup('SIGINT');
    await sleep(200);

    expect(await stateOf(id)).toMatchObject({ state: 'running' });
    await release();
    await succeeds(['status', id, '--wait']);
  });

  test('ends with --cancel, and --wait exits as it did', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const release = await holdTable(server, database, 'many_rows');
    const id = await detached(server, ['create', database]);

    const { stdout } = await succeeds(['status', id, '--cancel']);

    expect(stdout).toMatch(/^state +cancelled$/m);
    expect(await runDbbackup(['status', id, '--wait'])).toMatchObject({ exitCode: 143 });
    expect(await runDbbackup(['status', id, '--cancel'])).toMatchObject({ exitCode: 1 });
    await release();
    await succeeds(['create', database], { server });
  });

  test('that restores leaves nothing behind when its time is over', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(1_000) });
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM many_rows WHERE id > 10', database);
    const before = await server.dump(database);
    const release = await holdTable(server, database, 'many_rows');

    const args = ['restore', backup, '--confirm', database, '--no-safety-backup', '--timeout', '8s'];
    const id = await detached(server, args);
    const waited = await runDbbackup(['status', id, '--wait', '--json']);
    await release();

    expect(waited).toMatchObject({ exitCode: 124 });
    expect(JSON.parse(waited.stdout)).toMatchObject({ ok: false, job: { state: 'timed-out' } });
    expect((await jobFile(id)).swap).toBeUndefined();
    expectSameDump(await server.dump(database), before);
    await succeeds(['create', database], { server });
  });

  // At any moment the campaign kills it: `detached-jobs`.
  test('that is killed is told to be interrupted, and the next one runs at once', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(10) });
    const release = await holdTable(server, database, 'many_rows');
    const id = await detached(server, ['create', database]);
    await waitFor('the dump to wait', () => waitingConnection(server, database));
    signalProcess((await jobFile(id)).process.pid, 'SIGKILL');
    await waitFor('its end', async () => (await stateOf(id)).state !== 'running');
    await release();

    expect((await stateOf(id)).state).toBe('interrupted');
    expect(await runDbbackup(['status', id, '--wait'])).toMatchObject({ exitCode: 1 });
    await succeeds(['create', database], { server });
    const { backups } = await workspace();
    expect(readdirSync(join(backups, database)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});
