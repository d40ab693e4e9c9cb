import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newAccount } from '../../harness/accounts.ts';
import { filesOfBackups } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachServer, describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import type { ExpectedFailure } from '../../harness/failure.ts';
import type { RunOptions } from '../../harness/dbbackup.ts';
import { quoted } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';
import { freePort } from '../../servers/free-port.ts';

/** Both commands that need a server tell the same; restore has verified its file before. */
async function expectBothToFail(options: RunOptions, expected: ExpectedFailure): Promise<void> {
  const { folder } = await workspace();
  const file = join(folder, 'small.sql');
  await writeFile(file, '-- MariaDB dump\nCREATE TABLE t (id INT);\n-- Dump completed\n');
  await expectFailure(['create', 'shop'], options, expected);
  await expectFailure(['restore', file, '--to', 'shop', '--confirm', 'shop'], options, expected);
  expect(await filesOfBackups()).toEqual({});
}

describeEachServer('a login that the server refuses', (server) => {
  test('is told with the place the wrong password came from', async () => {
    const { user } = await newAccount(server);
    const env = { DBBACKUP_USER: user, DBBACKUP_PASSWORD: 'canary-wrong' };

    await expectBothToFail(
      { server, env },
      {
        code: 'access-denied',
        message: [
          `refused the login of '${user}' (password from DBBACKUP_PASSWORD)`,
          'Access denied for user',
        ],
        hint: 'Check the user and password; `dbbackup … -v` shows where each came from.',
      },
    );
  });

  test('is told to lack a password when none was given', async () => {
    const { user } = await newAccount(server);

    await expectFailure(
      ['create', 'shop'],
      { server, env: { DBBACKUP_USER: user } },
      {
        code: 'access-denied',
        message: [
          `The server at 127.0.0.1:${server.port} refused the login of '${user}'`,
          'no password was given',
        ],
        hint: 'Provide one with --ask-password, --password-file, DBBACKUP_PASSWORD_FILE or ~/.my.cnf.',
      },
    );
  });

  test('is told in the words of the server when the account is locked', async () => {
    const { env } = await newAccount(server, 'ACCOUNT LOCK');

    await expectFailure(
      ['create', 'shop'],
      { server, env },
      { code: 'access-denied', message: /Access denied.*locked/, hint: 'Check the user and password' },
    );
  });
});

describeOneServer('a database that is not there', (server) => {
  test('is told with the names that come near', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const typo = `${database.slice(0, -1)}x`;

    await expectFailure(
      ['create', typo],
      { server },
      {
        code: 'not-found',
        message: `There is no database ${typo} on this server.`,
        hint: `Did you mean ${database}?`,
      },
    );
    expect(await filesOfBackups()).toEqual({});
  });

  test('is told with what the account sees when no name comes near', async () => {
    const database = await freshDatabase(server);
    const account = await newAccount(server);
    await account.grant('SELECT', `${quoted(database)}.*`);

    await expectFailure(
      ['create', 'nothing_like_it_anywhere'],
      { server, env: account.env },
      { code: 'not-found', message: 'There is no database', hint: `The account can see: ${database}.` },
    );
  });
});

describe('a server that cannot be reached', () => {
  const server = testServers()[0]!;

  test('is told as one that does not answer when its port is closed', async () => {
    const port = await freePort();

    await expectBothToFail(
      { env: { DBBACKUP_HOST: '127.0.0.1', DBBACKUP_PORT: String(port) } },
      {
        code: 'unreachable',
        message: `No server answers at 127.0.0.1:${port}.`,
        hint: 'Check that it is running, and check --host and --port.',
      },
    );
  });

  test.each([
    { title: 'a socket that is named', env: (path: string) => ({ DBBACKUP_SOCKET: path }) },
    {
      title: 'localhost with a socket',
      env: (path: string) => ({ DBBACKUP_HOST: 'localhost', DBBACKUP_SOCKET: path }),
    },
  ])('is told what localhost means when there is no socket: $title', async ({ env }) => {
    const path = join((await workspace()).folder, 'no.sock');

    await expectFailure(
      ['create', 'shop'],
      { env: env(path) },
      {
        code: 'unreachable',
        message: `There is no socket ${path}: the server is not running, or its socket is elsewhere.`,
        hint: 'Without a host (or with localhost) the connection uses a socket file. Use --socket <path>, or --host 127.0.0.1 for TCP.',
      },
    );
  });

  test('is told when its socket file is there, but nobody listens', async () => {
    const path = join((await workspace()).folder, 'dead.sock');
    await writeFile(path, '');

    await expectFailure(
      ['create', 'shop'],
      { env: { DBBACKUP_SOCKET: path } },
      {
        code: 'unreachable',
        message: path,
        hint: 'The socket file exists but nothing is listening: start the server.',
      },
    );
  });

  test('is told when the name of its host is not known', async () => {
    await expectFailure(
      ['create', 'shop'],
      { env: { DBBACKUP_HOST: 'no-such-host.invalid' } },
      {
        code: 'unreachable',
        message: 'The host name of no-such-host.invalid:3306 cannot be resolved.',
        hint: 'Check --host for a typo.',
      },
    );
  });

  test('is told when what listens there is no database server', async () => {
    const listener = createServer((socket) =>
      socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n'),
    );
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as { port: number };

    await expectFailure(
      ['create', 'shop'],
      { env: { DBBACKUP_HOST: '127.0.0.1', DBBACKUP_PORT: String(port) } },
      {
        code: 'unreachable',
        message: `No connection to 127.0.0.1:${port}`,
        hint: 'Check that it is a MySQL or MariaDB server, and that it is running.',
      },
    );
  });

  test('is reached through its socket when that is right', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });

    await expectFailure(
      ['create', `${database}x`],
      { env: { DBBACKUP_SOCKET: server.socket, DBBACKUP_USER: 'root' } },
      { code: 'not-found', message: `There is no database ${database}x`, hint: `Did you mean ${database}?` },
    );
  });
});
