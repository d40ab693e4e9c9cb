import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../../../src/jobs/record/job.ts';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import type { RunOptions } from '../../harness/dbbackup.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newAccount } from '../../harness/accounts.ts';
import { succeeds } from '../../harness/backup.ts';
import { unusedName } from '../../harness/database.ts';
import { describeEachFlavour, isTurnOf } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { runInShell } from '../../harness/shell.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

describeEachFlavour('two servers', (server, servers) => {
  let other: OwnServer;

  beforeAll(async () => {
    other = await ownServer(server);
  });

  afterAll(async () => {
    await other[Symbol.asyncDispose]();
  });

  /**
   * A database on the first server with a backup and, from a restore, a safety backup; on the other one rows of its
   * own.
   */
  async function backedUp(): Promise<string> {
    const name = unusedName('db');
    await server.sql(`CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT);`);
    onTestFinished(() => server.sql(`DROP DATABASE ${name};`).then(() => undefined));
    await succeeds(['create', name], { server });
    await succeeds(['restore', `${name}/latest`, '--confirm', name], { server });
    await other.server.sql(`CREATE DATABASE ${name}; CREATE TABLE ${name}.u (id INT);`);
    return name;
  }

  const plan = async (args: readonly string[], options: RunOptions) => {
    const { stdout } = await succeeds(['restore', ...args, '--dry-run'], options);
    return stdout;
  };

  test('a backup of the other one is told to be one in the plan, and by list next to those of this one, whichever way that is reached', async () => {
    const name = await backedUp();

    const shown = await plan([`${name}/latest`], { server: other.server });
    expect(shown).toContain(`into ${name} on 127.0.0.1:${other.server.port}`);
    expect(shown).toMatch(
      new RegExp(`^ {2}made on +127.0.0.1:${server.port} \\(\\S+\\), another server: this is`, 'm'),
    );
    expect((await succeeds(['list'])).stdout).not.toContain('SERVER');

    const { PATH } = server.environment;
    const env = { PATH, DBBACKUP_SOCKET: server.socket, DBBACKUP_USER: server.user };
    expect(await plan([`${name}/latest`], { env })).not.toContain('another server');
    expect(await plan([`${name}/pre-restore`], { env })).not.toContain('another server');

    await succeeds(['create', name], { server: other.server });
    const { stdout } = await succeeds(['list']);
    expect(stdout).toMatch(/ SERVER *$/m);
    expect(stdout).toContain(`127.0.0.1:${server.port}`);
    expect(stdout).toContain(`127.0.0.1:${other.server.port}`);
  });

  // The rest is no matter of the server.
  if (!isTurnOf('two servers', server, servers)) return;

  test('a backup of the other one is known by its job, and refused when it is a safety backup, unless it is said to be meant, or of release 0.1.0, which did not say of which server it is', async () => {
    const name = await backedUp();
    const { stdout } = await succeeds(['status', '--json']);
    expect(
      (JSON.parse(stdout) as { jobs: Job[] }).jobs.filter(({ database }) => database === name),
    ).toMatchObject([{ server: `127.0.0.1:${server.port}` }, { server: `127.0.0.1:${server.port}` }]);
    const { backups } = await workspace();
    const file = (await readdir(join(backups, name))).find((each) => /^pre-restore.*json$/.test(each)) ?? '';
    const safety = `${name}/${file.replace('.json', '')}`;
    const restore = ['restore', safety, '--confirm', name];

    await expectFailure(
      restore,
      { server: other.server },
      {
        code: 'not-confirmed',
        message: [
          new RegExp(`^${safety} is the safety backup of another server, 127.0.0.1:${server.port}`),
          'Nothing was touched.',
        ],
        hint: 'Connect to that server. If the backup is meant for this one, add --from-other-server.',
      },
    );
    expect(await other.server.query(`SHOW TABLES`, name)).toBe('u');

    await succeeds([...restore, '--from-other-server'], { server: other.server });
    expect(await other.server.query(`SHOW TABLES`, name)).toBe('t');

    const path = join(backups, name, file);
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
    const { flavour, version, host, port } = manifest.server;
    await writeFile(path, JSON.stringify({ ...manifest, server: { flavour, version, host, port } }));
    await other.server.sql('DROP TABLE t; CREATE TABLE u (id INT);', name);
    await succeeds(restore, { server: other.server });
    expect(await other.server.query(`SHOW TABLES`, name)).toBe('t');
  });
  /** The same database on both servers, with rows that tell them apart. */
  async function databaseOnBoth(): Promise<string> {
    const name = unusedName('db');
    for (const [each, row] of [
      [server, 1],
      [other.server, 100],
    ] as const)
      await each.sql(
        `CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT); INSERT INTO ${name}.t VALUES (${row});`,
      );
    onTestFinished(() => server.sql(`DROP DATABASE ${name};`).then(() => undefined));
    return name;
  }

  const rows = async (on: TestServer, name: string) => on.query(`SELECT id FROM ${name}.t`);

  test('a command that a run prints reaches the same server from another folder, in the shell of another one, wherever that came from, and starts with npx where npx has started the run', async () => {
    const { folder } = await workspace();
    const name = await databaseOnBoth();
    const { host, port, user, socket } = server;
    const { PATH } = server.environment;
    const optionFile = `[client]\nhost=${host}\nport=${port}\nuser=${user}\n`;
    await writeFile(join(folder, 'my.cnf'), optionFile, { mode: 0o600 });
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'home/.my.cnf'), optionFile, { mode: 0o600 });
    const sources: Readonly<Record<string, readonly [string[], Record<string, string | undefined>]>> = {
      'variables, with npx': [[], { ...server.environment, npm_command: 'exec' }],
      DATABASE_URL: [[], { PATH, DATABASE_URL: `mysql://${user}@${host}:${port}/x` }],
      'a relative option file': [['--defaults-file', 'my.cnf'], { PATH }],
      'an option file at home': [[], { PATH, HOME: join(folder, 'home') }],
      'a socket': [[], { PATH, DBBACKUP_SOCKET: socket, DBBACKUP_USER: user }],
    };
    await succeeds(['create', name], { server });
    await server.sql(`INSERT INTO ${name}.t VALUES (2);`);
    for (const [source, [flags, env]] of Object.entries(sources)) {
      const args = ['restore', `${name}/latest`, '--confirm', name, ...flags];
      const { stdout: undo } = await succeeds(args, { env });
      expect(await rows(server, name), source).toBe('1');
      expect(undo).toMatch(env['npm_command'] === 'exec' ? /^npx dbbackup undo / : /^dbbackup undo /);

      const url = `mysql://root@${other.server.host}:${other.server.port}/${name}`;
      await runInShell(`cd / && DATABASE_URL=${url} ${undo}`, other.server);

      expect(await rows(server, name), source).toBe('1\n2');
      expect(await rows(other.server, name), source).toBe('100');
    }
  });

  test('a command that a run prints logs in with the password of DATABASE_URL where that is there', async () => {
    const name = await databaseOnBoth();
    const account = await newAccount(server);
    await account.grant('ALL', '*.*');
    const env = {
      PATH: server.environment['PATH'],
      DATABASE_URL: `mysql://${account.user}:right@${server.host}:${server.port}/${name}`,
    };
    await succeeds(['create'], { env });
    const { stdout: undo } = await succeeds(['restore', 'latest', '--confirm', name], { env });
    expect(undo).not.toContain('right');

    const [, ...words] = undo.trim().split(' ');
    await succeeds(words, { env, cwd: '/' });
  });
});
