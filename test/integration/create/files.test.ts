import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, manifestOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { runInShell } from '../../harness/shell.ts';
import { workspace } from '../../harness/workspace.ts';

const server = testServers()[0]!;
const NAME = /^manual_\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}$/;

describe('a backup in the backup directory', () => {
  test('has the path that is printed, alone on stdout, and a name of label and UTC time', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { backups } = await workspace();
    const begun = Date.now();

    const { stdout } = await runInShell(
      `file=$(dbbackup create ${database}) && gzip -t "$file" && printf '%s' "$file"`,
      server,
    );

    expect(dirname(stdout)).toBe(join(backups, database));
    const name = basename(stdout, '.sql.gz');
    expect(name).toMatch(NAME);
    const [date = '', time = ''] = name.slice('manual_'.length).split('_');
    const stated = Date.parse(`${date}T${time.replaceAll('-', ':')}Z`);
    expect(stated).toBeGreaterThan(begun - 1000);
    expect(stated).toBeLessThanOrEqual(Date.now());
    expect(await readdir(dirname(stdout))).toEqual([`${name}.json`, `${name}.sql.gz`]);
  });

  test('keeps its manifest while its file is somewhere else', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database);
    await rename(path, `${path}.away`);

    const { stderr } = await succeeds(['create', database], { server });
    await rename(`${path}.away`, path);

    expect(stderr).not.toContain('Removed');
    const { stdout } = await succeeds(['list', database, '--json']);
    const { backups } = JSON.parse(stdout) as { backups: readonly { path: string; state: string }[] };
    expect(backups.find((backup) => backup.path === path)).toMatchObject({ state: 'complete' });
  });

  test('gets a name of its own when two are made within one second', async () => {
    const [first, second] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: SHOP_SQL }),
    ];
    const { backups } = await workspace();
    // Whatever the second is that the run comes to: each of the next ones is taken already.
    const taken = Array.from({ length: 4 }, (_, seconds) =>
      new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', '_'),
    );
    await backUp(server, second); // makes the folders
    const folder = join(backups, second);
    for (const time of taken) await writeFile(join(folder, `manual_${time}.sql`), 'not ours');

    const path = await backUp(server, second);
    const others = [await backUp(server, first), await backUp(server, first)];

    expect(taken).not.toContain(basename(path).slice('manual_'.length, -'.sql.gz'.length));
    for (const time of taken)
      expect(await readFile(join(folder, `manual_${time}.sql`), 'utf8')).toBe('not ours');
    expect(new Set(others).size).toBe(2);
  });

  test.each([
    { args: ['--label', 'before-upgrade.2'], name: /^before-upgrade\.2_\d{4}-.*\.sql\.gz$/ },
    { args: ['--compress', 'none'], name: /^manual_.*\d\.sql$/ },
    { args: ['--compress', 'zstd:1', '--label', 'x'], name: /^x_.*\.sql\.zst$/ },
  ])('is named by $args', async ({ args, name }) => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });

    const path = await backUp(server, database, args);

    expect(basename(path)).toMatch(name);
    expect((await manifestOf(path)).label).toBe(basename(path).split('_')[0]);
  });

  test.each(['000', '077'])('is for its owner only under umask %s, and out of git', async (umask) => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { backups } = await workspace();

    await runInShell(`umask ${umask}; dbbackup create ${database}`, server);

    const entries = await readdir(backups, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      [backups, ...entries.map((entry) => join(entry.parentPath, entry.name))].map(async (path) => {
        const stats = await stat(path);
        return [path, stats.isDirectory() ? 'folder' : 'file', (stats.mode & 0o777).toString(8)].join(' ');
      }),
    );
    expect(modes.length).toBeGreaterThan(7);
    expect(modes.filter((mode) => !/ (folder 700|file 600)$/.test(mode))).toEqual([]);
    expect(await readFile(join(backups, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('leaves a folder that was there as it is, and says when others may write to it', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();
    await runInShell('mkdir shared; chmod 777 shared', server);

    const { stderr } = await succeeds(['create', database, '--dir', 'shared'], { server });

    expect(stderr).toContain(`Other users may write to ${join(folder, 'shared')}: chmod 700`);
    expect(await readdir(join(folder, 'shared'))).not.toContain('.gitignore');
    expect((await stat(join(folder, 'shared'))).mode & 0o777).toBe(0o777);
  });
});

describe('create --output', () => {
  test('writes the file that was named, with its manifest beside it, for its owner only', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();

    const { stdout } = await succeeds(['create', database, '--output', 'mine.sql.gz'], { server });

    expect(stdout).toBe(`${join(folder, 'mine.sql.gz')}\n`);
    const manifest = await manifestOf(stdout.trim());
    expect(manifest).toMatchObject({ database, name: 'mine', file: { name: 'mine.sql.gz' } });
    expect((await stat(stdout.trim())).mode & 0o777).toBe(0o600);
    expect(gunzipSync(await readFile(stdout.trim())).toString('utf8')).toMatch(
      /-- Dump completed on [^\n]*\n$/,
    );
  });

  test.each([
    { exists: 'mine.sql.gz', what: 'file' },
    { exists: 'mine.json', what: 'manifest' },
  ])('never overwrites a $what', async ({ exists }) => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();
    await writeFile(join(folder, exists), 'precious');

    const { exitCode, stdout, stderr } = await runDbbackup(['create', database, '--output', 'mine.sql.gz'], {
      server,
    });

    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${join(folder, exists)} already exists; dbbackup never overwrites a file.`);
    expect(await readFile(join(folder, exists), 'utf8')).toBe('precious');
    const others = (await readdir(folder)).filter((name) => name.startsWith('mine') && name !== exists);
    expect(others).toEqual([]);
  });

  test('- writes nothing but the dump to stdout, which the stock client takes', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const copy = await freshDatabase(server);

    const { stdout } = await succeeds(['create', database, '--output', '-'], { server });
    await server.sql(stdout, copy);

    expect((await server.dump(copy)).equals(await server.dump(database))).toBe(true);
    const { backups } = await workspace();
    const files = (await readdir(backups, { recursive: true })).filter((name) => /\.(sql|gz)/.test(name));
    expect(files).toEqual([]);
  });

  test('- compresses when it is asked to', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });

    const { stdout } = await runInShell(
      `dbbackup create ${database} --output - --compress gzip | gunzip -c | tail -n 1`,
      server,
    );

    expect(stdout).toMatch(/^-- Dump completed on /);
  });
});

describe('create --dry-run', () => {
  test('says what would be done and does nothing', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder, backups } = await workspace();

    const { stdout } = await succeeds(['create', database, '--dry-run'], { server });
    const json = await succeeds(['create', database, '--dry-run', '--json'], { server });

    expect(stdout).toContain(`Back up ${database}\n`);
    expect(stdout).toContain(`${backups}/${database}/manual_<time>.sql.gz`);
    expect(stdout).toContain('2 tables, 1 view, 2 routines, 1 trigger, 1 event');
    expect(stdout).toContain('--single-transaction --quick --routines --triggers --events --hex-blob');
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'dbbackup/create/1',
      ok: true,
      dryRun: true,
      plans: [{ database, tables: 2, views: 1, routines: 2, triggers: 1, events: 1 }],
    });
    expect(await readdir(folder)).toEqual(['tmp']);
  });
});

test('a reader of stdout that leaves early keeps no backup from being made', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const { backups } = await workspace();

  const run = await startDbbackup(['create', database], { server });
  run.stdout.destroy();

  expect(await run.finished).toMatchObject({ exitCode: 0 });
  expect((await readdir(join(backups, database))).map((name) => name.replace(/^[^.]*/, ''))).toEqual([
    '.json',
    '.sql.gz',
  ]);
});
