import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPrivateOptionFile } from '../../../src/programs/private-option-file.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { madeBackup } from '../../harness/backups.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunOptions, RunResult } from '../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeOneServer,
  isTurnOf,
  testServers,
} from '../../harness/describe-each-server.ts';
import { pathWith } from '../../harness/fake-programs.ts';
import { makeClientOnly } from '../../harness/planted-backup.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { filesWith, watch } from '../../harness/watcher.ts';
import type { Watched } from '../../harness/watcher.ts';
import { temporaryFolder, workspace } from '../../harness/workspace.ts';

const SQL = `CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n`;
const ODD = String.raw`-"q'#\% ;$é€😀`;

interface Source {
  readonly title: string;
  readonly odd: string;
  readonly give: (login: Login, server: TestServer) => Promise<RunOptions['env']>;
}

const SOURCES: readonly Source[] = [
  {
    title: 'in the environment',
    odd: ODD,
    give: ({ password }) => Promise.resolve({ DBBACKUP_PASSWORD: password }),
  },
  {
    title: 'in a file',
    odd: ODD,
    give: async ({ password }) => ({
      DBBACKUP_PASSWORD_FILE: await secretFile('password', `${password}\n`),
    }),
  },
  {
    title: 'in DATABASE_URL',
    odd: ODD,
    give: ({ user, password }, server) =>
      Promise.resolve({
        DATABASE_URL: `mysql://${user}:${encodeURIComponent(password)}@${server.host}:${server.port}/`,
        DBBACKUP_HOST: undefined,
        DBBACKUP_PORT: undefined,
        DBBACKUP_USER: undefined,
      }),
  },
  {
    title: 'in an option file',
    odd: ODD,
    give: async ({ password }) => {
      const quoted = password.replaceAll(/[\\"]/g, String.raw`\$&`);
      return { DBBACKUP_DEFAULTS_FILE: await secretFile('my.cnf', `[client]\npassword="${quoted}"\n`) };
    },
  },
];

// How each server's programs take a password does not depend on where it came from.
describeEachFlavour('a password', (server, servers) => {
  test('in MYSQL_PWD is seen nowhere while create and restore run', async () => {
    const source: Pick<Source, 'odd' | 'give'> = {
      odd: ODD,
      give: ({ password }) => Promise.resolve({ MYSQL_PWD: password }),
    };
    // To look without a pause keeps a core busy: what dbbackup itself does, it does with every server.
    await expectUnseen(server, source, isTurnOf('without a pause', server, servers) ? undefined : 5);
  });
});

describeOneServer('a password from anywhere', (server) => {
  test.each(SOURCES)('$title is seen nowhere while create and restore run', async (source) => {
    await expectUnseen(server, source, 5);
  });
});

/** @param pauseMs Between two looks: less than what the programs dawdle. As often as the machine allows by default. */
async function expectUnseen(
  server: TestServer,
  { odd, give }: Pick<Source, 'odd' | 'give'>,
  pauseMs?: number,
): Promise<void> {
  const login = await account(server, odd);
  const database = await freshDatabase(server, { sql: manyRowsSql(2_000) });
  const dawdling = 'program-that-dawdles.sh';
  const path = await pathWith(server, { dumpTool: dawdling, client: dawdling });
  const env = { DBBACKUP_USER: login.user, ...path, ...(await give(login, server)) };

  const options = { server, env };
  const create = await watched(login, ['create', database, '--compress=none', '-v'], options, pauseMs);
  expect(create.result.exitCode, create.result.stderr).toBe(0);
  expectSecret(login, create);
  expect(create.commands.join('\n')).toMatch(/dump --defaults-file=\/dev\/fd\/3 /);
  await makeClientOnly(create.result.stdout.trim());

  const args = ['restore', 'latest', '--confirm', database, '--json', '-v'];
  const restore = await watched(login, args, options, pauseMs);
  expect(restore.result.exitCode, restore.result.stderr).toBe(0);
  expectSecret(login, restore);
  expect(restore.commands.join('\n')).toMatch(/ --defaults-file=\/dev\/fd\/3 --batch /);
  expect(Math.min(create.rounds, restore.rounds)).toBeGreaterThan(20);
  for (const args of [
    ['status', '--json'],
    ['list', '--json'],
    ['status', '-v'],
  ]) {
    const result = await runDbbackup(args, { server, env });
    expect(textOf(result)).not.toContain(login.core);
  }
}

describe('a password is not told', () => {
  const server = testServers()[0]!;

  test.each<{
    title: string;
    args: (database: string) => readonly string[];
    exitCode: number;
    env?: (login: Login) => Promise<RunOptions['env']>;
    says: RegExp;
  }>([
    {
      title: 'by a login that is refused',
      args: (database) => ['create', database],
      exitCode: 12,
      env: ({ password }) => Promise.resolve({ DBBACKUP_PASSWORD: `${password}-wrong` }),
      says: /refused the login of/,
    },
    {
      title: 'by a dump tool that prints its option file and fails',
      args: (database) => ['create', database],
      exitCode: 22,
      env: () => pathWith(server, { dumpTool: 'program-that-tells-its-options.sh' }),
      says: /failed \(exit 2\): .*\[hidden\]|failed \(exit 2\)/,
    },
    {
      title: 'by a client that prints its option file and fails',
      args: (database) => ['restore', 'latest', '--to', `${database}_copy`],
      exitCode: 20,
      env: () => pathWith(server, { client: 'program-that-tells-its-options.sh' }),
      says: /Loading failed: mariadb exited with 2/,
    },
    {
      title: 'by a safety backup that fails',
      args: (database) => ['restore', 'latest', '--confirm', database],
      exitCode: 18,
      env: () => pathWith(server, { dumpTool: 'program-that-tells-its-options.sh' }),
      says: /The safety backup of \w+ failed, so nothing was restored/,
    },
    {
      title: 'by a server that is not there',
      args: (database) => ['create', database],
      exitCode: 14,
      env: () => Promise.resolve({ DBBACKUP_PORT: '1' }),
      says: /No server answers at/,
    },
    {
      title: 'by a database that is not there',
      args: () => ['create', 'no_such_database'],
      exitCode: 10,
      says: /There is no database no_such_database/,
    },
    {
      title: 'by a backup that is not there',
      args: () => ['restore', 'no_such_backup'],
      exitCode: 10,
      says: /There is no backup/,
    },
    {
      title: 'by a bug whose message holds it',
      args: (database) => ['create', database],
      exitCode: 1,
      env: () =>
        Promise.resolve({ NODE_OPTIONS: `--import=${join(REPOSITORY, 'test/fixtures/bin/break-gzip.js')}` }),
      says: /This is a bug in dbbackup; please report it\.[^]*made up: \[hidden\]/,
    },
    {
      title: 'by a URL that cannot be understood',
      args: (database) => ['create', database],
      exitCode: 2,
      env: ({ user, password }) =>
        Promise.resolve({
          DBBACKUP_URL: `mysql://${user}:${password}@127.0.0.1:notaport/x`,
          DBBACKUP_PASSWORD: undefined,
          DBBACKUP_HOST: undefined,
          DBBACKUP_PORT: undefined,
          DBBACKUP_USER: undefined,
        }),
      says: /DBBACKUP_URL/,
    },
  ])('$title', async ({ args, exitCode, env, says }) => {
    for (const [odd, flags] of [
      ['', ['-v']],
      [ODD, ['--json', '-v']],
    ] as const) {
      const login = await account(server, odd);
      const database = await freshDatabase(server, { sql: SQL });
      const plain = { DBBACKUP_USER: login.user, DBBACKUP_PASSWORD: login.password };
      await makeClientOnly(await madeBackup(server, database, ['--compress=none'], { env: plain }));
      const faulty = { ...plain, ...(await env?.(login)) };
      const asProcess = 'NODE_OPTIONS' in faulty;
      const seen = await watched(login, [...args(database), ...flags], { server, env: faulty, asProcess });
      expect(seen.result.exitCode, seen.result.stderr).toBe(exitCode);
      expect(seen.result.stderr).toMatch(says);
      expectSecret(login, seen);
      await rename((await workspace()).backups, join((await workspace()).folder, `backups-${odd.length}`));
    }
  });

  test('by a URL on the command line, in the job, the lock, the log or the undo command', async () => {
    const login = await account(server, '');
    const database = await freshDatabase(server, { sql: SQL });
    const base = `${server.host}:${server.port}/`;
    for (const url of [
      `mysql://${login.user}:${login.password}@${base}`,
      `mysql://${login.user}@${base}?password=${login.password}`,
    ]) {
      const env = { DBBACKUP_HOST: undefined, DBBACKUP_PORT: undefined, DBBACKUP_USER: undefined };
      const { folder } = await workspace();
      for (const args of [
        ['create', database],
        ['restore', 'latest', '--confirm', database],
        ['create', 'nothing'],
      ]) {
        const result = await runDbbackup([...args, '-v', '--url', url], { server, env });
        expect([0, 10], result.stderr).toContain(result.exitCode);
        expect(textOf(result)).not.toContain(login.core);
        expect(filesWith(login.core, [folder])).toEqual([]);
      }
    }
  });

  test('by a disk, at any moment of writing the option file of a child', async () => {
    const folder = await temporaryFolder();
    const files = async (): Promise<void> => {
      for (let n = 0; n < 400; n += 1) {
        await using _file = await openPrivateOptionFile('canary'.repeat(50), folder);
      }
    };
    const { sightings, rounds } = await watch('canary', {
      pid: process.pid,
      folders: [folder],
      over: files(),
    });

    expect(sightings).toEqual([]);
    expect(rounds).toBeGreaterThan(400);
  });
});

interface Login {
  readonly user: string;
  readonly password: string;
  /** The part of the password that looks the same in every encoding. */
  readonly core: string;
}

/** An account with every right and a password, which is dropped after the test. */
async function account(server: TestServer, odd: string): Promise<Login> {
  const user = unusedName('u');
  const core = `canary-${randomBytes(6).toString('hex')}`;
  const password = core + odd;
  const literal = password.replaceAll('\\', '\\\\').replaceAll("'", "''");
  await server.sql(
    `CREATE USER ${user}@'%' IDENTIFIED BY '${literal}'; GRANT ALL ON *.* TO ${user}@'%' WITH GRANT OPTION;`,
  );
  onTestFinished(() => server.sql(`DROP USER ${user}@'%';`).then(() => undefined));
  return { user, password, core };
}

/** A file of the user's own, outside of what is watched. */
async function secretFile(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function watched(
  { core }: Login,
  args: readonly string[],
  options: RunOptions,
  pauseMs?: number,
): Promise<Watched & { readonly result: RunResult }> {
  const { folder } = await workspace();
  const { pid, finished } =
    options.asProcess === false
      ? { pid: process.pid, finished: runDbbackup(args, options) }
      : await startDbbackup(args, options);
  const seen = await watch(core, { pid, folders: [folder], over: finished, pauseMs });
  return { ...seen, result: await finished };
}

function expectSecret({ core }: Login, { sightings, result }: Watched & { result: RunResult }): void {
  expect(sightings).toEqual([]);
  expect(textOf(result)).not.toContain(core);
}

function textOf({ stdout, stderr }: RunResult): string {
  return `${stdout}\n${stderr}`;
}
