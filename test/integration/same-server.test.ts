import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newAccount } from '../harness/accounts.ts';
import { succeeds } from '../harness/backup.ts';
import { unusedName } from '../harness/database.ts';
import { describeOneServer } from '../harness/describe-each-server.ts';
import { ownServer } from '../harness/own-server.ts';
import type { OwnServer } from '../harness/own-server.ts';
import { runInShell } from '../harness/shell.ts';
import type { TestServer } from '../harness/test-server.ts';
import { workspace } from '../harness/workspace.ts';

describeOneServer('a command that a run prints', (server) => {
  let other: OwnServer;

  beforeAll(async () => {
    other = await ownServer(server);
  });

  afterAll(async () => {
    await other[Symbol.asyncDispose]();
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

  test.each(['variables', 'DATABASE_URL', 'a relative option file', 'an option file at home', 'a socket'])(
    'reaches the same server from another folder, in the shell of another one: it came from %s',
    async (source) => {
      const { folder } = await workspace();
      const name = await databaseOnBoth();
      const { host, port, user, socket } = server;
      const PATH = server.environment['PATH'];
      const optionFile = `[client]\nhost=${host}\nport=${port}\nuser=${user}\n`;
      const from = async (): Promise<readonly [string[], Record<string, string | undefined>]> => {
        switch (source) {
          case 'variables':
            return [[], { ...server.environment }];
          case 'DATABASE_URL':
            return [[], { PATH, DATABASE_URL: `mysql://${user}@${host}:${port}/x` }];
          case 'a relative option file':
            await writeFile(join(folder, 'my.cnf'), optionFile, { mode: 0o600 });
            return [['--defaults-file', 'my.cnf'], { PATH }];
          case 'an option file at home':
            await mkdir(join(folder, 'home'));
            await writeFile(join(folder, 'home/.my.cnf'), optionFile, { mode: 0o600 });
            return [[], { PATH, HOME: join(folder, 'home') }];
          default:
            return [[], { PATH, DBBACKUP_SOCKET: socket, DBBACKUP_USER: user }];
        }
      };
      const [flags, env] = await from();
      await succeeds(['create', name, ...flags], { env });
      await server.sql(`INSERT INTO ${name}.t VALUES (2);`);
      const { stdout: undo } = await succeeds(['restore', `${name}/latest`, '--confirm', name, ...flags], {
        env,
      });
      expect(await rows(server, name)).toBe('1');

      const url = `mysql://root@${other.server.host}:${other.server.port}/${name}`;
      await runInShell(`cd / && DATABASE_URL=${url} ${undo}`, other.server);

      expect(await rows(server, name)).toBe('1\n2');
      expect(await rows(other.server, name)).toBe('100');
    },
  );

  test('logs in with the password of DATABASE_URL where that is there', async () => {
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

  test('starts with npx where npx has started the run', async () => {
    const name = await databaseOnBoth();
    const env = { npm_command: 'exec' };
    await succeeds(['create', name], { server });
    const { stdout } = await succeeds(['restore', `${name}/latest`, '--confirm', name], { server, env });

    expect(stdout).toMatch(/^npx dbbackup restore /);
  });
});
