import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { NOBODY, nobody } from '../../harness/nobody.ts';

interface Listing {
  readonly backups: readonly {
    readonly database: string;
    readonly state: string;
    readonly problem?: string;
  }[];
  readonly unreadable: readonly {
    readonly database: string;
    readonly message: string;
    readonly hint: string;
  }[];
}

/** What is under a folder, with the id of its owner. */
async function owners(folder: string): Promise<Record<string, number>> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))];
  const found = names.map(async (name) => [name, (await stat(join(folder, name))).uid] as const);
  return Object.fromEntries(await Promise.all(found));
}

// Only root can be two users. Run by another one, the tests of folders in test/unit close folders to their own owner.
describe.runIf(process.getuid?.() === 0)('a backup directory that root and its owner use', () => {
  describeOneServer('root', (server) => {
    test('leaves nothing in it that the owner cannot use', async () => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      const { folder, run } = await nobody(server);
      const asRoot = (args: readonly string[]) => runDbbackup(args, { server, cwd: folder });

      // Even the directory itself is root's doing here.
      const first = await asRoot(['create', database]);
      expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`for nobody`) });
      const path = first.stdout.trim();
      for (const args of [
        ['restore', path, '--confirm', database],
        ['restore', path, '--confirm', database, '--in-place'],
        ['verify', '--rehearse', path],
        ['create', 'no_such_database'],
      ])
        expect((await asRoot(args)).exitCode).toBe(args[1] === 'no_such_database' ? 10 : 0);

      const found = await owners(join(folder, 'backups'));
      expect(Object.keys(found).length).toBeGreaterThan(10);
      expect(new Set(Object.values(found))).toEqual(new Set([NOBODY]));
      expect(await run(['create', database])).toMatchObject({ exitCode: 0 });
      expect(await run(['restore', path, '--confirm', database])).toMatchObject({ exitCode: 0 });
      expect(await run(['status'])).toMatchObject({ exitCode: 0, stderr: '' });
    });

    test('keeps what it writes elsewhere', async () => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      const { folder } = await nobody(server);
      const path = join(folder, 'mine.sql');

      await runDbbackup(['create', database, '--output', path], { server, cwd: folder });
      expect((await stat(path)).uid).toBe(0);
    });
  });

  describeOneServer('its owner', (server) => {
    test('is told whose the lock is that it may not read', async () => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      const { folder, run } = await nobody(server);
      await run(['create', database]);
      const lock = join(folder, 'backups', database, '.lock');
      await writeFile(lock, '{}', { mode: 0o600 });

      for (const args of [
        ['create', database],
        ['restore', 'latest', '--confirm', database],
      ]) {
        const { exitCode, stderr } = await run(args);
        expect(exitCode, stderr).toBe(11);
        expect(stderr).toContain(`error: ${lock} belongs to root, and you may not read it: `);
        expect(stderr).toContain(`sudo rm ${lock}`);
      }
      expect((await run(['doctor', database])).stdout).toContain(`${lock} cannot be read by you`);
      expect(await run(['status'])).toMatchObject({ exitCode: 0 });
    });

    test('sees everything else beside a folder, a manifest, a backup and a job of root', async () => {
      const [closed, open] = [
        await freshDatabase(server, { sql: SHOP_SQL }),
        await freshDatabase(server, { sql: SHOP_SQL }),
      ];
      const { folder, run } = await nobody(server);
      const backups = join(folder, 'backups');
      const made = [];
      for (const label of ['a', 'b', 'c'])
        made.push((await run(['create', open, '--label', label])).stdout.trim());
      const [noManifest = '', noFile = ''] = made;
      const manifest = noManifest.replace('.sql.gz', '.json');
      const [job = ''] = (await readdir(join(backups, '.jobs'))).filter((name) => name.endsWith('.json'));
      for (const path of [manifest, noFile, join(backups, '.jobs', job)]) await chown(path, 0, 0);
      const closedFolder = join(backups, closed);
      await mkdir(closedFolder, { mode: 0o700 });
      const giveBack = `sudo chown -R nobody ${closedFolder}`;

      const listed = await run(['list']);
      expect(listed).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(giveBack) });
      const document = JSON.parse((await run(['list', '--json'])).stdout) as Listing;
      expect(document.backups.map(({ state }) => state).sort()).toEqual([
        'complete',
        'complete',
        'unreadable',
      ]);
      expect(document.backups.find(({ state }) => state === 'unreadable')?.problem).toContain(
        `sudo chown -R nobody ${manifest}`,
      );
      expect(document.unreadable).toMatchObject([
        { database: closed, hint: expect.stringContaining(giveBack) },
      ]);
      expect(await run(['list', closed])).toMatchObject({ exitCode: 17, stdout: '' });

      const status = await run(['status']);
      expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(open) });
      expect(status.stdout).toContain(closed);
      expect(status.stderr).toContain(`sudo chown -R nobody ${join(backups, '.jobs', job)}`);
      expect(await run(['status', basename(job, '.json')])).toMatchObject({
        exitCode: 17,
        stderr: expect.stringContaining('sudo'),
      });

      const verified = await run(['verify', '--all']);
      expect(verified.exitCode).toBe(17);
      expect(verified.stdout).toContain(`${open}/c_`);
      expect(verified.stderr).not.toContain('damaged');
      for (const path of [manifest, noFile, closedFolder])
        expect(verified.stderr).toContain(`sudo chown -R nobody ${path}`);

      for (const reference of [noManifest, noFile]) {
        const { exitCode, stderr } = await run(['restore', reference, '--confirm', open]);
        expect(exitCode, stderr).toBe(17);
        expect(stderr).toContain('sudo chown');
      }
      expect(await run(['restore', `${closed}/latest`])).toMatchObject({ exitCode: 17 });
      expect(await run(['restore', 'latest'])).toMatchObject({ exitCode: 17 });
      expect(await run(['restore', `${open}/latest`, '--confirm', open])).toMatchObject({ exitCode: 0 });

      expect(await run(['create', closed, open])).toMatchObject({
        exitCode: 3,
        stdout: expect.stringContaining(`/${open}/`),
        stderr: expect.stringContaining(giveBack),
      });
      expect((await run(['doctor', closed, open])).stdout).toContain(giveBack);
    });

    test('sees its backups when the jobs are those of root', async () => {
      const database = await freshDatabase(server, { sql: SHOP_SQL });
      const { folder, run } = await nobody(server);
      await run(['create', database]);
      const jobs = join(folder, 'backups', '.jobs');
      await chown(jobs, 0, 0);
      await chmod(jobs, 0o700);

      expect(await run(['list'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(database) });
      expect(await run(['status'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(database),
        stderr: expect.stringContaining(`sudo chown -R nobody ${jobs}`),
      });
      expect(await run(['create', database])).toMatchObject({
        exitCode: 17,
        stderr: expect.stringContaining(`sudo chown -R nobody ${jobs}`),
      });
      await rm(jobs, { recursive: true });
      expect(await run(['create', database])).toMatchObject({ exitCode: 0 });
    });
  });
});
