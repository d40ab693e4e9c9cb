import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import { monitor } from '../../../harness/monitor.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { fakeContext } from '../process/fake-context.ts';
import { QUICK } from './some-run.ts';

const PATH = { PATH: '/usr/bin:/bin' };
const NO_SERVER = ['--host', '127.0.0.1', '--port', '1'];

/** A dump that is whole, or not. */
async function dumpFile(
  text = '-- MySQL dump\nCREATE TABLE t (id INT);\n-- Dump completed\n',
): Promise<string> {
  const path = join(await temporaryFolder(), 'shop.sql');
  await writeFile(path, text);
  return path;
}

/** A server that takes connections and never says anything. */
async function silentServer(): Promise<{ readonly port: number; readonly connected: Promise<unknown> }> {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const connected = once(server, 'connection');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connected };
}

describe('after a run', () => {
  test('the command gets the very document that --json prints, and stdout has nothing else', async () => {
    const path = await dumpFile();
    const copy = join(await temporaryFolder(), 'document');
    const args = ['verify', path, '--on-success', `cat > ${copy}; echo noise`, '--on-failure', 'echo failed'];
    const context = fakeContext({ env: PATH });

    expect(await main([...args, '--json'], context)).toBe(0);
    expect(context.written.stdout).toBe(await readFile(copy, 'utf8'));
    expect(context.written.stderr).toMatch(/noise\n$/);
    expect(context.listening()).toBe(0);
  });

  test('a failure is said before anything is done about it', async () => {
    const path = await dumpFile('CREATE TABLE t (id INT);\n');
    const context = fakeContext({ env: PATH });
    const { url, pings } = await monitor();
    const args = ['verify', path, '--ping', url, '--on-failure', 'echo "told: $DBBACKUP_ERROR"; cat'];

    expect(await main(args, context)).toBe(16);
    expect(context.written.stderr).toMatch(
      new RegExp(
        `error: ${path} does not end with[^]*\ntold: ${path}: .*does not end with[^]*\n\\{"schema":"dbbackup/verify/1"`,
      ),
    );
    expect(pings.map((ping) => ping.path)).toEqual(['/canary-check/start', '/canary-check/16']);
    expect(pings[1]?.body).toMatch(/^dbbackup verify: exit code 16 \(damaged\)\n.*does not end with/);
  });

  test.each([
    { title: 'a usage error', args: ['create'], env: {}, exitCode: 2 },
    {
      title: 'a connection that cannot be resolved',
      args: ['create', 'shop'],
      env: { DBBACKUP_URL: 'nonsense' },
      exitCode: 2,
    },
    { title: 'a server that does not answer', args: ['create', 'shop', ...NO_SERVER], env: {}, exitCode: 14 },
    {
      title: 'a password file that is not there',
      args: ['create', 'shop', '--password-file', '/no/such'],
      env: {},
      exitCode: 2,
    },
  ])('$title is told, too', async ({ args, env, exitCode }) => {
    const { url, pings } = await monitor();
    const directory = await temporaryFolder();
    const context = fakeContext({ env: { ...PATH, ...env }, cwd: directory });

    expect(await main([...args, '--ping', url, '--on-failure', 'cat'], context)).toBe(exitCode);
    expect(pings.at(-1)?.path).toBe(`/canary-check/${exitCode}`);
    expect(context.written.stderr).toMatch(/^\{"schema":"dbbackup\/error\/1","ok":false,"exitCode":\d+/m);
  });

  test.each([
    { title: 'a URL that is none', args: ['--ping', 'canary'], says: '--ping is not a URL' },
    { title: 'an unknown option', args: ['--nonsense', '--ping', 'http://canary/'], says: 'Unknown option' },
  ])('$title ends it with 2', async ({ args, says }) => {
    const context = fakeContext({ env: PATH });

    expect(await main(['create', 'shop', ...args], context)).toBe(2);
    expect(context.written.stderr).toContain(says);
    expect(context.written.stderr).not.toContain('canary');
    expect(context.listening()).toBe(0);
  });

  test('the exit code stays, whatever becomes of ping and command', async () => {
    const path = await dumpFile();
    for (const answer of [404, 500, undefined]) {
      const { url, host } = await monitor((_, response) => {
        if (answer === undefined) return;
        response.writeHead(answer);
        response.end();
      });
      const context = fakeContext({
        env: { ...PATH, DBBACKUP_PING: url },
        afterRunBounds: { ping: QUICK.ping },
      });

      expect(await main(['verify', path, '--on-success', 'exit 9'], context)).toBe(0);
      expect(context.written.stderr).toContain('warning: The command of --on-success exited with 9.');
      expect(context.written.stderr).toContain(`warning: The last ping to ${host} failed: `);
      expect(context.written.stderr).not.toContain('canary');
    }
  });

  test('neither -v nor the JSON document nor a shown command tells a URL or a command', async () => {
    const path = await dumpFile();
    const { url } = await monitor();
    const context = fakeContext({ env: PATH });
    await main(['verify', path, '-v', '--json', '--ping', url, `--on-success=true canary`], context);

    expect(context.written.stderr).toContain('setting ping = [hidden] (--ping)');
    expect(context.written.stderr + context.written.stdout).not.toContain('canary');
  });

  test('a dry run tells nobody', async () => {
    const { url, pings } = await monitor();
    const args = ['create', 'shop', ...NO_SERVER, '--dry-run', '--ping', url];

    expect(await main(args, fakeContext({ env: PATH }))).toBe(14);
    expect(pings).toEqual([]);
  });

  test('a command that runs dbbackup is not followed by itself', async () => {
    const path = await dumpFile();
    const { url, pings } = await monitor();
    const file = join(await temporaryFolder(), 'my.cnf');
    await writeFile(file, `[dbbackup]\nping=${url}\non-success=echo again\non-failure=echo again\n`);
    const args = ['verify', path, '--defaults-file', file];
    const within = { DBBACKUP_OPERATION: 'create', DBBACKUP_EXIT_CODE: '3' };
    const followed = async (env: object, ...flags: string[]): Promise<string> => {
      const context = fakeContext({ env: { ...PATH, ...env } });
      expect(await main([...args, ...flags], context)).toBe(0);
      return context.written.stderr;
    };

    expect(await followed({})).toContain('again\n');
    expect(pings).toHaveLength(2);
    expect(await followed(within)).not.toContain('again');
    expect(await followed({ ...within, DBBACKUP_ON_SUCCESS: 'echo again' })).not.toContain('again');
    expect(await followed(within, '--on-success', 'echo asked')).toMatch(/asked\n$/);
    expect(pings).toHaveLength(2);
  });

  test('a login in the URL that is no escape ends no run', async () => {
    const path = await dumpFile();
    const { url, pings } = await monitor();
    const context = fakeContext({ env: PATH });

    expect(await main(['verify', path, '--ping', url.replace('//', '//me:100%@')], context)).toBe(0);
    expect(pings.map((ping) => ping.path)).toEqual(['/canary-check/start', '/canary-check/0']);
  });

  test.each([
    { how: 'a time limit', args: ['--timeout', '1s'], exitCode: 124, said: '\ntold 124\n' },
    {
      how: 'a signal',
      args: [],
      exitCode: 130,
      said: 'The command of --on-failure was ended with this run.',
    },
  ])('after $how the command has its time, or little of it', async ({ args, exitCode, said }) => {
    const { port, connected } = await silentServer();
    const context = fakeContext({
      env: PATH,
      cwd: await temporaryFolder(),
      afterRunBounds: { cancelledMs: 300, hookKillMs: 200 },
    });
    const command = 'sleep 1; echo "told $DBBACKUP_EXIT_CODE"';
    const at = ['--host', '127.0.0.1', '--port', String(port)];
    const over = main(['create', 'shop', ...at, ...args, '--on-failure', command], context);
    await connected;
    if (args.length === 0) context.send('SIGINT');

    expect(await over).toBe(exitCode);
    expect(context.written.stderr).toContain(said);
  });

  test('a signal after the time limit ends what is done', async () => {
    const { port } = await silentServer();
    const begun = join(await temporaryFolder(), 'begun');
    const context = fakeContext({ env: PATH, cwd: await temporaryFolder() });
    const at = ['--host', '127.0.0.1', '--port', String(port)];
    const command = `touch ${begun}; exec sleep 1234.8`;
    const over = main(['create', 'shop', ...at, '--timeout', '1s', '--on-failure', command], context);
    await waitFor('the command', () => Promise.resolve(existsSync(begun)));
    context.send('SIGTERM');

    expect(await over).toBe(124);
    expect(context.written.stderr).toContain('The command of --on-failure was ended with this run.');
  });

  test('a signal meanwhile ends what is done, but not the exit code', async () => {
    const path = await dumpFile();
    const context = fakeContext({ env: PATH });
    const begun = join(await temporaryFolder(), 'begun');
    const over = main(['verify', path, '--on-success', `touch ${begun}; exec sleep 1234.7`], context);
    await waitFor('the command', () => Promise.resolve(existsSync(begun)));
    context.send('SIGINT');

    expect(await over).toBe(0);
    expect(context.written.stderr).toContain('The command of --on-success was ended with this run.');
    expect(context.listening()).toBe(0);
  });
});
