import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBackup, readBackups } from '../../../../src/backups/directory/read-backups.ts';
import { findManifestsAlone, sweepLeftovers } from '../../../../src/backups/directory/leftovers.ts';
import { freeBackupName } from '../../../../src/backups/directory/prepare-directory.ts';
import {
  prepareDatabaseFolder,
  prepareDirectory,
} from '../../../../src/backups/directory/prepare-directory.ts';
import { listDatabaseFolders } from '../../../../src/backups/directory/layout.ts';
import { databaseFolder, lockPath } from '../../../../src/backups/directory/layout.ts';
import { REPOSITORY } from '../../../harness/build.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someManifest } from '../../cli/render/some-backups.ts';
import { NAME, putBackup, putFile } from '../planted-files.ts';

describe('where things lie', () => {
  test('each database has a folder of its own, and its lock in it', () => {
    expect(databaseFolder('/b', 'my shop')).toBe('/b/my%20shop');
    expect(lockPath('/b', '../etc')).toBe('/b/%2E%2E%2Fetc/.lock');
  });

  test('databases are found by their folders, and nothing else is', async () => {
    const directory = await temporaryFolder();
    for (const folder of ['shop', 'my%20shop', '.jobs', 'not ours', '%2e'])
      mkdirSync(join(directory, folder));
    writeFileSync(join(directory, 'file'), '');

    expect(await listDatabaseFolders(directory)).toEqual(['my shop', 'shop']);
  });

  test('a directory that is missing holds none', async () => {
    expect(await listDatabaseFolders('/nonexistent/backups')).toEqual([]);
    expect(await readBackups('/nonexistent/backups', 'shop')).toEqual([]);
  });
});

describe('prepareDirectory', () => {
  test('makes it for us alone, and keeps it out of git', async () => {
    const directory = join(await temporaryFolder(), 'a/backups');

    await prepareDatabaseFolder(directory, 'my shop');
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'my%20shop')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('leaves a folder that was there alone, and warns when others may write to it', async () => {
    const directory = await temporaryFolder();
    chmodSync(directory, 0o777);

    expect(await prepareDirectory(directory)).toEqual([
      `Other users may write to ${directory}: chmod 700 ${directory}`,
    ]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('says why it cannot be made', async () => {
    const file = join(await temporaryFolder(), 'file');
    writeFileSync(file, '');

    await expect(prepareDirectory(join(file, 'backups'))).rejects.toMatchObject({
      code: 'no-space',
      message: expect.stringContaining('a part of its path is not a directory'),
    });
  });
});

describe('sweepLeftovers', () => {
  const noneFailed = () => Promise.resolve(false);

  test('removes what dead runs left, tells it by size, and touches nothing else', async () => {
    const directory = await temporaryFolder();
    const kept = [
      'manual_2026-11-22_03-00-00.sql.gz',
      'manual_2026-11-22_03-00-00.json',
      'notes.json',
      'notes.json.7f3a.new',
      'old.sql',
      '.lock',
      '.dump.sql.k3v9x2ab.partial', // of `create --output`, whose run may live
    ];
    const left = [
      '.manual_2026-11-23_03-00-00.sql.gz.partial',
      '.manual_2026-11-23_03-00-00.json.partial',
      'manual_2026-11-22_03-00-00.json.bcdf2345.new',
    ];
    for (const name of [...kept, ...left, '.lock.7f3a.new']) putFile(directory, 'shop', name, 'x'.repeat(7));

    const removed = await sweepLeftovers(directory, 'shop', noneFailed);

    expect(removed.map(({ path }) => path).sort()).toEqual(
      left.map((name) => join(directory, 'shop', name)).sort(),
    );
    expect(removed.map(({ sizeBytes }) => sizeBytes)).toEqual([7, 7, 7]);
    expect(readdirSync(join(directory, 'shop')).sort()).toEqual([...kept].sort());
  });

  test('removes a manifest without its file only when its run is known to have failed', async () => {
    const directory = await temporaryFolder();
    const file = { ...someManifest().file, sha256: 'ab'.repeat(32) };
    for (const job of ['failed22', 'unknown2']) {
      const manifest = JSON.stringify(someManifest({ job, file }));
      putFile(directory, 'shop', `${job}_2026-11-22_03-00-00.json`, manifest);
    }
    putFile(directory, 'shop', 'manual_2026-11-22_03-00-00.json', '{');

    const removed = await sweepLeftovers(directory, 'shop', (job) => Promise.resolve(job === 'failed22'));

    expect(removed.map(({ path }) => basename(path))).toEqual(['failed22_2026-11-22_03-00-00.json']);
    expect((await findManifestsAlone(directory, 'shop')).map((path) => basename(path)).sort()).toEqual([
      'manual_2026-11-22_03-00-00.json',
      'unknown2_2026-11-22_03-00-00.json',
    ]);
  });

  test('leaves folders alone, whatever they are called', async () => {
    const directory = await temporaryFolder();
    mkdirSync(join(directory, 'shop/.manual_2026-11-23_03-00-00.sql.partial'), { recursive: true });

    expect(await sweepLeftovers(directory, 'shop', noneFailed)).toEqual([]);
    expect(readdirSync(join(directory, 'shop'))).toEqual(['.manual_2026-11-23_03-00-00.sql.partial']);
  });
});

describe('freeBackupName', () => {
  const at = new Date('2026-11-22T03:00:00Z');

  test.each([
    [`${NAME}.sql`, undefined],
    [`${NAME}.json`, undefined],
    [`.${NAME}.sql.gz.partial`, undefined],
    ['manual_2026-11-22_03-00-01.sql.gz', NAME],
    [`not-${NAME}.sql`, NAME],
  ])('with %s there: %s', async (taken, name) => {
    const directory = await temporaryFolder();
    putFile(directory, 'shop', taken, '');

    expect(await freeBackupName(directory, 'shop', 'manual', at)).toBe(name);
  });
});

describe('readBackups', () => {
  test('tells complete, unverified and damaged ones, and passes over what is none', async () => {
    const directory = await temporaryFolder();
    putBackup(directory, 'shop');
    putBackup(directory, 'shop', { name: 'short', sizeBytes: 999 });
    putBackup(directory, 'shop', { name: 'renamed', fileName: 'other.sql.gz' });
    putBackup(directory, 'shop', { name: 'moved', database: 'crm' });
    putFile(directory, 'shop', 'foreign.sql', 'SELECT 1;');
    putFile(directory, 'shop', 'broken.sql.gz', 'x');
    putFile(directory, 'shop', 'broken.json', '{');
    putFile(directory, 'shop', 'wrong.sql.gz', 'x');
    putFile(directory, 'shop', 'wrong.json', '{"schema":"dbbackup/manifest/2"}');
    putFile(directory, 'shop', `.${NAME}.sql.gz.partial`, 'x');
    putFile(directory, 'shop', 'notes.txt', 'x');
    mkdirSync(join(directory, 'shop/folder.sql'));
    symlinkSync('/nonexistent', join(directory, 'shop/dangling.sql'));
    symlinkSync('loop.sql', join(directory, 'shop/loop.sql'));

    const told = (await readBackups(directory, 'shop')).map(({ name, state, problem }) => [
      name,
      state,
      problem,
    ]);

    expect(told.sort()).toEqual([
      ['broken', 'damaged', 'its manifest is not JSON'],
      ['foreign', 'unverified', undefined],
      [NAME, 'complete', undefined],
      ['moved', 'damaged', 'its manifest says that it is a backup of crm'],
      ['renamed', 'damaged', 'its manifest belongs to other.sql.gz'],
      ['short', 'damaged', 'it has 4 bytes, but its manifest says 999'],
      ['wrong', 'damaged', expect.stringContaining('its manifest is invalid at schema: ')],
    ]);
  });

  test('takes label and time from the manifest, else from the name, else from the file', async () => {
    const directory = await temporaryFolder();
    putBackup(directory, 'shop', { name: 'copy', label: 'nightly', startedAt: '2025-01-02T03:04:05.678Z' });
    putFile(directory, 'shop', 'weekly_2026-11-22_03-00-00.sql.zst', '');
    putFile(directory, 'shop', 'dump.sql', '');

    const backups = await readBackups(directory, 'shop');
    const byName = new Map(backups.map((backup) => [backup.name, backup]));

    expect(byName.get('copy')).toMatchObject({
      label: 'nightly',
      startedAt: '2025-01-02T03:04:05.678Z',
      database: 'shop',
    });
    expect(byName.get('weekly_2026-11-22_03-00-00')).toMatchObject({
      label: 'weekly',
      startedAt: '2026-11-22T03:00:00.000Z',
      compression: 'zstd',
    });
    expect(byName.get('dump')).toMatchObject({ label: undefined, compression: 'none', manifest: undefined });
  });

  test(
    'reads hundreds where few files may be open, and takes none for damaged',
    { timeout: 30_000 },
    async () => {
      const directory = await temporaryFolder();
      for (let index = 0; index < 400; index++) putBackup(directory, 'shop', { name: `m${index}` });
      const module = join(REPOSITORY, 'src/backups/directory/read-backups.ts');
      const script = `import { readBackups } from '${module}';
      for (const { state } of await readBackups('${directory}', 'shop')) console.log(state);`;
      const hooks = join(REPOSITORY, 'test/machine/run-typescript.js');
      const node = `exec '${process.execPath}' --import '${hooks}' --input-type=module`;

      const states = execFileSync('sh', ['-c', `ulimit -n 80 && ${node}`], {
        input: script,
        encoding: 'utf8',
      });

      expect(states).toBe('complete\n'.repeat(400));
    },
  );
});

describe('readBackup', () => {
  test('takes the database of a file elsewhere from its manifest', async () => {
    const directory = await temporaryFolder();
    const path = putBackup(directory, 'crm');

    expect(await readBackup(path, undefined, true)).toMatchObject({ database: 'crm', state: 'complete' });
    expect(await readBackup(path, undefined, false)).toMatchObject({ database: '', state: 'unverified' });
  });

  test('finds nothing where there is no file', async () => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const paths = ['none.sql', 'file/a.sql', `${'x'.repeat(300)}.sql`, '.'].map((name) => join(folder, name));

    for (const path of paths) expect(await readBackup(path, undefined, false)).toBeUndefined();
    expect(existsSync(join(folder, 'file'))).toBe(true);
  });
});
