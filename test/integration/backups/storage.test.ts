import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { contentOf, filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { REPOSITORY } from '../../harness/build.ts';
import { mountedTmpfs } from '../../harness/tmpfs.ts';
import { workspace } from '../../harness/workspace.ts';

/** Where a file lies is the same for every server. */
const server = testServers()[0]!;
const isRoot = process.getuid?.() === 0;
/** Modes are nothing to root. The throw-away account owns nothing and has no name. */
const STRANGER = 54_321;
const asStranger = isRoot ? ['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'] : [];

/** About 3 MB as a plain dump. */
const ROWS = 25_000;

describe('a backup directory that cannot be written', () => {
  test('is told with its path to a login that may not write there', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const folder = await folderForStrangers();
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o555 });

    await expectFailure(
      ['create', database, '--dir', closed],
      { server, wrapper: asStranger, cwd: folder, env: { TMPDIR: folder } },
      {
        code: 'no-space',
        message: [`${closed}/`, 'could not be written: permission denied (EACCES'],
        hint: 'Change the owner of the directory, or choose another with --dir.',
      },
    );
  });

  test('is told when its folder cannot even be made', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const folder = await folderForStrangers();
    await chmod(folder, 0o555);

    await expectFailure(
      ['create', database, '--dir', join(folder, 'new')],
      { server, wrapper: asStranger, cwd: folder, env: { TMPDIR: folder } },
      { code: 'no-space', message: 'permission denied (EACCES', hint: '--dir' },
    );
  });

  test('is told when it is a file', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const path = join((await workspace()).folder, 'a-file');
    await writeFile(path, 'mine');

    await expectFailure(
      ['create', database, '--dir', path],
      { server },
      {
        code: 'no-space',
        message: [path, 'is a file, not a directory'],
        hint: 'Move it away, or choose another directory with --dir.',
      },
    );
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test.runIf(isRoot)('is told when its file system is read-only', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const mount = await mountedTmpfs('size=1m');
    await execa('mount', ['-o', 'remount,ro', mount]);

    await expectFailure(
      ['create', database, '--dir', mount],
      { server },
      {
        code: 'no-space',
        message: [mount, 'the file system is read-only (EROFS'],
        hint: 'Choose a writable directory with --dir.',
      },
    );
    await expectFailure(
      ['create', database, '--dir', join(mount, 'new', 'one')],
      { server },
      {
        code: 'no-space',
        message: 'the file system is read-only (EROFS',
        hint: 'Choose a writable directory',
      },
    );
  });
});

describe.runIf(isRoot)('a disk that fills up', () => {
  test.each([{ size: '256k' }, { size: '1m' }, { size: '2500k' }])(
    'of $size ends the backup with its path and what is free, and leaves earlier ones alone',
    async ({ size }) => {
      const small = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
      const large = await freshDatabase(server, { sql: manyRowsSql(ROWS) });
      const mount = await mountedTmpfs(`size=${size}`);
      await madeBackup(server, small, ['--dir', mount]);
      const before = await filesOfBackups(mount);

      await expectFailure(
        ['create', large, '--dir', mount, '--compress', 'none'],
        { server },
        {
          code: 'no-space',
          message: [
            `${mount}/${large}/manual_`,
            /could not be written: the disk is full \(ENOSPC, (0 B|4\.1 kB) free\)\.$/,
          ],
          hint: 'Free some space, or choose another directory with --dir.',
        },
      );
      expect(await filesOfBackups(mount)).toEqual(before);

      await execa('mount', ['-o', 'remount,size=16m', mount]);
      await madeBackup(server, large, ['--dir', mount, '--compress', 'none']);
    },
  );

  test('to the last byte before anything is written is told all the same', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const mount = await mountedTmpfs('size=64k');
    await writeFile(join(mount, 'ballast'), Buffer.alloc(128 * 1024)).catch(() => undefined); // until it is full

    await expectFailure(
      ['create', database, '--dir', mount],
      { server },
      { code: 'no-space', message: 'the disk is full (ENOSPC, 0 B free)', hint: 'Free some space' },
    );
    expect(Object.keys(await filesOfBackups(mount))).toEqual(['ballast']);

    await rm(join(mount, 'ballast'));
    await madeBackup(server, database, ['--dir', mount]);
  });

  test('keeps a restore from starting, because its safety backup fails', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(ROWS) });
    const path = await madeBackup(server, database);
    const before = await contentOf(server, database);
    const mount = await mountedTmpfs('size=200k');

    await expectFailure(
      ['restore', path, '--confirm', database, '--dir', mount],
      { server },
      {
        code: 'safety-backup-failed',
        message: [
          `The safety backup of ${database} failed, so nothing was restored:`,
          'the disk is full (ENOSPC',
          `${database} is unchanged.`,
        ],
        hint: '--no-safety-backup',
      },
    );
    expect(await contentOf(server, database)).toEqual(before);
    expect(await filesOfBackups(mount)).toEqual({});
  });

  test('with backups that come on stdin is told before the server is touched', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(ROWS) });
    const path = await madeBackup(server, database, ['--compress', 'none']);
    const mount = await mountedTmpfs('size=512k');

    await expectFailure(
      ['restore', '-', '--to', database, '--confirm', database, '--dir', mount],
      { server, input: await readFile(path) },
      { code: 'no-space', message: [mount, 'the disk is full (ENOSPC'], hint: 'Free some space' },
    );
    expect(await filesOfBackups(mount)).toEqual({});
  });
});

test('a limit on the size of files ends the backup in words', async () => {
  const database = await freshDatabase(server, { sql: manyRowsSql(ROWS) });

  await expectFailure(
    ['create', database, '--compress', 'none'],
    { server, wrapper: ['prlimit', '--fsize=400000'] },
    {
      code: 'no-space',
      message: 'the file would be larger than the limit (ulimit -f) or the file system allows (EFBIG',
      hint: 'Raise the limit, or back up to another file system with --dir.',
    },
  );
  expect(await filesOfBackups()).toEqual({});
});

test('a temporary folder that cannot be written is named', async () => {
  const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });

  await expectFailure(
    ['create', database],
    { server, env: { TMPDIR: '/nowhere' } },
    {
      code: 'failed',
      message: 'Cannot write a temporary file in /nowhere.',
      hint: 'set TMPDIR to a writable directory',
    },
  );
  expect(await filesOfBackups()).toEqual({});
});

test('a file that is there already is not overwritten', async () => {
  const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
  const path = join((await workspace()).folder, 'taken.sql');
  await writeFile(path, 'mine');

  await expectFailure(
    ['create', database, '--output', path],
    { server },
    {
      code: 'failed',
      message: `${path} already exists; dbbackup never overwrites a file.`,
      hint: 'choose another name',
    },
  );
});

/** A folder that other accounts may enter and write to. */
async function folderForStrangers(): Promise<string> {
  const { folder } = await workspace();
  await chmod(folder, 0o777);
  if (isRoot)
    await execa(asStranger[0]!, [...asStranger.slice(1), 'test', '-r', join(REPOSITORY, 'package.json')]);
  return folder;
}
