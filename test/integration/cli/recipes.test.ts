import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

const README = await readFile(join(REPOSITORY, 'README.md'), 'utf8');

/** The first block of code below a heading. */
function blockBelow(heading: string): string {
  const [, text = ''] = README.split(`\n### ${heading}\n`);
  return /^```\w*\n(.*?)^```/ms.exec(text)?.[1] ?? '';
}

/** These back up every database of a server, so it must be one that no other test uses. */
describeOneServer("the README's recipes", (shared) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(shared);
    server = own.server;
  }, 120_000);
  afterAll(() => own[Symbol.asyncDispose]());

  /** Where npm puts programs: what the recipes' PATH calls /usr/local/bin. */
  async function installed(): Promise<string> {
    const bin = join((await workspace()).folder, 'bin');
    await mkdir(bin);
    await symlink(join(REPOSITORY, 'bin/dbbackup.js'), join(bin, 'dbbackup'));
    await symlink(process.execPath, join(bin, 'node'));
    return bin;
  }

  test('restore in CI the backup of that very run', async () => {
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
    const recipe = blockBelow('CI');
    const [, create = ''] = /- run: (npx --yes dbbackup create.*)/.exec(recipe) ?? [];
    const [, restore = ''] = /run: \|\n((?: {10}.*\n)+)/.exec(recipe) ?? [];

    await step(create);
    await server.sql('DELETE FROM t;', database);
    await step('dbbackup create --label of-somebody-else');
    await step(restore);
    expect(await server.countRows(database, 't')).toBe(1);
  });

  test('find the program in the bare environment of systemd and of cron', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const bin = await installed();
    const { folder, tmp } = await workspace();
    const settled = (text: string): string => text.replace('/usr/local/bin', `${bin}:${server.bin}`);

    const unit = settled(blockBelow('systemd')).replaceAll('%d', folder).replaceAll('%S', folder);
    await writeFile(join(folder, 'password'), '\n', { mode: 0o600 });
    const variables = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, text = '']) => text.split(' '));
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(start).toMatch(/^\//);
    const way = [`DBBACKUP_HOST=${server.host}`, `DBBACKUP_PORT=${server.port}`, `TMPDIR=${tmp}`];
    const asRoot = ['DBBACKUP_USER=root', 'DBBACKUP_PASSWORD_FILE='];
    const { stdout } = await execa('env', ['-i', ...variables, ...way, ...asRoot, ...start.split(' ')], {
      cwd: '/',
    });
    expect(stdout).toContain(join(folder, 'dbbackup', database, 'nightly_'));

    const options = join(folder, 'dbbackup.cnf');
    const backups = join(folder, 'of-cron');
    const text = `[client]\nhost=${server.host}\nport=${server.port}\nuser=root\n[dbbackup]\ndir=${backups}\nlabel=nightly\n`;
    await writeFile(options, text, { mode: 0o600 });
    const cron = /^```cron\n(.*?)^```/ms.exec(README)?.[1] ?? '';
    const [, path = ''] = /^PATH=(.*)$/m.exec(settled(cron)) ?? [];
    const [, command = ''] = /root {2}(dbbackup .*)$/m.exec(cron) ?? [];
    const line = command.replace('/etc/dbbackup.cnf', options);
    const environment = ['-i', 'HOME=/nonexistent', 'SHELL=/bin/sh', `PATH=${path}`, `TMPDIR=${tmp}`];
    const nightly = await execa('env', [...environment, '/bin/sh', '-c', line], { cwd: '/' });
    expect(nightly).toMatchObject({ stdout: '', stderr: '' });

    // Read as create reads them.
    const listed = await succeeds(['list', '--quiet', '--defaults-extra-file', options]);
    expect(listed.stdout).toContain(`${database}/nightly_`);
    const status = await succeeds(['status', '--json', '--defaults-extra-file', options]);
    const { jobs } = JSON.parse(status.stdout) as { readonly jobs: readonly Job[] };
    expect(jobs).toContainEqual(expect.objectContaining({ database, state: 'succeeded' }));
    expect((await succeeds(['verify', '--quiet', '--defaults-extra-file', options])).stderr).toBe('');
  });
});
