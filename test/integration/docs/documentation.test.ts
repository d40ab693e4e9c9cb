import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { SHOP_SQL } from '../../demo/shop.ts';
import { backUp, expectSameDump, manifestOf, succeeds } from '../../harness/backup.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { atTerminal, compare, exchangesOf } from '../../harness/console-session.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { monitor } from '../../harness/monitor.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { blocksBelow, codeBlocks, pageNamed, PAGES } from '../../harness/pages.ts';
import { runInShell } from '../../harness/shell.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

/** Every page with sessions at a terminal, and what there is before. */
const SESSIONS: readonly {
  readonly page: string;
  readonly sql?: string;
  readonly runs?: readonly string[];
  readonly user?: string;
}[] = [
  { page: 'README.md' },
  { page: 'docs/automation.md' },
  { page: 'docs/contents.md', runs: ['dbbackup create shop'] },
  {
    page: 'docs/doctor.md',
    sql: `CREATE TABLE shop.sessions (id INT PRIMARY KEY) ENGINE = MyISAM;
      DROP USER IF EXISTS backup@localhost; CREATE USER backup@localhost;
      GRANT SELECT, SHOW VIEW, EVENT ON *.* TO backup@localhost;`,
    user: 'backup',
  },
  { page: 'docs/monitoring.md', runs: ['dbbackup create shop'] },
  {
    page: 'docs/status.md',
    runs: ['dbbackup create shop', 'dbbackup restore shop/latest --confirm shop'],
  },
  { page: 'docs/verify.md', runs: ['dbbackup create shop'] },
];

/**
 * What the documentation shows is done as it is shown. This takes databases of these very names, and backs up every
 * database of a server, so it must be one that no other test uses.
 */
describeOneServer('the documentation', (shared) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(shared);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  /** Where npm puts programs: what the recipes' PATH calls /usr/local/bin. */
  async function installed(): Promise<string> {
    const bin = join((await workspace()).folder, 'bin');
    await mkdir(bin);
    await symlink(join(REPOSITORY, 'bin/dbbackup.js'), join(bin, 'dbbackup'));
    await symlink(process.execPath, join(bin, 'node'));
    return bin;
  }

  /** A shop that is the same for each test. */
  async function openShop(): Promise<void> {
    databaseToBeMade(server, 'shop');
    await server.sql(`DROP DATABASE IF EXISTS shop; ${SHOP_SQL}`);
  }

  test('restores in CI the backup of that very run', async () => {
    const sql = 'CREATE TABLE t (id INT); INSERT INTO t VALUES (1);';
    const database = await freshDatabase(server, { name: 'shop', sql });
    const bin = await installed();
    await writeFile(join(bin, 'npx'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
    const { folder, tmp } = await workspace();
    const url = `mysql://${server.user}@${server.host}:${server.port}/${database}`;
    const step = (script: string) =>
      execa('bash', ['-e', '-c', script], {
        cwd: folder,
        extendEnv: false,
        env: { PATH: `${bin}:${server.bin}:/usr/bin:/bin`, TMPDIR: tmp, DATABASE_URL: url, CI: 'true' },
      });
    const steps = recipe('CI', 'yaml');
    const [, create = ''] = /- run: (npx --yes dbbackup create.*)/.exec(steps) ?? [];
    const [, restore = ''] = /run: \|\n((?: {10}.*\n)+)/.exec(steps) ?? [];

    await step(create);
    await server.sql('DELETE FROM t;', database);
    await step('dbbackup create --label of-somebody-else');
    await step(restore);
    expect(await server.countRows(database, 't')).toBe(1);
  });

  test('finds the program in the bare environment of systemd and of cron', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const bin = await installed();
    const { folder, tmp } = await workspace();
    const settled = (text: string): string => text.replace('/usr/local/bin', `${bin}:${server.bin}`);

    const { url, pings } = await monitor();
    const unit = settled(recipe('systemd', 'ini')).replaceAll('%d', folder).replaceAll('%S', folder);
    await writeFile(join(folder, 'password'), '\n', { mode: 0o600 });
    const variables = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, text = '']) => text.split(' '));
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(start).toMatch(/^\//);
    const way = [`DBBACKUP_HOST=${server.host}`, `DBBACKUP_PORT=${server.port}`, `TMPDIR=${tmp}`];
    expect(unit).toContain('\nEnvironmentFile=-/etc/dbbackup.env\n');
    const asRoot = ['DBBACKUP_USER=root', 'DBBACKUP_PASSWORD_FILE=', `DBBACKUP_PING=${url}`];
    const { stdout } = await execa('env', ['-i', ...variables, ...way, ...asRoot, ...start.split(' ')], {
      cwd: '/',
    });
    expect(stdout).toContain(join(folder, 'dbbackup', database, 'nightly_'));
    expect(pings.map(({ path }) => path)).toEqual(['/canary-check/start', '/canary-check/0']);

    const options = join(folder, 'dbbackup.cnf');
    const backups = join(folder, 'of-cron');
    const text = `[client]\nhost=${server.host}\nport=${server.port}\nuser=root\n[dbbackup]\ndir=${backups}\nlabel=nightly\n[dbbackup_nightly]\nprune\nkeep-daily=14\nping=${url}\n`;
    await writeFile(options, text, { mode: 0o600 });
    const cron = recipe('cron', 'cron');
    const [, path = ''] = /^PATH=(.*)$/m.exec(settled(cron)) ?? [];
    const [, command = ''] = /root {2}(dbbackup .*)$/m.exec(cron) ?? [];
    const line = command.replaceAll('/etc/dbbackup.cnf', options);
    const environment = ['-i', 'HOME=/nonexistent', 'SHELL=/bin/sh', `PATH=${path}`, `TMPDIR=${tmp}`];
    const nightly = await execa('env', [...environment, '/bin/sh', '-c', line], { cwd: '/' });
    expect(nightly).toMatchObject({ stdout: '', stderr: '' });
    expect(pings.map(({ path }) => path.replace(/.*\//, ''))).toEqual(['start', '0', 'start', '0']);

    // Read as create reads them.
    const listed = await succeeds(['list', '--quiet', '--defaults-extra-file', options]);
    expect(listed.stdout).toContain(`${database}/nightly_`);
    const status = await succeeds(['status', '--json', '--defaults-extra-file', options]);
    const { jobs } = JSON.parse(status.stdout) as { readonly jobs: readonly Job[] };
    expect(jobs).toContainEqual(expect.objectContaining({ database, state: 'succeeded' }));
    expect((await succeeds(['verify', '--quiet', '--defaults-extra-file', options])).stderr).toBe('');
  });

  test('what doctor prints for cron and systemd is run by them as it is', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const { folder, tmp } = await workspace();
    const { url, pings } = await monitor();
    const options = join(folder, 'odd 50% $name.cnf');
    const backups = join(folder, 'backups of the night');
    const text = `[client]\nhost=${server.host}\nport=${server.port}\nuser=root\n[dbbackup]\ndir=${backups}\n[dbbackup_nightly]\nping=${url}\nlabel=nightly\nkeep-last=9\n`;
    await writeFile(options, text, { mode: 0o600 });
    const args = ['doctor', database, '--json', '--profile', 'nightly', '--defaults-extra-file', options];
    const doctor = await runDbbackup(args, {
      asProcess: true,
      program: join(await installed(), 'dbbackup'),
      env: { PATH: `${server.bin}:${process.env['PATH'] ?? ''}`, DBBACKUP_COMPRESS: 'none' },
    });
    const { schedule } = JSON.parse(doctor.stdout) as {
      schedule: { crontab: string; service: string; timer: string; notes: string[] };
    };
    expect(schedule.notes).toEqual([]);
    expect(schedule.crontab).toContain(' --prune ');
    expect(doctor.stdout).not.toContain(url);

    const [, line = ''] = /^15 3 \* \* \* {2}\S+ {2}(.*)\n$/.exec(schedule.crontab) ?? [];
    const bare = ['-i', 'SHELL=/bin/sh', 'PATH=/usr/bin:/bin', `TMPDIR=${tmp}`];
    const byCron = await execa('env', [...bare, '/bin/sh', '-c', line.replaceAll('\\%', '%')], { cwd: '/' });
    expect(byCron).toMatchObject({ stdout: '', stderr: '' });
    expect(pings.map(({ path }) => path)).toEqual(['/canary-check/start', '/canary-check/0']);

    const [, path = ''] = /^Environment=(.*)$/m.exec(schedule.service) ?? [];
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(schedule.service) ?? [];
    // As systemd takes words apart: here none has a quote or a backslash.
    const words = [...start.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
      (quoted ?? plain ?? '').replaceAll('%%', '%').replaceAll('$$', '$'),
    );
    await execa('env', ['-i', path, `TMPDIR=${tmp}`, ...words], { cwd: '/' });
    expect(schedule.crontab).toContain(' health ');
    expect(schedule.service).toMatch(/^ExecStopPost=\/.*dbbackup health /m);
    const made = await readdir(join(backups, database));
    expect(made.filter((name) => /^nightly_.*\.sql$/.test(name))).toHaveLength(2);
    const names = ['dbbackup.service', 'dbbackup.timer'] as const;
    await writeFile(join(folder, names[0]), schedule.service);
    await writeFile(join(folder, names[1]), schedule.timer);
    const verify = ['verify', '--man=no', ...names.map((name) => join(folder, name))];
    if (existsSync('/usr/bin/systemd-analyze'))
      expect(await execa('/usr/bin/systemd-analyze', verify)).toMatchObject({ stdout: '', stderr: '' });
  });

  test('shows sessions only on the pages that are tried here', () => {
    const pages = PAGES.flatMap(codeBlocks).filter(({ language }) => language === 'console');

    expect([...new Set(pages.map(({ page }) => page))]).toEqual(SESSIONS.map(({ page }) => page));
  });

  test.each(SESSIONS)('shows in $page what is really printed', async ({ page, sql, runs = [], user }) => {
    await openShop();
    if (sql !== undefined) await server.sql(sql);
    for (const command of runs) await atTerminal({ command, output: [] }, server, server.user);
    const blocks = codeBlocks(pageNamed(page)).filter(({ language }) => language === 'console');

    for (const exchange of blocks.flatMap(({ code }) => exchangesOf(code))) {
      const printed = await atTerminal(exchange, server, user ?? server.user);
      const { shown, printed: inPlace } = compare(exchange.output, printed);
      expect(inPlace, `${exchange.command}:\n${printed.join('\n')}`).toEqual(shown);
    }
  });

  test('names every field of the JSON documents, and shows filters that take them', async () => {
    await openShop();
    const rows = [...pageNamed('docs/automation.md').text.matchAll(/^\| `(\w+)` +\| (.*)\|$/gm)];
    const fieldsOf = new Map(rows.map(([, command = '', fields = '']) => [command, fields]));
    const filters = PAGES.flatMap(codeBlocks).flatMap(({ code }) => [
      ...code.matchAll(/^dbbackup (\w+) --json \| (jq .*)$/gm),
    ]);
    expect(new Set(filters.map(([, command]) => command))).toEqual(
      new Set(['list', 'status', 'verify', 'doctor']),
    );

    for (const [command, ...args] of [
      ['create', 'shop'],
      ['list'],
      ['show', 'latest'],
      ['diff', 'latest', 'latest'],
      ['extract', 'latest', '--output', 'shop.sql'],
      ['status'],
      ['verify'],
      ['restore', 'shop/latest', '--confirm', 'shop'],
      ['undo', '--confirm', 'shop'],
      ['prune', '--keep-last', '1'],
      ['pin', 'latest'],
      ['doctor', 'shop'],
      ['health', 'shop'],
      ['completion', 'bash'],
    ] as const) {
      const { stdout } = await runDbbackup([command, ...args, '--json'], { server });
      const document = JSON.parse(stdout) as object;
      const own = Object.keys(document).filter((key) => !['schema', 'ok', 'exitCode'].includes(key));
      for (const key of own) expect(fieldsOf.get(command), command).toContain(`\`${key}\``);
      fieldsOf.delete(command);
      for (const [line, , filter] of filters.filter(([, name]) => name === command)) {
        const piped = await runInShell(`cat <<'END' | ${filter}\n${stdout}END\n`, server, { mayFail: true });
        expect([0, 1], `${line}: ${piped.stderr}`).toContain(piped.exitCode); // 1: what it asks is not so
      }
    }
    expect([...fieldsOf.keys()]).toEqual([]);
  });

  test('restores without dbbackup', async () => {
    await openShop();
    const path = await backUp(server, 'shop');
    const compressed = await backUp(server, 'shop', ['--compress', 'zstd']);
    const { sha256 } = (await manifestOf(path)).file;
    const before = await server.dump('shop');
    const [pipes = '', check = ''] = blocksBelow('docs/on-disk.md', 'Restoring without dbbackup', 'sh');
    const real = (text: string): string =>
      text
        .replaceAll('shop/manual_2026-11-22_03-00-00.sql.gz', path)
        .replaceAll('shop/manual_2026-11-22_03-00-00.sql.zst', compressed)
        .replaceAll(/\bmariadb /g, `'${server.client}' ${server.clientOptions.join(' ')} `);

    expect((await runInShell(real(check), server)).stdout).toContain(sha256);
    for (const pipe of pipes.trimEnd().split('\n')) {
      await server.sql('DROP DATABASE shop; CREATE DATABASE shop CHARACTER SET utf8mb4;');
      await runInShell(real(pipe), server);
      expectSameDump(await server.dump('shop'), before);
    }
  });
});

/** The first block below a heading of the page on automation. */
function recipe(heading: string, language: string): string {
  return blocksBelow('docs/automation.md', heading, language)[0] ?? '';
}
