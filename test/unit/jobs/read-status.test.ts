import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openJobFile } from '../../../src/jobs/record/job-files.ts';
import { identifyProcess } from '../../../src/locks/processes.ts';
import { takeLock } from '../../../src/locks/lock-file.ts';
import { prepareDatabaseFolder } from '../../../src/backups/directory/prepare-directory.ts';
import { lockPath } from '../../../src/backups/directory/layout.ts';
import { readStatus } from '../../../src/jobs/read-status.ts';
import { readJob } from '../../../src/jobs/read-jobs.ts';
import type { Job } from '../../../src/jobs/record/job.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putBackup } from '../backups/planted-files.ts';
import { GONE, someJob } from './some-jobs.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

async function putJobs(...jobs: Job[]): Promise<void> {
  for (const job of jobs) await openJobFile(directory, job);
}

const done = (id: string, day: number, changes: Partial<Job> = {}) =>
  someJob({
    id,
    state: 'succeeded',
    startedAt: `2026-11-${day}T03:00:00.000Z`,
    finishedAt: `2026-11-${day}T03:00:09.000Z`,
    ...changes,
  });

describe('readStatus', () => {
  test('tells a run whose process lives from one whose process is gone', async () => {
    const self = await identifyProcess(process.pid, 'testhost', 'tester');
    await putJobs(
      someJob({ id: 'lives', process: self }),
      someJob({ id: 'killed', process: GONE }),
      someJob({ id: 'accepted', process: GONE, state: 'accepted' }),
      someJob({ id: 'elsewhere', process: { ...GONE, host: 'other' } }),
    );

    const status = await readStatus({ directory }, quietRuntime());

    expect(status.running.map(({ id }) => id)).toEqual(['lives']);
    expect(new Map(status.jobs.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        ['lives', 'running'],
        ['killed', 'interrupted'],
        ['accepted', 'interrupted'],
        ['elsewhere', 'interrupted'],
      ]),
    );
  });

  test('a create of all databases that could not ask the server is a problem, and no database', async () => {
    const of = { operation: 'create', allDatabases: true, label: 'manual' } as const;
    const down = done('down', 21, { ...of, database: '', state: 'failed' });
    await putJobs(done('before', 20, of), down);
    const found = await readStatus({ directory }, quietRuntime());
    expect(found.problems.map(({ id }) => id)).toEqual(['down']);
    expect(found.databases.map(({ database }) => database)).toEqual(['shop']);
    await putJobs(done('since', 22, of));
    expect((await readStatus({ directory }, quietRuntime())).problems).toEqual([]);
  });

  test('says of a rehearsal on another host that it cannot tell', async () => {
    const process = { ...GONE, host: 'other' };
    await putJobs(someJob({ id: 'elsewhere', operation: 'verify', process }));
    await putJobs(someJob({ id: 'killed', operation: 'verify' }));

    const { jobs } = await readStatus({ directory }, quietRuntime());

    expect(jobs.map(({ id, state, unproven }) => [id, state, unproven])).toEqual([
      ['killed', 'interrupted', undefined],
      ['elsewhere', 'interrupted', true],
    ]);
  });

  test('believes a run on another host as long as it holds the lock', async () => {
    const process = { ...GONE, host: 'other' };
    await putJobs(someJob({ id: 'elsewhere', process }));
    await prepareDatabaseFolder(directory, 'shop');
    await using _lock = await takeLock(lockPath(directory, 'shop'), {
      schema: 'dbbackup/lock/1',
      token: 'a1',
      job: 'elsewhere',
      operation: 'create',
      database: 'shop',
      command: 'dbbackup create shop',
      since: '2026-11-22T03:00:00.000Z',
      process,
      children: [],
    });

    const { running } = await readStatus({ directory }, quietRuntime());

    expect(running.map(({ id, unproven }) => [id, unproven])).toEqual([['elsewhere', true]]);
  });

  test('sums up each database', async () => {
    putBackup(directory, 'shop', {
      name: 'manual_2026-11-20_03-00-00',
      startedAt: '2026-11-20T03:00:00.000Z',
    });
    putBackup(directory, 'shop', { name: 'half', startedAt: '2026-11-21T03:00:00.000Z', sizeBytes: 999 });
    putBackup(directory, 'shop', {
      name: 'pre-restore_2026-11-22_03-00-00',
      startedAt: '2026-11-22T03:00:00.000Z',
      label: 'pre-restore',
    });
    await putJobs(
      done('created', 20),
      done('restored', 21, { operation: 'restore' }),
      done('failed', 22, { state: 'failed', error: { code: 'dump-failed', message: 'It broke.' } }),
      done('refused', 23, { state: 'failed', error: { code: 'locked', message: 'Locked.' } }),
      done('mistyped', 23, { state: 'failed', error: { code: 'not-confirmed', message: 'No.' } }),
      done('unknown', 23, {
        database: 'shp',
        state: 'failed',
        error: { code: 'not-found', message: 'None.' },
      }),
      done('crm', 19, { database: 'crm' }),
      done('rehearsed', 23, { operation: 'verify' }),
      done('foreign', 23, { operation: 'verify', database: 'from elsewhere' }),
    );

    const [crm, shop, ...others] = (await readStatus({ directory }, quietRuntime())).databases;

    expect(crm).toMatchObject({ database: 'crm', lastBackup: undefined, lastProblem: undefined, backups: 0 });
    expect(shop).toMatchObject({
      database: 'shop',
      lastBackup: { name: 'manual_2026-11-20_03-00-00', sizeBytes: 4 },
      lastRestore: { id: 'restored' },
      lastProblem: { id: 'failed' },
      backups: 3,
      totalSizeBytes: 12,
    });
    expect(others).toMatchObject([{ database: 'shp', backups: 0, lastProblem: { id: 'unknown' } }]);
  });

  test('forgets a name that nothing was found by for a week: it was a slip of the pen', async () => {
    const notFound = { state: 'failed', error: { code: 'not-found', message: 'None.' } } as const;
    await putJobs(
      done('nightly', 22, { database: 'shop', ...notFound }),
      done('mistyped', 10, { database: 'shp', ...notFound }),
    );
    const runtime = { ...quietRuntime(), now: () => new Date('2026-11-23T00:00:00Z') };

    const { databases, problems } = await readStatus({ directory }, runtime);

    expect(databases.map(({ database }) => database)).toEqual(['shop']);
    expect(problems.map(({ id }) => id)).toEqual(['nightly']);
  });

  test('forgets a restore that failed and changed nothing after a week, and no other one', async () => {
    const restore = { operation: 'restore', state: 'failed' } as const;
    const vain = { ...restore, error: { code: 'access-denied', message: 'It lacks CREATE.' } } as const;
    const half = { ...restore, error: { code: 'restore-incomplete', message: 'Half.' } } as const;
    await putJobs(
      done('never', 10, { ...vain, database: 'shop_x' }),
      done('vain', 12, { ...vain, database: 'shop' }),
      done('restored', 11, { operation: 'restore', database: 'shop' }),
      done('fresh', 22, { ...vain, database: 'crm' }),
      done('half', 10, { ...half, database: 'blog' }),
    );
    const runtime = { ...quietRuntime(), now: () => new Date('2026-11-23T00:00:00Z') };

    const { databases, problems } = await readStatus({ directory }, runtime);

    expect(databases.map(({ database }) => database)).toEqual(['blog', 'crm', 'shop']);
    expect(problems.map(({ id }) => id)).toEqual(['half', 'fresh']);
  });

  test.each<[title: string, changes: Partial<Job>]>([
    ['that the user ended', { state: 'cancelled', error: { code: 'interrupted', message: 'Ctrl-C.' } }],
    ['that was rolled back since', { state: 'interrupted', settled: 'rolled-back' }],
    ['that was completed since', { state: 'interrupted', settled: 'completed' }],
  ])('a restore %s is no problem, and hides none', async (_title, changes) => {
    await putJobs(done('created', 20), done('restored', 21, { operation: 'restore', ...changes }));
    const failed = { database: 'crm', state: 'failed' } as const;
    await putJobs(done('failed', 20, failed), done('later', 21, { ...changes, database: 'crm' }));

    const { databases, problems } = await readStatus({ directory }, quietRuntime());

    expect(problems.map(({ id }) => id)).toEqual(['failed']);
    expect(databases.find(({ database }) => database === 'shop')?.lastRestore?.id).toBe(
      changes.settled === 'completed' ? 'restored' : undefined,
    );
  });

  test('a run that was cancelled and has left its target half done is one', async () => {
    const replacing = { restoreCommand: 'dbbackup restore x' };
    await putJobs(done('half', 21, { operation: 'restore', state: 'cancelled', replacing }));

    expect((await readStatus({ directory }, quietRuntime())).problems.map(({ id }) => id)).toEqual(['half']);
  });

  test('a database that is gone is a problem when it has backups', async () => {
    putBackup(directory, 'shop', {
      name: 'manual_2026-11-20_03-00-00',
      startedAt: '2026-11-20T03:00:00.000Z',
    });
    await putJobs(done('gone', 22, { state: 'failed', error: { code: 'not-found', message: 'None.' } }));

    expect((await readStatus({ directory }, quietRuntime())).databases).toMatchObject([
      { database: 'shop', lastProblem: { id: 'gone' } },
    ]);
  });

  test('tells how far a restore came that died', async () => {
    const swap = { step: 'finishing', stage: 'dbbackup_stage_dead', old: 'dbbackup_old_dead' } as const;
    await putJobs(someJob({ id: 'dead', operation: 'restore', process: GONE, swap }));

    const status = await readStatus({ directory }, quietRuntime());

    expect(status).toMatchObject({ running: [], databases: [{ lastProblem: { id: 'dead', swap } }] });
    expect(status.jobs).toMatchObject([{ id: 'dead', state: 'interrupted', swap }]);
  });

  test.each(['accepted', 'running'] as const)(
    'a problem stays one while the next run is %s',
    async (state) => {
      const self = await identifyProcess(process.pid, 'testhost', 'tester');
      await putJobs(done('failed', 20, { state: 'failed' }), done('next', 21, { state, process: self }));

      expect((await readStatus({ directory }, quietRuntime())).databases[0]?.lastProblem?.id).toBe('failed');
    },
  );

  test('a problem is over once a later run succeeded', async () => {
    await putJobs(done('failed', 20, { state: 'failed' }), done('created', 21));

    expect((await readStatus({ directory }, quietRuntime())).databases[0]?.lastProblem).toBeUndefined();
  });

  test('warns of a state file that cannot be read', async () => {
    mkdirSync(join(directory, '.jobs'));
    writeFileSync(join(directory, '.jobs/half.json'), '{');
    const runtime = quietRuntime();

    const { warnings } = await readStatus({ directory }, runtime);

    expect(warnings).toEqual(['The state file of job half cannot be read.']);
    expect(runtime.events).toEqual([
      { kind: 'warning', message: 'The state file of job half cannot be read.' },
    ]);
  });

  test('has nothing to tell where nothing is', async () => {
    expect(await readStatus({ directory: '/nonexistent' }, quietRuntime())).toEqual({
      directory: '/nonexistent',
      running: [],
      problems: [],
      databases: [],
      kept: [],
      jobs: [],
      warnings: [],
    });
  });
});

describe('readJob', () => {
  test('finds one by its id or the beginning of it, with its log', async () => {
    const file = await openJobFile(directory, done('bcdf2345', 20));
    await file.log('it begins');

    for (const id of ['bcdf2345', 'bc']) {
      expect(await readJob({ directory, id }, quietRuntime())).toMatchObject({
        job: { id: 'bcdf2345', state: 'succeeded' },
        log: 'it begins\n',
      });
    }
  });

  test('a whole id wins over ids that begin with it', async () => {
    await putJobs(done('bc', 20), done('bcd', 21));

    expect((await readJob({ directory, id: 'bc' }, quietRuntime())).job.id).toBe('bc');
  });

  test.each([
    ['xyz', 'There is no job xyz in DIR.', 'Recent jobs: bcd, bcc.'],
    ['', 'There is no job  in DIR.', 'Recent jobs: bcd, bcc.'],
    ['bc', 'More than one job id begins with bc.', 'Recent jobs: bcd, bcc.'],
    ['../../etc/passwd', 'There is no job ../../etc/passwd in DIR.', 'Recent jobs: bcd, bcc.'],
  ])('%j: says what there is', async (id, message, hint) => {
    await putJobs(done('bcc', 20), done('bcd', 21));

    await expect(readJob({ directory, id }, quietRuntime())).rejects.toMatchObject({
      code: 'not-found',
      message: message.replace('DIR', directory),
      hint,
    });
  });

  test('says so when none has run', async () => {
    await expect(readJob({ directory: '/nonexistent', id: 'x' }, quietRuntime())).rejects.toMatchObject({
      code: 'not-found',
      hint: 'There are no jobs in --dir /nonexistent.',
    });
  });
});
