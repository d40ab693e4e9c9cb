import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { NOBODY, nobody } from '../../harness/nobody.ts';
import { workspace } from '../../harness/workspace.ts';

const server = testServers()[0]!;
const SQL = `CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, v VARCHAR(50)) DEFAULT CHARSET = utf8mb4;
  INSERT INTO t (id, v) VALUES (1, 'é€😀'), (2, 'b');\n`;

/** All that cron gives: nothing of the harness's own environment. */
const CRON = ['env', '-i', `PATH=${server.bin}:/usr/bin:/bin`];
const CONNECTION = ['--host', server.host, '--port', String(server.port), '--user', server.user];

describe('in the bare environment of cron', () => {
  test.each([
    { title: 'without HOME, TERM and LANG', extra: [] },
    {
      title: 'with LANG=C, in New York, with a HOME that is not there',
      extra: ['LANG=C', 'LC_ALL=C', 'TZ=America/New_York', 'HOME=/nonexistent'],
    },
    { title: 'in Kathmandu, with a HOME that is a file', extra: ['TZ=Asia/Kathmandu', 'HOME=/etc/passwd'] },
    { title: 'in a time zone that there is not, with an empty HOME', extra: ['TZ=Nowhere/Else', 'HOME='] },
    { title: 'with a HOME that cannot be written', extra: ['HOME=/proc'] },
  ])('$title, everything works, and names are in UTC', async ({ extra }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const wrapper = [...CRON, ...extra];

    const earliest = new Date();
    const created = await runDbbackup(['create', database, ...CONNECTION], { wrapper });
    expect(created.exitCode, created.stderr).toBe(0);
    expect(created.stderr).toMatch(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ .*\n)+$/); // nothing but dated lines
    const made = timeOfName(basename(created.stdout.trim()));
    expect(made).toBeGreaterThanOrEqual(Math.floor(earliest.getTime() / 1000) * 1000);
    expect(made).toBeLessThanOrEqual(Date.now());

    await server.sql('DELETE FROM t', database);
    const restored = await runDbbackup(['restore', 'latest', '--confirm', database, ...CONNECTION], {
      wrapper,
    });
    expect(restored.exitCode, restored.stderr).toBe(0);
    expect((await server.dump(database)).equals(before)).toBe(true);
    for (const command of ['list', 'status']) {
      const { exitCode, stdout, stderr } = await runDbbackup([command], { wrapper });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(new Date(made).toISOString().slice(0, 16).replace('T', ' '));
    }
  });

  test('without a terminal, a restore is refused rather than asked for', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await runDbbackup(['create', database, ...CONNECTION], { wrapper: CRON });

    const { exitCode, stderr } = await runDbbackup(['restore', 'latest', ...CONNECTION], { wrapper: CRON });
    expect(exitCode).toBe(13);
    expect(stderr).toContain(
      `error: Restoring replaces what ${database} holds, and there is no terminal to confirm on. Nothing was touched.`,
    );
    expect(stderr).toContain(`--confirm ${database}`);
  });

  test('without a PATH, it says which programs are missing', async () => {
    const database = await freshDatabase(server, { sql: SQL });

    const { exitCode, stderr } = await runDbbackup(['create', database, ...CONNECTION], {
      wrapper: ['env', '-i'],
    });
    expect(exitCode).toBe(15);
    expect(stderr).toContain('are not installed or not on the PATH (which is empty).');
  });
});

describe.each([{ umask: '000' }, { umask: '077' }])('with umask $umask', ({ umask }) => {
  test('files are for their owner only', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const wrapper = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    expect(await runDbbackup(['create', database], { server, wrapper })).toMatchObject({ exitCode: 0 });

    const { backups } = await workspace();
    const entries = await readdir(backups, { recursive: true, withFileTypes: true });
    expect(entries.length).toBeGreaterThanOrEqual(6);
    for (const entry of entries) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect({ name: entry.name, mode: (mode & 0o777).toString(8) }).toEqual({
        name: entry.name,
        mode: entry.isDirectory() ? '700' : '600',
      });
    }
  });
});

// For tests that are not run as root, every other one already is this case.
describe.runIf(process.getuid?.() === 0)('as an unprivileged user', () => {
  test('backs up into a folder of its own and restores from it', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const { folder, run } = await nobody(server);

    expect(await run(['create', database])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(folder),
    });
    await server.sql('DROP TABLE t', database);
    expect(await run(['restore', 'latest'])).toMatchObject({ exitCode: 0 });
    expect((await server.dump(database)).equals(before)).toBe(true);
    expect((await stat(join(folder, 'backups', database))).uid).toBe(NOBODY);
    expect((await run(['status'])).stdout).toContain(database);
  });

  test('is told in words when the backup directory belongs to another', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const { folder, run } = await nobody(server);
    const backups = join(folder, 'backups');
    await mkdir(backups, { mode: 0o700 });

    for (const command of ['create', 'restore']) {
      const args = command === 'create' ? ['create', database] : ['restore', 'latest'];
      const { exitCode, stderr } = await run(args);
      expect(exitCode, stderr).toBe(17);
      expect(stderr).toMatch(/permission denied \(EACCES/);
    }
  });

  test.each(['.', 'shop', '.jobs'])('is told by doctor that it may not write to %s', async (name) => {
    const { folder, run } = await nobody(server);
    const backups = join(folder, 'backups');
    await mkdir(join(backups, name), { recursive: true });
    for (const path of [backups, join(backups, name)]) await chown(path, NOBODY, NOBODY);
    await chmod(join(backups, name), 0o500);

    const { exitCode, stdout, stderr } = await run(['doctor']);
    expect(exitCode, stderr).toBe(1);
    expect(stdout).toContain(`You may not write to ${join(backups, name)}.`);
  });

  test('is told by doctor where folders that are missing could not be made', async () => {
    const { folder, run } = await nobody(server);
    await mkdir(join(folder, 'closed'), { mode: 0o755 });

    const { exitCode, stdout } = await run(['doctor', '--dir', 'closed/a/b/backups']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`You may not write to ${join(folder, 'closed')}.`);
  });
});

/** `manual_2026-11-22_03-00-00.sql.gz`, read as UTC. */
function timeOfName(name: string): number {
  const [, date = '', time = ''] = /_(\d{4}-\d\d-\d\d)_(\d\d-\d\d-\d\d)\.sql\.gz$/.exec(name) ?? [];
  return Date.parse(`${date}T${time.replaceAll('-', ':')}Z`);
}

test.each([
  { command: 'the version', argv: ['--version'] },
  { command: 'list', argv: ['list', '--dir', '/nonexistent'] },
])('$command is shown without loading what starts programs, hashes or writes', async ({ argv }) => {
  const onExit = `process.on('exit',()=>console.error(process.moduleLoadList.join()))`;

  const { exitCode, stderr } = await runDbbackup(argv, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${onExit}` },
    asProcess: true,
  });

  expect(exitCode).toBe(0);
  expect(stderr).toContain('NativeModule fs');
  for (const builtin of ['child_process', 'crypto', 'http', 'zlib'])
    expect(stderr).not.toContain(`NativeModule ${builtin},`);
});
