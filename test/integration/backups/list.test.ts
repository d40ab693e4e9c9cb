import { copyFile, mkdir, readFile, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { leavesBehind } from '../../harness/current-test.ts';
import { freshDatabase } from '../../harness/database.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { runInShell } from '../../harness/shell.ts';
import { workspace } from '../../harness/workspace.ts';

const server = testServers()[0]!;

/** A backup directory without any server: dumps of a few bytes, with manifests that fit them. */
async function backupsOnDisk(count: number, database = 'shop'): Promise<string> {
  const { backups } = await workspace();
  const folder = join(backups, database);
  await mkdir(folder, { recursive: true });
  const made = Array.from({ length: count }, async (_, index) => {
    const startedAt = new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString();
    const name = `manual_${startedAt.slice(0, 19).replace('T', '_').replaceAll(':', '-')}`;
    await writeFile(join(folder, `${name}.sql`), 'x');
    await writeFile(join(folder, `${name}.json`), JSON.stringify(someManifest(name, database, startedAt)));
  });
  await Promise.all(made);
  return folder;
}

function someManifest(name: string, database: string, startedAt: string): Manifest {
  return {
    schema: 'dbbackup/manifest/1',
    name,
    label: 'manual',
    database,
    job: 'bcdfghjk',
    startedAt,
    finishedAt: startedAt,
    durationMs: 0,
    file: {
      name: `${name}.sql`,
      sizeBytes: 1,
      sha256: '0'.repeat(64),
      compression: 'none',
      uncompressedBytes: 1,
    },
    server: { flavour: 'mariadb', version: '10.11.1', host: 'h', port: 1 },
    tool: { program: 'mariadb-dump', version: '10.11.1', dbbackupVersion: '0.1.0' },
    charset: 'utf8mb4',
    collation: 'utf8mb4_bin',
    tables: [{ name: 't', engine: 'InnoDB', uncompressedBytes: 1, offsetBytes: 0 }],
    counts: { views: 0, routines: 0, triggers: 0, events: 0 },
    dataLengthBytes: 1,
    longestStatementBytes: 1,
    options: {},
    warnings: [],
  };
}

interface ListDocument {
  readonly schema: string;
  readonly ok: boolean;
  readonly directory: string;
  readonly backups: readonly Record<string, unknown>[];
}

async function listed(args: readonly string[] = []): Promise<ListDocument> {
  return JSON.parse((await succeeds(['list', '--json', ...args])).stdout) as ListDocument;
}

describe('list', () => {
  test('shows what create and restore made, newest first, with all that JSON promises', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--label', 'first']);
    const manifest = await manifestOf(path);
    await restore(server, path, database);

    const { stdout } = await succeeds(['list']);
    const document = await listed();

    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
    const name = `${database}/${manifest.name}`;
    expect(lines[0]).toEqual(['BACKUP', 'TIME', 'AGE', 'SIZE', 'TABLES', 'STATE']);
    expect(lines[1]?.[0]).toMatch(new RegExp(`^${database}/pre-restore_`));
    expect(lines[2]).toEqual([
      name,
      `${manifest.startedAt.slice(0, 19).replace('T', ' ')} UTC`,
      expect.stringMatching(/now|ago/),
      expect.stringMatching(/^\d[\d.]* k?B$/),
      '2',
      'complete',
    ]);
    expect(lines).toHaveLength(3);
    const { backups } = await workspace();
    expect(document).toMatchObject({ schema: 'dbbackup/list/1', ok: true, directory: backups });
    expect(document.backups[1]).toEqual({
      name: manifest.name,
      database,
      path,
      label: 'first',
      startedAt: manifest.startedAt,
      finishedAt: manifest.finishedAt,
      durationMs: manifest.durationMs,
      sizeBytes: manifest.file.sizeBytes,
      uncompressedBytes: manifest.file.uncompressedBytes,
      sha256: manifest.file.sha256,
      compression: 'gzip',
      state: 'complete',
      tables: 2,
      counts: manifest.counts,
      server: manifest.server,
      job: manifest.job,
      warnings: [],
    });
  });

  test('--quiet prints names alone, each of which restore takes', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await backUp(server, database);

    const { stdout, stderr } = await succeeds(['list', '--quiet']);

    expect(stdout).toMatch(new RegExp(`^${database}/manual_[\\d_-]+\n$`));
    expect(stderr).toBe('');
    await restore(server, stdout.trim(), database);
  });

  test('orders by what the manifests say, whatever the files’ times are, and by name within a second', async () => {
    const folder = await backupsOnDisk(3);
    await utimes(join(folder, 'manual_2026-01-01_00-00-00.sql'), 2e9, 2e9);
    await writeFile(join(folder, 'a_2026-01-01_01-00-00.sql'), 'x');
    await writeFile(join(folder, 'b_2026-01-01_01-00-00.sql'), 'x');

    const names = (await listed()).backups.map(({ name }) => name);

    expect(names).toEqual([
      'manual_2026-01-01_02-00-00',
      'manual_2026-01-01_01-00-00',
      'b_2026-01-01_01-00-00',
      'a_2026-01-01_01-00-00',
      'manual_2026-01-01_00-00-00',
    ]);
  });

  test('lists foreign dumps as unverified, and nothing else that lies there', async () => {
    const folder = await backupsOnDisk(1);
    leavesBehind(['partial'], 'list must pass over it');
    for (const name of ['mine.sql', 'mine.sql.gz', 'mine.sql.zst']) await writeFile(join(folder, name), 'x');
    for (const name of [
      'notes.txt',
      'x.sql.bak',
      '.sql',
      '.hidden.sql',
      '.x.sql.gz.partial',
      '.lock',
      'x.json',
      'x.tar.gz',
    ]) {
      await writeFile(join(folder, name), 'x');
    }
    await mkdir(join(folder, 'folder.sql'));
    await symlink('/nowhere', join(folder, 'dangling.sql'));
    await writeFile(join(dirname(folder), 'outside.sql'), 'x');

    const { backups } = await listed();

    expect(
      backups
        .map(({ name, compression, state }) => `${String(name)} ${String(compression)} ${String(state)}`)
        .sort(),
    ).toEqual([
      'manual_2026-01-01_00-00-00 none complete',
      'mine gzip unverified',
      'mine none unverified',
      'mine zstd unverified',
    ]);
    expect(backups.find(({ state }) => state === 'unverified')).not.toHaveProperty('label');
  });

  test.each<{ title: string; harm: (folder: string, name: string) => Promise<void>; problem: string }>([
    {
      title: 'a manifest that is not JSON',
      harm: (folder, name) => writeFile(join(folder, `${name}.json`), '{"schema": '),
      problem: 'its manifest is not JSON',
    },
    {
      title: 'a manifest without a field',
      harm: async (folder, name) => {
        const { collation: _, ...rest } = someManifest(name, 'shop', '2026-01-01T00:00:00.000Z');
        await writeFile(join(folder, `${name}.json`), JSON.stringify(rest));
      },
      problem: 'its manifest is invalid at collation',
    },
    {
      title: 'a file that is longer than its manifest says',
      harm: (folder, name) => writeFile(join(folder, `${name}.sql`), 'xx'),
      problem: 'it has 2 bytes, but its manifest says 1',
    },
    {
      title: "another backup's manifest",
      harm: (folder, name) =>
        writeFile(
          join(folder, `${name}.json`),
          JSON.stringify(someManifest('other', 'shop', '2026-01-01T00:00:00.000Z')),
        ),
      problem: 'its manifest belongs to other.sql',
    },
    {
      title: "another database's backup",
      harm: (folder, name) =>
        writeFile(
          join(folder, `${name}.json`),
          JSON.stringify(someManifest(name, 'stock', '2026-01-01T00:00:00.000Z')),
        ),
      problem: 'its manifest says that it is a backup of stock',
    },
  ])('calls $title damaged, and says why', async ({ harm, problem }) => {
    const folder = await backupsOnDisk(2);
    const name = 'manual_2026-01-01_00-00-00';
    await harm(folder, name);

    const { stdout } = await succeeds(['list']);
    const quiet = await succeeds(['list', '--quiet']);

    expect(stdout).toMatch(new RegExp(`shop/${name} .* damaged\n`));
    expect(stdout).toContain(`damaged: shop/${name}: ${problem}`);
    expect(quiet.stderr).toContain(problem);
    expect((await listed()).backups.map(({ state }) => state)).toEqual(['complete', 'damaged']);
  });

  test('takes a manifest that a later release has added fields to', async () => {
    const folder = await backupsOnDisk(1);
    const path = join(folder, 'manual_2026-01-01_00-00-00.json');
    const later = { ...(JSON.parse(await readFile(path, 'utf8')) as object), encryption: { method: 'age' } };
    await writeFile(path, JSON.stringify(later));

    expect((await listed()).backups).toMatchObject([{ state: 'complete' }]);
  });

  test('shows a thousand backups, each once and in order', async () => {
    await backupsOnDisk(1000);

    const { stdout } = await succeeds(['list', '--quiet']);
    const table = (await succeeds(['list'])).stdout;

    const names = stdout.trimEnd().split('\n');
    expect(names).toHaveLength(1000);
    expect(names).toEqual([...new Set(names)].sort().reverse());
    expect(table.trimEnd().split('\n')).toHaveLength(1001);
  });

  test('shows names of databases and files without what a terminal would obey', async () => {
    const { backups } = await workspace();
    await mkdir(join(backups, '%1B%5B31mred%0Aline'), { recursive: true });
    await writeFile(join(backups, '%1B%5B31mred%0Aline', 'bell\u0007\u202e\nx.sql'), 'x');

    for (const args of [['list'], ['list', '--quiet'], ['status']]) {
      const { stdout } = await succeeds(args);
      // eslint-disable-next-line no-control-regex -- exactly these must not come through
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
      expect(stdout).toContain('\\x1b[31mred\\nline');
    }
    expect((await succeeds(['list'])).stdout).toContain('\\x1b[31mred\\nline/bell\\x07\\u202e\\nx');
    expect((await listed()).backups).toMatchObject([
      { database: '\u001b[31mred\nline', name: 'bell\u0007\u202e\nx' },
    ]);
  });

  test.each([
    { what: 'missing', make: false },
    { what: 'empty', make: true },
  ])('of a $what folder says what to type, on stderr', async ({ make }) => {
    const { backups } = await workspace();
    if (make) await mkdir(backups);

    const { stdout, stderr } = await succeeds(['list']);
    const one = await succeeds(['list', 'shop']);

    expect(stdout).toBe('');
    expect(stderr).toBe(
      `No backups in ${backups}.\nMake one with create. If they are elsewhere, use --dir <folder>.\n`,
    );
    expect(one.stderr).toContain(`No backups of shop in ${backups}.`);
    expect(await listed()).toEqual({
      schema: 'dbbackup/list/1',
      ok: true,
      directory: backups,
      kept: [],
      backups: [],
      total: 0,
      truncated: false,
      unreadable: [],
    });
  });

  test('takes names of databases, and shows theirs only', async () => {
    await backupsOnDisk(1, 'shop');
    await backupsOnDisk(1, 'stock');
    await backupsOnDisk(1, 'other');

    const { stdout } = await succeeds(['list', 'stock', 'shop', '--quiet']);

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((name) => name.split('/')[0])
        .sort(),
    ).toEqual(['shop', 'stock']);
  });

  test('reads a backup directory that was moved here from elsewhere', async () => {
    const folder = await backupsOnDisk(2);
    await rename(dirname(folder), join(dirname(dirname(folder)), 'moved'));
    await copyFile(
      join(dirname(dirname(folder)), 'moved/shop/manual_2026-01-01_00-00-00.sql'),
      join(dirname(dirname(folder)), 'moved/shop/renamed.sql'),
    );

    const { backups } = await listed(['--dir', 'moved']);

    expect(backups.map(({ path, state }) => `${basename(String(path))} ${String(state)}`).sort()).toEqual([
      'manual_2026-01-01_00-00-00.sql complete',
      'manual_2026-01-01_01-00-00.sql complete',
      'renamed.sql unverified',
    ]);
  });

  test('can be piped into head', async () => {
    await backupsOnDisk(1000);

    const { stdout, stderr } = await runInShell(
      'dbbackup list | head -n 1; dbbackup list --json | head -c 10',
      server,
    );

    expect(stdout).toMatch(/^BACKUP.*\n\{"schema":$/);
    expect(stderr).toBe('');
  });
});
