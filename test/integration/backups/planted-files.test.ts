import { execFileSync, spawn } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SwapStep } from '../../../src/jobs/record/swap-journal.ts';
import { identifyProcess } from '../../../src/locks/processes.ts';
import { EVERYTHING_SQL } from '../../fixtures/two-states.ts';
import { newAccount } from '../../harness/accounts.ts';
import { backUp, succeeds } from '../../harness/backup.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup, RunResult } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { NOBODY, nobody } from '../../harness/nobody.ts';
import { ownServer } from '../../harness/own-server.ts';
import { plantRestore } from '../../harness/planted-restore.ts';
import { comesTo, unsettledJobsIn } from '../../harness/swap-journal.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { temporaryFolder, workspace } from '../../harness/workspace.ts';
import { someJob } from '../../unit/jobs/some-jobs.ts';

const SQL = 'CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);';
const ANOTHER_USER = 65_533;

interface Failure {
  readonly exitCode: number;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

// Only root can be two users.
describe.runIf(process.getuid?.() === 0)('files that another user has planted', () => {
  describeOneServer('a restore that never ran', (server) => {
    const runs = (database: string, id: string): readonly (readonly string[])[] => [
      ['create', database],
      ['restore', `${database}/latest`, '--confirm', database],
      ['restore', '--resume', id],
    ];

    test('is completed as its files say when they are our own: so these tests can fail', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      await backUp(server, database);
      const { backups } = await workspace();
      const planted = await plantRestore(server, { backups, database }, { job: 0, swap: 0 });

      const { stderr } = await succeeds(['restore', '--resume', planted.id], { server });

      expect(stderr).toContain('has been completed');
      expect(await planted.isUntouched()).toBe(false);
    });

    test('runs and drops nothing when another user owns its state file, its swap script or both', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      await backUp(server, database);
      const { backups } = await workspace();
      leavesBehind(['scratch schema'], 'planted, and nothing is to be dropped');
      const { id, job, swap, isUntouched } = await plantRestore(
        server,
        { backups, database },
        { job: 0, swap: 0 },
      );
      const wayOut = `sudo -u nobody dbbackup restore --resume ${id} --dir ${backups}`;
      for (const owners of [
        { job: NOBODY, swap: NOBODY },
        { job: NOBODY, swap: 0 },
        { job: 0, swap: NOBODY },
      ]) {
        await chown(job, owners.job, owners.job);
        await chown(swap, owners.swap, owners.swap);
        const whose = owners.job === NOBODY ? `${job} belongs to nobody` : `belongs to nobody: ${swap}`;

        for (const args of runs(database, id)) {
          const { exitCode, stderr, stdout } = await runDbbackup([...args, '--json'], { server });
          expect(exitCode, stderr).toBe(21);
          expect(stderr).toContain(whose);
          expect(stderr).toContain(`  ${wayOut}`);
          if (owners.job === NOBODY) expect(stderr + stdout).not.toContain('evil');
          const { error } = JSON.parse(stdout) as Failure;
          expect(error.code).toBe('restore-incomplete');
          expect(error.message).toContain(whose);
          expect(error.hint).toContain(wayOut);
        }
        for (const args of [['status'], ['status', id], ['status', '--json'], ['doctor', database]]) {
          const { stdout, stderr } = await runDbbackup(args, { server });
          if (owners.job !== NOBODY) continue;
          expect(stdout, stderr).not.toContain('evil');
          if (!args.includes('--json')) expect(stdout).toContain(wayOut);
          else
            expect(JSON.parse(stdout)).toMatchObject({
              problems: expect.arrayContaining([
                expect.objectContaining({ id, untrusted: { why: 'owner', ownerId: NOBODY } }),
              ]),
            });
        }
        expect(await isUntouched()).toBe(true);
      }
    });

    test('is not taken to have come to any step because a planted file says so', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      await backUp(server, database);
      const { backups } = await workspace();
      const owners = { job: NOBODY, swap: NOBODY };
      leavesBehind(['scratch schema'], 'planted, and nothing is to be dropped');
      const { id, job, isUntouched } = await plantRestore(server, { backups, database }, owners);
      const planted = await readFile(job, 'utf8');
      for (const step of ['staging', 'swapping', 'clearing'] satisfies SwapStep[]) {
        expect(planted).toContain('"step":"finishing"');
        await writeFile(job, planted.replace('"step":"finishing"', `"step":"${step}"`));
        expect((await stat(job)).uid).toBe(NOBODY);

        for (const args of runs(database, id))
          expect((await runDbbackup(args, { server })).exitCode, step).toBe(21);
        expect(await isUntouched()).toBe(true);
      }
    });

    test('that others may write is not completed either, until it is closed to them', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      await backUp(server, database);
      const { backups } = await workspace();
      const { id, swap, isUntouched } = await plantRestore(
        server,
        { backups, database },
        { job: 0, swap: 0 },
      );
      await chmod(swap, 0o622);

      const { exitCode, stderr } = await runDbbackup(['create', database], { server });
      expect(exitCode).toBe(21);
      expect(stderr).toContain(`may be written by other users: ${swap}`);
      expect(stderr).toContain(`  chmod go-w ${swap}`);
      expect(await isUntouched()).toBe(true);

      await chmod(swap, 0o600);
      await succeeds(['restore', '--resume', id], { server });
    });

    test('keeps nobody from backups where the server knows nothing of it', async () => {
      // On a shared one the restores of other tests remove a staging schema that nobody's job is known of.
      const own = await ownServer(server);
      onTestFinished(() => own[Symbol.asyncDispose]());
      const database = await freshDatabase(own.server, { sql: SQL });
      await backUp(own.server, database);
      const { backups } = await workspace();
      const owners = { job: NOBODY, swap: NOBODY };
      const { id } = await plantRestore(own.server, { backups, database }, owners, 'clearing');
      await own.server.sql(`DROP DATABASE dbbackup_old_${id};`);

      // Only the staging schema is left: the target is unchanged, and the backup is one.
      const { stderr } = await succeeds(['create', database], { server: own.server });
      expect(stderr).toContain(`${database} is unchanged.`);
      expect(stderr).toContain(`sudo -u nobody dbbackup restore --resume ${id}`);
      await own.server.sql(`DROP DATABASE dbbackup_stage_${id};`);
      expect((await succeeds(['create', database], { server: own.server })).stderr).not.toContain('sudo');
    });

    test('is left alone by a user who is not root, too', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      const { folder, run } = await nobody(server);
      expect(await run(['create', database])).toMatchObject({ exitCode: 0 });
      const place = { backups: join(folder, 'backups'), database };
      leavesBehind(['scratch schema'], 'planted, and nothing is to be dropped');
      const owners = { job: ANOTHER_USER, swap: ANOTHER_USER };
      const { id, job, isUntouched } = await plantRestore(server, place, owners);

      for (const args of runs(database, id)) {
        const { exitCode, stderr } = await run(args);
        expect(exitCode, stderr).toBe(21);
        expect(stderr).toContain(`${job} belongs to ${ANOTHER_USER}`);
        expect(stderr).toContain(`sudo -u ${ANOTHER_USER} dbbackup restore --resume ${id}`);
      }
      expect(await isUntouched()).toBe(true);
    });

    test('ends no process that it names', async () => {
      const database = await freshDatabase(server, { sql: SQL });
      await backUp(server, database);
      const { backups } = await workspace();
      const victim = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
      onTestFinished(() => void victim.kill('SIGKILL'));
      const process = await identifyProcess(victim.pid!, hostname(), 'root');
      const path = join(backups, '.jobs', 'bcdf2345.json');
      await writeFile(path, JSON.stringify(someJob({ database, process })), { mode: 0o644 });
      await chown(path, NOBODY, NOBODY);

      const { exitCode, stderr } = await runDbbackup(['status', 'bcdf2345', '--cancel']);

      expect(exitCode, stderr).toBe(12);
      expect(stderr).toContain(`${path} belongs to nobody, so the process that it names (pid ${victim.pid})`);
      expect(stderr).toContain('sudo -u nobody dbbackup status bcdf2345 --cancel --dir');
      expect(victim.exitCode ?? victim.signalCode).toBeNull();

      await chown(path, 0, 0);
      await succeeds(['status', 'bcdf2345', '--cancel']);
      expect(victim.signalCode).toBe('SIGTERM');
    });
  });

  describeOneServer('a restore that another user has begun', (server) => {
    test('is left to that user, who can finish it; one of root’s, in the directory of another, the owner can finish, and root', async () => {
      const database = await freshDatabase(server, { sql: EVERYTHING_SQL });
      const { folder, run, start } = await nobody(server);
      const backups = join(folder, 'backups');
      const path = (await run(['create', database])).stdout.trim();
      const before = await objects(server, database);
      const args = ['restore', path, '--confirm', database];
      const asRoot = { server, cwd: folder };
      const expectFinished = async (settled: RunResult): Promise<void> => {
        expect(settled.exitCode, settled.stderr).toBe(0);
        expect(settled.stderr).toContain('has been completed');
        expect(await objects(server, database)).toBe(before);
      };

      await killedAt('finishing', await start(args), backups);
      const { id } = unsettledJobsIn(backups)[0]!;
      const refused = await runDbbackup(['create', database], asRoot);
      expect(refused.exitCode, refused.stderr).toBe(21);
      expect(refused.stderr).toContain(`sudo -u nobody dbbackup restore --resume ${id} --dir ${backups}`);
      await expectFinished(await run(['restore', '--resume', id]));
      await succeeds(['create', database], asRoot);

      for (const who of ['the owner', 'root']) {
        await killedAt('finishing', await startDbbackup(args, asRoot), backups);
        const [{ id } = { id: '' }, ...others] = unsettledJobsIn(backups);
        expect(others).toEqual([]);
        for (const ending of ['json', 'swap'])
          expect((await stat(join(backups, '.jobs', `${id}.${ending}`))).uid).toBe(0);

        if (who === 'the owner') {
          const status = await run(['status', id]);
          expect(status).toMatchObject({ exitCode: 0, stderr: '' });
          expect(status.stdout).toContain(`restore --resume ${id}`);
          expect(await run(['list'])).toMatchObject({ exitCode: 0, stderr: '' });
          await expectFinished(await run(['create', database]));
        } else await expectFinished(await runDbbackup(['restore', '--resume', id], asRoot));
        expect((await stat(join(backups, '.jobs', `${id}.json`))).uid).toBe(NOBODY);
        expect(await run(['status'])).toMatchObject({ exitCode: 0, stderr: '' });
      }
    });
  });

  describeOneServer('grants on routines', (server) => {
    test('are given back from a manifest that nobody else can have written', async () => {
      const database = await freshDatabase(server, { sql: `${SQL} CREATE PROCEDURE p() SELECT 1;` });
      const account = await newAccount(server);
      await account.grant('EXECUTE', `PROCEDURE ${quoted(database)}.p`);
      const path = await backUp(server, database);
      const manifest = path.replace('.sql.gz', '.json');
      const restored = async (reference: string): Promise<{ stderr: string; grants: string }> => {
        await server.sql('DROP PROCEDURE p;', database);
        const { stderr } = await succeeds(['restore', reference, '--confirm', database], { server });
        return { stderr, grants: await server.query(`SHOW GRANTS FOR ${account.sqlName}`) };
      };
      await chown(manifest, NOBODY, NOBODY);

      const ignored = await restored(path);
      expect(ignored.stderr).toContain(`are not granted: ${manifest} belongs to nobody. It lists: EXECUTE`);
      expect(ignored.grants).not.toContain(`EXECUTE ON PROCEDURE`);

      // Elsewhere a manifest counts as much, and all else that it says is taken: name, hash, sizes.
      const elsewhere = await temporaryFolder();
      for (const file of [path, manifest]) await copyFile(file, join(elsewhere, basename(file)));
      const copied = join(elsewhere, basename(manifest));
      await chown(copied, NOBODY, NOBODY);
      const foreign = await restored(join(elsewhere, basename(path)));
      expect(foreign.stderr).toContain(`are not granted: ${copied} belongs to nobody.`);
      expect(foreign.stderr).not.toContain('No manifest found');
      expect(foreign.grants).not.toContain(`EXECUTE ON PROCEDURE`);

      await chown(manifest, 0, 0);
      const given = await restored(path);
      expect(given.stderr).not.toContain('are not granted');
      expect(given.grants).toContain(`EXECUTE ON PROCEDURE`);
    });

    test('that an interrupted restore in place owes are not given because a planted file says so', async () => {
      const database = await freshDatabase(server, { sql: `${SQL} CREATE PROCEDURE p() SELECT 1;` });
      const account = await newAccount(server);
      const path = await backUp(server, database);
      const { backups } = await workspace();
      const job = join(backups, '.jobs', 'bcdf2345.json');
      const owed = [{ routine: 'procedure p', user: account.user, host: '%', privileges: ['EXECUTE'] }];
      const left = someJob({
        ...{ database, operation: 'restore', state: 'failed' },
        replacing: { restoreCommand: 'evil: restore', returnCommand: 'evil: return', grants: owed },
      });
      await writeFile(job, JSON.stringify(left), { mode: 0o600 });
      await chown(job, NOBODY, NOBODY);
      const grants = (): Promise<string> => server.query(`SHOW GRANTS FOR ${account.sqlName}`);

      const create = await runDbbackup(['create', database], { server });
      expect(create.exitCode).toBe(3);
      expect(create.stderr).toContain(
        `${job} belongs to nobody. To see as that user what helps: sudo -u nobody`,
      );
      const { stderr } = await succeeds(['restore', path, '--confirm', database], { server });
      expect(stderr).toContain(
        `restore bcdf2345 may have dropped are not granted: ${job} belongs to nobody.`,
      );
      expect(create.stderr + stderr).not.toContain('evil');
      expect(await grants()).not.toContain('EXECUTE');

      await chown(job, 0, 0);
      await succeeds(['restore', path, '--confirm', database], { server });
      expect(await grants()).toContain('EXECUTE');
    });
  });
});

/** The names of all that a database holds. */
async function objects(server: TestServer, database: string): Promise<string> {
  const of = (table: string, column: string, schema: string): string =>
    `SELECT ${column} AS name FROM information_schema.${table} WHERE ${schema} = '${database}'`;
  return server.query(
    `${[
      of('TABLES', 'TABLE_NAME', 'TABLE_SCHEMA'),
      of('ROUTINES', 'ROUTINE_NAME', 'ROUTINE_SCHEMA'),
      of('TRIGGERS', 'TRIGGER_NAME', 'TRIGGER_SCHEMA'),
      of('EVENTS', 'EVENT_NAME', 'EVENT_SCHEMA'),
    ].join(' UNION ALL ')} ORDER BY name`,
  );
}

/** Kills a restore at a step of its journal. */
async function killedAt(step: SwapStep, run: RunningDbbackup, backups: string): Promise<void> {
  expect(await comesTo(step, run, backups)).toBe(true);
  run.signal('SIGKILL');
  await run.finished;
}

describeOneServer('what stands in the place of a file of ours', (server) => {
  // Each other kind is refused by the one function that reads such files: see its unit tests.
  type Plant = (path: string) => Promise<unknown>;
  const PLANTS: Readonly<Record<'FIFO' | 'link', Plant>> = {
    FIFO: (path) => Promise.resolve(execFileSync('mkfifo', [path])),
    link: (path) => symlink('/etc/passwd', path),
  };

  test('hides nothing else, and is waited for by nobody', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const good = await backUp(server, database);
    const { backups } = await workspace();
    const planted: { readonly plant: Plant; readonly kind: RegExp; readonly bad: string }[] = [];
    for (const [label, plant, kind] of [
      ['fifo', PLANTS.FIFO, /not a regular/],
      ['link', PLANTS.link, /a symbolic/],
    ] as const)
      planted.push({ plant, kind, bad: await backUp(server, database, ['--label', label]) });
    const logs = (await readdir(join(backups, '.jobs'))).filter((name) => name.endsWith('.log'));
    const jobs = planted.map((_, n) => join(backups, '.jobs', `bcdf234${n + 5}.json`));
    for (const [n, { plant, bad }] of planted.entries()) {
      const manifest = bad.replace('.sql.gz', '.json');
      await rm(manifest);
      await plant(manifest);
      await plant(jobs[n]!);
      await rm(join(backups, '.jobs', logs[n]!));
      await plant(join(backups, '.jobs', logs[n]!));
    }

    const listed = await succeeds(['list']);
    const status = await succeeds(['status']);
    expect(status.stdout).toContain(database);
    for (const [n, { kind, bad }] of planted.entries()) {
      const [name = ''] = basename(bad).split('.');
      expect(listed.stdout).toMatch(new RegExp(`damaged: .*${name}.* its manifest is ${kind.source}`));
      expect(status.stderr).toContain(`${jobs[n]} could not be read: it is`);
      expect(await runDbbackup(['status', `bcdf234${n + 5}`])).toMatchObject({
        exitCode: 17,
        stderr: expect.stringContaining(`rm -r ${jobs[n]}`),
      });
      expect(await runDbbackup(['status', logs[n]!.slice(0, -4)])).toMatchObject({ exitCode: 17 });
      expect((await runDbbackup(['verify', bad])).exitCode).toBe(16);
      expect((await runDbbackup(['restore', bad, '--confirm', database], { server })).exitCode).toBe(16);
    }
    await succeeds(['create', database], { server });
    await succeeds(['restore', good, '--confirm', database], { server });

    const lock = join(backups, database, '.lock');
    for (const { plant } of planted) {
      await rm(lock, { force: true });
      await plant(lock);
      for (const args of [
        ['create', database],
        ['restore', good, '--confirm', database],
      ])
        expect(await runDbbackup(args, { server })).toMatchObject({
          exitCode: 11,
          stderr: expect.stringContaining(`${lock} exists but is not a dbbackup lock`),
        });
      await succeeds(['list']);
      await succeeds(['status']);
    }
  });

  test('a FIFO is no swap script', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await backUp(server, database);
    const { backups } = await workspace();
    const self = process.getuid?.() ?? 0;
    const { id, swap, isUntouched } = await plantRestore(
      server,
      { backups, database },
      { job: self, swap: self },
    );
    leavesBehind(['scratch schema'], 'planted, and nothing is to be dropped');
    await rm(swap);
    await PLANTS.FIFO(swap);

    for (const args of [
      ['create', database],
      ['restore', '--resume', id],
    ])
      expect(await runDbbackup(args, { server })).toMatchObject({
        exitCode: 21,
        stderr: expect.stringMatching(/The record of a swap is damaged: .*\(it is /),
      });
    expect(await isUntouched()).toBe(true);
  });

  test('a FIFO that has the name of a backup is none, and nothing waits for it', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const good = await backUp(server, database);
    const path = join(good, '..', 'manual_2099-01-01_00-00-00.sql.gz');
    execFileSync('mkfifo', [path]);
    await copyFile(good.replace('.sql.gz', '.json'), path.replace('.sql.gz', '.json'));

    expect((await succeeds(['list'])).stdout).not.toContain('2099');
    await succeeds(['status']);
    await succeeds(['verify', '--all']);
    expect((await runDbbackup(['verify', path])).exitCode).toBe(10);
    expect((await runDbbackup(['restore', path, '--confirm', database], { server })).exitCode).toBe(10);
    await succeeds(['restore', 'latest', '--confirm', database], { server });
  });
});

describeOneServer('a directory that every user may write to', (server) => {
  test('is not restored from: the backup directory, though sticky, the folder of the database and that of jobs', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await backUp(server, database);
    await server.sql('INSERT INTO t VALUES (3)', database);
    const { backups } = await workspace();
    const ways = [
      ['restore', 'latest', '--confirm', database],
      ['restore', path, '--confirm', database],
      ['restore', `${database}/latest`, '--confirm', database, '--in-place'],
      ['restore', 'latest', '--dry-run'],
      ['restore', path, '--all'],
    ];
    for (const [mode, inside, refused] of [
      [0o777, '', ways],
      [0o1777, '', ways.slice(0, 1)],
      [0o707, database, ways.slice(0, 2)],
      [0o703, '.jobs', ways.slice(0, 2)],
    ] as const) {
      const folder = join(backups, inside);
      await chmod(folder, mode);
      for (const [n, args] of refused.entries()) {
        const json = n === 0 ? ['--json'] : [];
        const { exitCode, stdout, stderr } = await runDbbackup([...args, ...json], { server });
        expect(exitCode, stderr).toBe(19);
        expect(stderr).toContain(`Every user may write to ${folder}, `);
        expect(stderr).toContain(`  chmod o-w ${folder}`);
        expect(stderr).toContain('--dir');
        if (n === 0) expect(JSON.parse(stdout)).toMatchObject({ exitCode: 19, error: { code: 'unsafe' } });
      }
      expect(await server.query('SELECT COUNT(*) FROM t', database)).toBe('3');

      if (inside !== '.jobs') {
        const { stderr } = await succeeds(['create', database], { server });
        expect(stderr).toContain(`Other users may write to ${folder}: chmod 700 ${folder}`);
      }
      await chmod(folder, 0o700);
    }
    await succeeds(['restore', path, '--confirm', database], { server });
    expect(await server.query('SELECT COUNT(*) FROM t', database)).toBe('2');
  });

  test('is no place to resume a restore in, nor a reason not to restore a file that lies elsewhere', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await backUp(server, database);
    const { backups } = await workspace();
    const self = process.getuid?.() ?? 0;
    const { id } = await plantRestore(server, { backups, database }, { job: self, swap: self });
    await chmod(backups, 0o777);
    expect(await runDbbackup(['restore', '--resume', id], { server })).toMatchObject({ exitCode: 19 });
    await chmod(backups, 0o700);
    await succeeds(['restore', '--resume', id], { server });

    const elsewhere = await temporaryFolder();
    await chmod(elsewhere, 0o777);
    await rename(path, join(elsewhere, 'a.sql.gz'));
    await succeeds(['restore', join(elsewhere, 'a.sql.gz'), '--to', database, '--confirm', database], {
      server,
    });
  });

  test('may be reached by a link, like any other backup directory', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await backUp(server, database);
    const { backups } = await workspace();
    await rename(backups, `${backups}-elsewhere`);
    await symlink(`${backups}-elsewhere`, backups);

    await succeeds(['restore', path, '--confirm', database], { server });
    await chmod(`${backups}-elsewhere`, 0o777);
    expect(await runDbbackup(['restore', path, '--confirm', database], { server })).toMatchObject({
      exitCode: 19,
    });
  });
});
