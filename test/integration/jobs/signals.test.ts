import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup, RunOptions, RunResult } from '../../harness/dbbackup.ts';
import { describeEachFlavour, testServers } from '../../harness/describe-each-server.ts';
import { pathWith } from '../../harness/fake-programs.ts';
import { fakeServer } from '../../harness/fake-server.ts';
import { makeClientOnly } from '../../harness/planted-backup.ts';
import { descendantsOf, isAlive } from '../../harness/processes.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor, within } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

const SIGNALS = [
  { signal: 'SIGINT', exitCode: 130 },
  { signal: 'SIGTERM', exitCode: 143 },
  { signal: 'SIGHUP', exitCode: 129 },
] as const;

/** What a run that is told to end has for it. */
const PATIENCE_MS = 10_000;

const server = testServers()[0]!;
const SQL = `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(50));\nINSERT INTO t VALUES (1, 'a'), (2, 'b');\n`;

// Which of the three it is makes a difference to the words and the exit code alone: each step has one of them, and the
// middle of a dump has all. At random moments the campaign sends them: `signals-create`.
describe('create, told to end', () => {
  const cancelled = (database: string, signal: string) =>
    `error: Cancelled by ${signal}. No backup of ${database} was made.\n`;

  test('ends before it listens as every program does', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const run = await startDbbackup(['create', database], { server });
    run.signal('SIGTERM');

    expect(await within(PATIENCE_MS, 'Ending', run.finished)).toMatchObject({ signal: 'SIGTERM' });
    expect(await backupsAndLocks()).toEqual([]);
  });

  test('ends while the server does not answer', async () => {
    const { signal, exitCode } = SIGNALS[0];
    const silent = await fakeServer({ answer: () => ({ cut: 'stall' }) });
    const run = await startDbbackup(['create', 'shop'], {
      env: { ...silent.environment, PATH: server.environment['PATH'] },
    });
    await waitFor('the first question', () => silent.queries.length > 0);

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(cancelled('shop', signal));
    expect(await backupsAndLocks()).toEqual([]);
  });

  test('ends while it waits for the lock', async () => {
    const { signal, exitCode } = SIGNALS[1];
    const database = await freshDatabase(server, { sql: SQL });
    const { holder, go } = await holdingTheLock(database);
    const run = await startDbbackup(['create', database, '--lock-wait', '5m', '-v'], { server });
    await said(run, 'Waiting: ');

    expect(await interrupted(run, signal)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(cancelled(database, signal)),
    });
    await go();
    expect(await holder.finished).toMatchObject({ exitCode: 0 }); // not disturbed
  });

  test.each(SIGNALS.slice(1))(
    'ends by $signal in the middle of a dump, with its dump tool',
    async ({ signal, exitCode }) => {
      const database = await freshDatabase(server, { sql: SQL });
      const run = await startedWith('dumpTool', 'dump-tool-that-hangs.sh', ['create', database]);
      await partialIsThere();

      const result = await interrupted(run, signal);
      expect(result).toMatchObject({ exitCode, stdout: '' });
      expect(result.stderr).toContain('Stopping: cleaning up. Signal again to quit immediately.\n');
      expect(result.stderr).toContain(cancelled(database, signal));
      expect(await backupsAndLocks()).toEqual([]);
    },
  );

  test('makes a whole backup or none while it brings the file to the disk', async () => {
    const { signal, exitCode } = SIGNALS[2];
    const database = await freshDatabase(server, { sql: manyRowsSql(5000) });
    const run = await startDbbackup(['create', database, '-v'], { server });
    await said(run, 'Writing the file to stable storage.');

    const result = await interrupted(run, signal);
    expect([0, exitCode]).toContain(result.exitCode);
    expect(await backupsAndLocks()).toHaveLength(result.exitCode === 0 ? 2 : 0);
  });

  test('ends by SIGINT there, tells it in JSON, in the job and in the log too, and the next run is made', async () => {
    const { signal, exitCode } = SIGNALS[0];
    const database = await freshDatabase(server, { sql: SQL });
    const run = await startedWith('dumpTool', 'dump-tool-that-hangs.sh', ['create', database, '--json']);
    await partialIsThere();
    const message = `Cancelled by ${signal}. No backup of ${database} was made.`;

    const result = await interrupted(run, signal);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, exitCode, error: { message } });
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toContain('Stopping: cleaning up. Signal again to quit immediately.\n');
    expect(await backupsAndLocks()).toEqual([]);
    const { jobs } = JSON.parse((await runDbbackup(['status', '--json'])).stdout) as {
      jobs: readonly { id: string; state: string; error?: { message: string } }[];
    };
    expect(jobs).toMatchObject([{ state: 'cancelled', error: { message } }]);
    expect((await runDbbackup(['status', jobs[0]!.id, '--log'])).stdout).toContain(`: ${message}\n`);
    await madeBackup(server, database);
  });
});

// While its tables wait for their place: below, on MySQL and MariaDB.
describe('restore, told to end', () => {
  const untouched = (database: string, signal: string) =>
    `error: Cancelled by ${signal}. ${database} is unchanged.\n`;

  test('ends while the backup still comes from stdin', async () => {
    const { signal, exitCode } = SIGNALS[2];
    const input = new PassThrough();
    input.write('-- MariaDB dump 10.19\n');
    const run = await startDbbackup(['restore', '-', '--to', 'shop', '-v'], { server, input });
    await said(run, 'Receiving the backup from stdin');

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(`error: Cancelled by ${signal}.`);
    input.destroy();
  });

  test('ends while it verifies', async () => {
    const { signal, exitCode } = SIGNALS[0];
    const database = await freshDatabase(server, { sql: manyRowsSql(20_000) });
    await madeBackup(server, database);
    const before = await server.dump(database);
    const run = await startDbbackup(['restore', 'latest', '--confirm', database, '-v'], { server });
    await said(run, 'Verifying the backup...');

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(untouched(database, signal));
    expect((await server.dump(database)).equals(before)).toBe(true);
  });

  test('ends while it makes the safety backup', async () => {
    const { signal, exitCode } = SIGNALS[1];
    const database = await freshDatabase(server, { sql: SQL });
    await madeBackup(server, database);
    const before = await server.dump(database);
    const run = await startedWith('dumpTool', 'dump-tool-that-hangs.sh', restoreArgs(database));
    await partialIsThere();

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(untouched(database, signal));
    expect((await server.dump(database)).equals(before)).toBe(true);
    expect(await backupsAndLocks()).toHaveLength(2);
  });

  test('ends while it loads in place, and tells the command that brings everything back', async () => {
    const { signal, exitCode } = SIGNALS[2];
    const database = await freshDatabase(server, { sql: SQL });
    await clientOnlyBackup(database);
    await server.sql("INSERT INTO t VALUES (3, 'later')", database);
    const before = await server.dump(database);
    const args = [...restoreArgs(database), '--in-place'];
    const run = await startedWith('client', 'program-that-waits-for-go.sh', args);
    await programHasStarted();

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(
      `error: Cancelled by ${signal}. ${database} now holds only part of the backup.\n`,
    );
    await undoes(result.stderr);
    expect((await server.dump(database)).equals(before)).toBe(true);
  });

  test('in place empties a target again that was empty', async () => {
    const { signal, exitCode } = SIGNALS[1];
    const database = await freshDatabase(server, { sql: SQL });
    await clientOnlyBackup(database);
    await server.sql('DROP TABLE t', database);
    const args = [...restoreArgs(database), '--in-place'];
    const run = await startedWith('client', 'program-that-waits-for-go.sh', args);
    await programHasStarted();

    const result = await interrupted(run, signal);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(
      `error: Cancelled by ${signal}. ${database} is empty again, as it was.\n`,
    );
    expect(await server.query('SHOW TABLES', database)).toBe('');
  });
});

describeEachFlavour('restore, told to end while it waits for another session', (server) => {
  test.each([
    { title: 'with the swap moves nothing', args: [], waits: 'RENAME TABLE' },
    { title: 'in place drops nothing', args: ['--in-place'], waits: 'DROP TABLE' },
  ])('$title, neither then nor later', async ({ args, waits }) => {
    const database = await freshDatabase(server, { sql: SQL });
    await madeBackup(server, database);
    const before = await server.dump(database);
    // MySQL's information_schema cannot list sessions while one has this character in its statement.
    const reader = server.sql(`BEGIN; SELECT * FROM t; SELECT SLEEP(1000), '😀';`, database).catch(() => ''); // it is killed
    const readers = `SELECT id FROM ${server.processlist} WHERE info LIKE 'SELECT SLEEP(1000)%' AND db = '${database}'`;
    const id = await waitFor('the other session', async () => (await server.query(readers)) || undefined);
    const run = await startDbbackup([...restoreArgs(database), ...args], { server });
    const waiting = `SELECT COUNT(*) FROM ${server.processlist} WHERE info LIKE '${waits}%${database}%'`;
    await waitFor(`the ${waits} to wait`, async () => Number(await server.query(waiting)) === 1);

    const result = await interrupted(run, 'SIGTERM');
    expect(result).toMatchObject({ exitCode: 143, stdout: '' });
    expect(result.stderr).toContain(`error: Cancelled by SIGTERM. ${database} is unchanged.\n`);
    expect(Number(await server.query(waiting))).toBe(0);
    await server.query(`KILL ${id}`);
    await reader;
    expect((await server.dump(database)).equals(before)).toBe(true);
  });
});

describe('two signals', () => {
  test('end a run at once, and the next one tidies up', async () => {
    leavesBehind(
      ['process', 'partial'],
      'the second signal leaves no time; the next run removes the partial',
    );
    const database = await freshDatabase(server, { sql: SQL });
    const run = await startedWith('dumpTool', 'program-that-ignores-sigterm.sh', ['create', database]);
    await programHasStarted();
    run.signal('SIGINT');
    await said(run, 'Signal again to quit immediately.');
    run.signal('SIGTERM');

    const result = await within(PATIENCE_MS, 'Ending at once', run.finished);
    expect(result).toMatchObject({ exitCode: undefined, signal: 'SIGTERM' });
    expect((await runDbbackup(['list', '--quiet'])).stdout).toBe('');
    const next = await runDbbackup(['create', database], { server });
    expect(next).toMatchObject({ exitCode: 0 });
    expect(next.stderr).toMatch(/warning: Removed what an interrupted run left: .*\.partial \(0 B\)\./);
    expect(await backupsAndLocks()).toHaveLength(2);
  });
});

describe('a program', () => {
  test.each([
    { title: 'that ignores SIGTERM is killed', program: 'program-that-ignores-sigterm.sh', role: 'dumpTool' },
    {
      title: 'that left a child is ended with it',
      program: 'program-that-leaves-a-child.sh',
      role: 'client',
    },
  ] as const)('$title', async ({ program, role }) => {
    const database = await freshDatabase(server, { sql: SQL });
    await clientOnlyBackup(database);
    const args = role === 'client' ? [...restoreArgs(database), '--no-safety-backup'] : ['create', database];
    const run = await startedWith(role, program, args);
    await programHasStarted();
    const family = descendantsOf(run.pid);
    expect(family.length).toBeGreaterThan(0);

    expect(await interrupted(run, 'SIGTERM')).toMatchObject({ exitCode: 143 });
    expect(family.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });
});

describe('a run without a terminal of its own', () => {
  test('ends when the shell that started it ends its whole group', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const shell = ['sh', '-c', '"$@"; exit $?', 'sh'];
    const run = await startedWith('dumpTool', 'dump-tool-that-hangs.sh', ['create', database], {
      wrapper: shell,
    });
    await partialIsThere();
    run.signalGroup('SIGTERM');
    await within(PATIENCE_MS, 'Ending', run.finished);

    await waitFor('the lock to be free', async () => (await backupsAndLocks()).length === 0);
  });

  test.each([
    // Nobody but npx, which tells its shell.
    {
      title: 'npx is',
      program: 'program-that-waits-for-go.sh',
      tell: (run: RunningDbbackup) => run.signal('SIGTERM'),
    },
    // As `timeout` and systemd do it; the end of npx's shell is no second signal.
    {
      title: 'the whole group of npx is',
      program: 'program-that-ignores-sigterm.sh', // so that there is time for a second one
      tell: (run: RunningDbbackup) => run.signalGroup('SIGTERM'),
    },
  ])('ends and clears up when $title told to', async ({ program, tell }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const run = await startedWith('dumpTool', program, ['create', database], {
      ...(await throughNpx()),
    });
    await programHasStarted();
    const family = descendantsOf(run.pid);
    expect(family.some(({ command }) => command.includes('.bin/dbbackup create'))).toBe(true);

    tell(run);
    await within(PATIENCE_MS, 'Ending', run.finished);
    await waitFor('the whole family to end', () => !family.some(({ pid }) => isAlive(pid)), {
      deadlineMs: PATIENCE_MS,
    });
    expect(await backupsAndLocks()).toEqual([]);
  });

  test('goes on under nohup and npx when the terminal is closed', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const run = await startedWith('dumpTool', 'program-that-waits-for-go.sh', ['create', database], {
      ...(await throughNpx({ nohup: true })),
    });
    await programHasStarted();
    run.signalGroup('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // longer than it looks for npx's shell
    await writeFile(join((await workspace()).folder, 'go'), '');

    await waitFor('the backup', async () =>
      (await backupsAndLocks()).some((name) => name.endsWith('.sql.gz')),
    );
    await waitFor('the lock to be free', async () => (await backupsAndLocks()).length === 2);
  });

  test('goes on under nohup when the terminal is closed', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    // As at a terminal: nohup gives it a stdin that cannot be read.
    const nohup = ['sh', '-c', 'exec nohup "$@" 0> /dev/null', 'sh'];
    const run = await startedWith('dumpTool', 'program-that-waits-for-go.sh', ['create', database], {
      wrapper: nohup,
    });
    await programHasStarted();
    run.signal('SIGHUP');
    await writeFile(join((await workspace()).folder, 'go'), '');

    expect(await run.finished).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\.sql\.gz\n$/) });
  });

  test.each([
    { title: 'whose reader leaves', redirect: '"$@" | head -c 0; exit 0' },
    { title: 'whose stderr is closed', redirect: '"$@" 2>&-' },
    { title: 'whose stderr has no reader', redirect: '{ "$@" 2>&1 >&3 | head -c 0; } 3>&1' },
    { title: 'whose stdin is closed', redirect: '"$@" <&-' },
    { title: 'whose stdout is closed', redirect: '"$@" >&-' },
    { title: 'with nothing open at all', redirect: '"$@" <&- >&- 2>&-' },
  ])('makes its backup, one $title', async ({ redirect }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const { exitCode } = await runDbbackup(['create', database, '-v'], {
      server,
      wrapper: ['sh', '-c', redirect, 'sh'],
    });

    expect(exitCode).toBe(0);
    expect(await backupsAndLocks()).toHaveLength(2);
  });

  test('says that a dump to stdout has lost its reader', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(5000) });
    const { stderr, exitCode } = await runDbbackup(
      ['create', database, '--output', '-', '--compress', 'none'],
      {
        server,
        wrapper: ['bash', '-c', 'set -o pipefail; "$@" | head -c 100 > /dev/null', 'bash'],
      },
    );

    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: The dump could not be written to stdout: write EPIPE');
    expect(stderr).toContain('hint:  The program reading the dump has exited.');
  });
});

describe('the question before a restore', () => {
  test.each([
    { title: 'Ctrl-C', answer: '\x03', signal: undefined, exitCode: 130 },
    { title: 'SIGTERM', answer: undefined, signal: 'SIGTERM', exitCode: 143 },
    { title: 'SIGHUP', answer: undefined, signal: 'SIGHUP', exitCode: 129 },
    { title: 'an empty answer', answer: '\r', signal: undefined, exitCode: 13 },
  ] as const)('ends by $title with nothing touched', async ({ answer, signal, exitCode }) => {
    const database = await freshDatabase(server, { sql: SQL });
    await madeBackup(server, database);
    const files = await filesOfBackups();
    const terminal = new PassThrough();
    const run = await startDbbackup(['restore', 'latest'], {
      server,
      input: terminal,
      env: { TERM: 'xterm' },
      wrapper: ['sh', '-c', 'exec script -qec "stty cols 200; $*" /dev/null', 'sh'],
    });
    await said(run, 'Type the name of the database', 'stdout');
    if (answer !== undefined) terminal.write(answer);
    else {
      const inside = await waitFor('dbbackup in its terminal', () =>
        descendantsOf(run.pid).find(
          ({ command }) => command.includes('dbbackup.js restore') && !command.startsWith('sh'),
        ),
      );
      process.kill(inside.pid, signal);
    }

    const result = await within(PATIENCE_MS, 'Ending', run.finished);
    terminal.destroy();
    expect(result).toMatchObject({ exitCode });
    expect(result.stdout).toMatch(
      exitCode === 13 ? /Nothing was touched/ : new RegExp(`${database} is unchanged`),
    );
    expect(await filesOfBackups()).toEqual(files);
    expect(await server.countRows(database, 't')).toBe(2);
  });
});

/** What runs dbbackup by `npx`, in a folder where it is installed. */
async function throughNpx({ nohup = false } = {}): Promise<RunOptions> {
  const { folder } = await workspace();
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{}');
  await symlink(join(REPOSITORY, 'bin/dbbackup.js'), join(folder, 'node_modules/.bin/dbbackup'));
  const npx = 'npx --no -- dbbackup "$@"';
  const run = nohup ? `nohup ${npx} 0> /dev/null` : npx; // as at a terminal: nohup gives it a stdin that cannot be read
  const script = `until [ "$1" = create ]; do shift; done; HOME=$PWD exec ${run}`;
  return { wrapper: ['sh', '-c', script, 'sh'], cwd: folder };
}

function restoreArgs(database: string): readonly string[] {
  return ['restore', `${database}/latest`, '--confirm', database];
}

async function clientOnlyBackup(database: string): Promise<void> {
  await makeClientOnly(await madeBackup(server, database, ['--compress=none']));
}

/** Runs with a fake in the place of the dump tool or the client. */
async function startedWith(
  role: 'dumpTool' | 'client',
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunningDbbackup> {
  return startDbbackup(args, { server, env: await pathWith(server, { [role]: program }), ...options });
}

/** A create that holds the lock until it is told to go on. */
async function holdingTheLock(
  database: string,
): Promise<{ holder: RunningDbbackup; go: () => Promise<void> }> {
  const holder = await startedWith('dumpTool', 'program-that-waits-for-go.sh', ['create', database]);
  await programHasStarted();
  return { holder, go: async () => writeFile(join((await workspace()).folder, 'go'), '') };
}

async function interrupted(run: RunningDbbackup, signal: NodeJS.Signals): Promise<RunResult> {
  run.signal(signal);
  return within(PATIENCE_MS, `Ending by ${signal}`, run.finished);
}

/** Waits until a fake program has come as far as its `started` file. */
async function programHasStarted(): Promise<void> {
  const { folder } = await workspace();
  await waitFor('the program to start', () => existsSync(join(folder, 'started')));
}

async function partialIsThere(): Promise<void> {
  const { backups } = await workspace();
  await waitFor('the dump to begin', async () =>
    (await readdir(backups, { recursive: true }).catch(() => [])).some((name) => name.endsWith('.partial')),
  );
}

async function said(
  run: RunningDbbackup,
  words: string,
  where: 'stdout' | 'stderr' = 'stderr',
): Promise<void> {
  let text = '';
  run[where].on('data', (chunk: Buffer | string) => (text += String(chunk)));
  await waitFor(`"${words}"`, () => text.includes(words));
}

/** Everything in the database folders of the backup directory, locks and leftovers included. */
async function backupsAndLocks(): Promise<string[]> {
  return Object.keys(await filesOfBackups());
}

/** Runs the command that the hint of a failure shows. */
async function undoes(stderr: string): Promise<void> {
  const command = /^hint: .*To bring back its previous contents:\s+dbbackup (.*)$/m.exec(stderr)?.[1];
  expect(command, stderr).toBeDefined();
  const { exitCode, stderr: saidThen } = await runDbbackup(command!.split(' '), {
    server: server satisfies TestServer,
  });
  expect(exitCode, saidThen).toBe(0);
}
