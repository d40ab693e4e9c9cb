import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LockRecord } from '../../../src/locks/lock-record.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { contenders } from '../../harness/contenders.ts';
import type { Attempt } from '../../harness/contenders.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { DEATHS, lockRecord } from '../../harness/dead-locks.ts';
import type { RunningDbbackup, RunOptions } from '../../harness/dbbackup.ts';
import { holdTable } from '../../harness/held-table.ts';
import { makeClientOnly } from '../../harness/planted-backup.ts';
import { comesTo } from '../../harness/swap-journal.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { expectToldInJson, expectToldInText } from '../../harness/failure.ts';
import { pathWith } from '../../harness/fake-programs.ts';
import { descendantsOf, processes, signalProcess } from '../../harness/processes.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { temporaryFolder, workspace } from '../../harness/workspace.ts';

const SQL = `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(50));\nINSERT INTO t VALUES (1, 'a'), (2, 'b');\n`;
const CONTENDERS = 6;

// As many dead runs as there are kinds of death; the campaign (`lock-races`, `command-races`) does it by the thousand.
describeOneServer('contenders at one barrier', (server) => {
  test('get one lock file exactly once, whatever dead run left one there', async () => {
    const folder = await temporaryFolder();
    const all = await contenders(CONTENDERS);
    for (const [round, left] of (await deadRecords()).entries()) {
      const path = join(folder, `${round}.lock`);
      if (left !== undefined) await writeFile(path, JSON.stringify(left));

      const winner = onlyWinner(await all.race({ path }));
      expect((JSON.parse(await readFile(path, 'utf8')) as LockRecord).process.pid).toBe(winner.pid);
      await all.release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test('get both locks of a database exactly once, each round right after the one before', async () => {
    const database = await freshDatabase(server);
    const { backups } = await workspace();
    const all = await contenders(CONTENDERS);
    const request = { directory: backups, database, connection: connectionTo(server) };
    await mkdir(join(backups, database), { recursive: true });
    for (const left of await deadRecords()) {
      if (left !== undefined) await writeFile(join(backups, database, '.lock'), JSON.stringify(left));
      onlyWinner(await all.race({ request }));
      await all.release();
    }
    expect(await readdir(join(backups, database))).toEqual([]);
  });

  test('make one backup', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await pathWith(server, { dumpTool: 'program-that-waits-for-go.sh' });
    const runs = await Promise.all(
      Array.from({ length: CONTENDERS }, () => startDbbackup(['create', database], { server, env })),
    );
    let ended = 0;
    for (const run of runs) void run.finished.then(() => (ended += 1));
    await waitFor('all but one to be refused', () => ended === CONTENDERS - 1, { deadlineMs: 50_000 });
    await go();

    const codes = (await Promise.all(runs.map((run) => run.finished))).map(({ exitCode }) => exitCode).sort();
    expect(codes).toEqual([0, ...Array<number>(CONTENDERS - 1).fill(11)]);
    expect(Object.keys(await filesOfBackups())).toHaveLength(2);
  });
});

function onlyWinner(attempts: readonly Attempt[]): Attempt {
  const lost = attempts.filter(({ kind }) => kind === 'lost');
  expect(lost, JSON.stringify(attempts)).toHaveLength(CONTENDERS - 1);
  expect([...new Set(lost.map(({ code }) => code))]).toEqual(['locked']);
  return attempts.find(({ kind }) => kind === 'won')!;
}

describeOneServer('two runs at once', (server) => {
  test.each([
    { first: ['create'], second: ['create'] },
    { first: ['create'], second: ['restore'] },
    { first: ['restore'], second: ['create'] },
  ])('of $first.0 and $second.0: the second is refused and told who runs', async ({ first, second }) => {
    const { database, args } = await databaseWithBackup(server);
    const { holder, env } = await holding(server, args(first[0]!));
    const files = await filesOfBackups();

    const expected = {
      code: 'locked',
      message: [
        new RegExp(
          `^(error: )?A ${first[0] === 'create' ? 'backup' : 'restore'} of ${database} is already running: job \\w{8}, pid ${holder.pid} on ${hostname()} as \\w+, since \\d{4}-\\d\\d-\\d\\d [\\d:]+ UTC \\(dbbackup ${first[0]!} `,
          'm',
        ),
      ],
      hint: ['Wait for it (--lock-wait 10m), or check on it:'],
    } as const;
    expectToldInJson(await runDbbackup([...args(second[0]!), '--json'], { server }), {
      ...expected,
      message: new RegExp(expected.message[0].source.replace('(error: )?', '')),
    });
    const text = await runDbbackup(args(second[0]!), { server });
    expectToldInText(text, {
      code: 'locked',
      message: `pid ${holder.pid} on ${hostname()}`,
      hint: expected.hint,
    });
    const status = await runDbbackup(['status'], { server });
    expect(status.stdout).toMatch(new RegExp(`Running now\\n +${first[0]!} ${database} on \\S+: `));
    expect(await filesOfBackups()).toEqual(files);

    await go();
    expect((await holder.finished).exitCode, (await holder.finished).stderr).toBe(0);
    expect(env).toBeDefined();
  });

  test('from two backup directories: the second is refused, naming the connection', async () => {
    const { database, args } = await databaseWithBackup(server);
    const { holder } = await holding(server, args('create'));
    const elsewhere = await temporaryFolder();

    const told = expectToldInJson(
      await runDbbackup([...args('create'), '--json', '--dir', elsewhere], { server }),
      {
        code: 'locked',
        message:
          /^A backup or restore of \w+ is already running, from another host or another backup directory: connection \d+ of the server holds the lock 'dbbackup:\w+'\.$/,
        hint: 'Wait for it (--lock-wait 10m), or find the connection with SHOW PROCESSLIST.',
      },
    );
    const connection = Number(/connection (\d+)/.exec(told.message)?.[1]);
    expect(await server.query(`SELECT id FROM ${server.processlist} WHERE id = ${connection}`)).toBe(
      String(connection),
    );
    expect(await readdir(join(elsewhere, database))).toEqual([]);
    await go();
    expect((await holder.finished).exitCode).toBe(0);
  });

  test('a restore is refused before it reads its backup, or asks for anything', async () => {
    const { database, args } = await databaseWithBackup(server);
    const { holder } = await holding(server, args('create'));
    const damaged = join(await temporaryFolder(), 'damaged.sql');
    await writeFile(damaged, 'CREATE TABLE t (');

    expectToldInText(await runDbbackup(['restore', damaged, '--to', database], { server }), {
      code: 'locked',
      message: `A backup of ${database} is already running: job `,
      hint: 'Wait for it (--lock-wait 10m)',
    });
    await go();
    expect((await holder.finished).exitCode).toBe(0);
  });

  test('with --lock-wait: the second waits, and then runs', async () => {
    const { args } = await databaseWithBackup(server);
    const { holder } = await holding(server, args('create'));
    const second = await startDbbackup([...args('create'), '--lock-wait', '5m', '-v'], { server });
    let text = '';
    second.stderr.on('data', (chunk: Buffer | string) => (text += String(chunk)));
    await waitFor('the second to wait', () => text.includes('Waiting: A backup of '));
    await go();

    expect((await holder.finished).exitCode).toBe(0);
    expect((await second.finished).exitCode, text).toBe(0);
    expect(Object.keys(await filesOfBackups())).toHaveLength(6);
  });

  test('with --lock-wait that is too short: the second is refused in the end', async () => {
    const { args } = await databaseWithBackup(server);
    const { holder } = await holding(server, args('create'));

    const result = await runDbbackup([...args('create'), '--lock-wait', '1s'], { server });
    expect(result.exitCode).toBe(11);
    expect(result.stderr).toContain('is already running: job ');
    await go();
    await holder.finished;
  });

  test('the first killed: the second runs at once, and removes and names what was left', async () => {
    const { args } = await databaseWithBackup(server);
    const { holder } = await holding(server, args('create'));
    const family = descendantsOf(holder.pid);
    holder.signal('SIGKILL');
    await holder.finished;

    const next = await runDbbackup(args('create'), { server });
    expect(next.exitCode, next.stderr).toBe(0);
    expect(next.stderr).toMatch(/warning: Removed what an interrupted run left: \/.*\.partial \(\d+ B\)\./);
    for (const { pid } of family) signalProcess(pid, 'SIGKILL'); // the fake waits for ever
  });

  test('a restore in place that loses its lock on the server stops, says in which state, and how to return', async () => {
    const { database, args } = await databaseWithBackup(server, { clientOnly: true });
    await server.sql("INSERT INTO t VALUES (3, 'later')", database);
    const before = await server.dump(database);
    const { holder } = await holding(server, args('restore'), { as: 'client' });
    await killServerLock(server, database);

    const result = await holder.finished;
    expectToldInText(result, {
      code: 'restore-incomplete',
      message: `The lock on the server for ${database} was lost. ${database} now holds only part of the backup.`,
      hint: [
        'The connection that held it has ended; check the server log.',
        'To bring back its previous contents:',
        'dbbackup restore ',
      ],
    });
    const command = /To bring back its previous contents:\s+dbbackup (.*)$/m.exec(result.stderr)![1]!;
    const undone = await runDbbackup(command.split(' '), { server });
    expect(undone.exitCode, undone.stderr).toBe(0);
    expect((await server.dump(database)).equals(before)).toBe(true);
  });

  test('a restore whose tables wait for their place loses its lock, and touches nothing', async () => {
    const { database, args } = await databaseWithBackup(server);
    await server.sql("INSERT INTO t VALUES (3, 'later')", database);
    const before = await server.dump(database);
    const release = await holdTable(server, database, 't');
    const run = await startDbbackup([...args('restore'), '--no-safety-backup'], { server });
    expect(await comesTo('swapping', run)).toBe(true);
    await killServerLock(server, database);

    expectToldInText(await run.finished, {
      code: 'restore-failed',
      message: `The lock on the server for ${database} was lost. ${database} is unchanged.`,
      hint: 'The connection that held it has ended; check the server log.',
    });
    await release();
    expect((await server.dump(database)).equals(before)).toBe(true);
  });

  test('a restore that loses its lock before it has touched anything touches nothing', async () => {
    const { database, args } = await databaseWithBackup(server);
    const before = await server.dump(database);
    const { holder } = await holding(server, args('restore'));
    await killServerLock(server, database);
    await waitFor('the lock to be gone', async () => (await lockHolder(server, database)) === 'NULL');
    await go();

    expectToldInText(await holder.finished, {
      code: 'restore-failed',
      message: `The lock on the server for ${database} was lost. ${database} is unchanged.`,
      hint: 'The connection that held it has ended; check the server log.',
    });
    expect((await server.dump(database)).equals(before)).toBe(true);
  });
});

describeOneServer('a lock of another pid namespace', (server) => {
  test('is never taken over, not even when its holder is dead', async () => {
    leavesBehind(['partial'], 'nobody but the user can know that the container is gone');
    const { args } = await databaseWithBackup(server);
    const unshare = process.getuid?.() === 0 ? ['unshare'] : ['unshare', '--map-root-user'];
    const { holder } = await holding(server, args('create'), {
      wrapper: [...unshare, '--pid', '--fork', '--kill-child'],
    });
    const message = `on ${hostname()}`;
    const hint = 'Only if that host or container no longer exists, remove /';
    expectToldInText(await runDbbackup(args('create'), { server }), { code: 'locked', message, hint });

    holder.signalGroup('SIGKILL');
    await holder.finished;
    const { folder } = await workspace();
    await waitFor('its programs to end', () => !processes().some(({ cwd }) => cwd === folder));
    expectToldInText(await runDbbackup(args('create'), { server }), { code: 'locked', message, hint });
  });
});

describeOneServer('a restore into a target that was filled while it waited for the lock', (server) => {
  test('is refused', async () => {
    const { database, args } = await databaseWithBackup(server, { clientOnly: true });
    await server.sql('DROP TABLE t', database);
    const { holder } = await holding(server, args('restore'), { as: 'client' });
    await server.sql('CREATE TABLE meanwhile (id INT)', database);
    await server.sql('DROP TABLE meanwhile', database);
    const second = await startDbbackup([...args('restore'), '--lock-wait', '5m', '-v'], { server });
    let text = '';
    second.stderr.on('data', (chunk: Buffer | string) => (text += String(chunk)));
    await waitFor('the second to wait', () => text.includes('Waiting: A restore of '));
    await go();
    expect((await holder.finished).exitCode).toBe(0);

    expectToldInText(await second.finished, {
      code: 'not-confirmed',
      message: `${database} was empty when the plan was made but no longer is. Nothing was touched.`,
      hint: 'Check its contents; to replace them, run the restore again.',
    });
    expect(await server.countRows(database, 't')).toBe(2);
  });
});

async function databaseWithBackup(server: TestServer, { clientOnly = false } = {}) {
  const database = await freshDatabase(server, { sql: SQL });
  const path = await madeBackup(server, database, ['--compress=none']);
  if (clientOnly) await makeClientOnly(path);
  const args = (command: string): readonly string[] =>
    command === 'create' ? ['create', database] : ['restore', `${database}/latest`, '--confirm', database];
  return { database, args };
}

/** A run that holds its locks until `go()`: in its dump (restore: in its safety backup), or in its load. */
async function holding(
  server: TestServer,
  args: readonly string[],
  { as = 'dumpTool', ...options }: { as?: 'dumpTool' | 'client' } & RunOptions = {},
): Promise<{ holder: RunningDbbackup; env: RunOptions['env'] }> {
  const { folder } = await workspace();
  const env = await pathWith(server, { [as]: 'program-that-waits-for-go.sh' });
  const holder = await startDbbackup(args, { server, env, ...options });
  await waitFor('the first run to hold its locks', () => existsSync(join(folder, 'started')));
  return { holder, env };
}

async function go(): Promise<void> {
  await writeFile(join((await workspace()).folder, 'go'), '');
}

function lockHolder(server: TestServer, database: string): Promise<string> {
  return server.query(`SELECT IS_USED_LOCK('dbbackup:${database}')`);
}

async function killServerLock(server: TestServer, database: string): Promise<void> {
  await server.query(`KILL ${await lockHolder(server, database)}`);
}

/** Records of runs that are dead for different reasons; undefined: nobody left one. */
async function deadRecords(): Promise<readonly (LockRecord | undefined)[]> {
  return [undefined, ...(await Promise.all(Object.values(DEATHS).map((death) => lockRecord('shop', death))))];
}

function connectionTo({ host, port, user }: TestServer): object {
  return {
    endpoint: { kind: 'tcp', host, port },
    user,
    password: undefined,
    database: undefined,
    ssl: { mode: 'DISABLED' },
    sources: {},
  };
}
