import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { testServers } from '../../../harness/describe-each-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const server = testServers()[0]!;

describe('restore finds', () => {
  let database: string;
  let original: Buffer;
  let path: string;

  beforeEach(async () => {
    database = await freshDatabase(server, { sql: SHOP_SQL });
    original = await server.dump(database);
    path = await backUp(server, database, ['--label', 'wanted']);
    await server.sql('DELETE FROM orders;', database);
  });

  /** The reference leads to the backup whose rows are not deleted. */
  async function expectFound(reference: string, args: readonly string[] = []) {
    await restore(server, reference, database, ['--no-safety-backup', ...args]);
    expectSameDump(await server.dump(database), original);
  }

  test('the newest backup of a database that is not a safety backup', async () => {
    const undo = await restore(server, `${database}/latest`, database);
    expect(undo).toMatch(new RegExp(`^dbbackup undo \\w+ --confirm ${database} `));
    await server.sql('DELETE FROM orders;', database);

    await expectFound(`${database}/latest`);
    await expectFound('latest');
  });

  test('the newest of the database that the connection names, where there are several', async () => {
    const other = await freshDatabase(server, { sql: SHOP_SQL });
    await backUp(server, other);
    const url = `mysql://root@127.0.0.1:${server.port}/${database}`;

    const { exitCode, stderr } = await runDbbackup(['restore', 'latest', '--confirm', database], { server });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There are backups of several databases in');
    expect(stderr).toContain(`${database}/latest`);
    expect(stderr).toContain(`${other}/latest`);

    await succeeds(['restore', 'latest', '--confirm', database, '--url', url], {
      server,
      env: { DBBACKUP_HOST: undefined, DBBACKUP_PORT: undefined },
    });
    expectSameDump(await server.dump(database), original);
  });

  test('a name, with its database and without, and a unique part of a name', async () => {
    const name = basename(path, '.sql.gz');
    for (const reference of [`${database}/${name}`, name, `${database}/wanted`, 'wanted', name.slice(-8)]) {
      await expectFound(reference);
      await server.sql('DELETE FROM orders;', database);
    }
  });

  test('a path: absolute, relative, within the backup directory, through a link', async () => {
    const { folder } = await workspace();
    await symlink(path, join(folder, 'link.sql.gz'));
    const inside = `${database}/${basename(path)}`;
    for (const reference of [path, `./backups/${inside}`, `backups/${inside}`, inside, 'link.sql.gz']) {
      await expectFound(reference, ['--to', database]);
      await server.sql('DELETE FROM orders;', database);
    }
  });

  test('a file elsewhere without its manifest, as unverified, into the database that is said', async () => {
    const { folder } = await workspace();
    await copyFile(path, join(folder, 'copied.sql.gz'));

    const nameless = await runDbbackup(['restore', 'copied.sql.gz', '--confirm', database], { server });
    expect(nameless.exitCode).toBe(2);
    expect(nameless.stderr).toContain('copied.sql.gz into.');
    expect(nameless.stderr).toContain(`dbbackup restore ${join(folder, 'copied.sql.gz')} --to ${database}`);

    const { stderr } = await succeeds(['restore', 'copied.sql.gz', '--to', database, '--confirm', database], {
      server,
    });
    expect(stderr).toContain('unverified');
    expect(stderr).toContain("No manifest found: the file's integrity cannot be verified.");
    expectSameDump(await server.dump(database), original);
  });

  test('a file elsewhere with its manifest, which says where it belongs', async () => {
    const { folder } = await workspace();
    await mkdir(join(folder, 'moved'));
    for (const each of [path, path.replace('.sql.gz', '.json')]) {
      await copyFile(each, join(folder, 'moved', basename(each)));
    }

    await expectFound(`moved/${basename(path)}`);
  });

  test.each([
    { form: 'plain SQL', args: ['--compress', 'none'] },
    { form: 'gzip', args: [] },
    { form: 'zstd', args: ['--compress', 'zstd'] },
  ])('what comes on stdin as $form', async ({ args }) => {
    const source = await freshDatabase(server, { sql: SHOP_SQL });
    const input = await readFile(await backUp(server, source, args));

    await succeeds(['restore', '-', '--to', database, '--confirm', database], { server, input });

    expectSameDump(await server.dump(database), original);
  });

  test('nothing where a part fits several backups, and says which', async () => {
    const second = await backUp(server, database, ['--label', 'wanted-too']);

    const { exitCode, stderr } = await runDbbackup(['restore', 'wanted', '--confirm', database], { server });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('2 backups have wanted in their name.');
    expect(stderr).toContain(basename(path));
    expect(stderr).toContain(basename(second));
  });

  test.each([
    { reference: 'nonsense', message: 'There is no backup nonsense.', hint: 'The newest are' },
    {
      reference: 'test_nobody/latest',
      message: 'There is no backup of test_nobody in',
      hint: 'There are backups of',
    },
    {
      reference: '/nowhere/x.sql',
      message: 'There is no backup file /nowhere/x.sql.',
      hint: 'dbbackup list',
    },
    { reference: '../up.sql.gz', message: 'There is no backup file', hint: 'dbbackup list' },
  ])('nothing under $reference, and says what there is', async ({ reference, message, hint }) => {
    const before = await server.dump(database);

    const { exitCode, stderr } = await runDbbackup(['restore', reference, '--confirm', database], { server });

    expect(exitCode).toBe(10);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expectSameDump(await server.dump(database), before);
  });

  test('no partial, however it is named', async () => {
    const { folder } = await workspace();
    await writeFile(join(folder, 'x.sql.gz.part'), 'x');

    const { exitCode, stderr } = await runDbbackup(['restore', 'x.sql.gz.part', '--to', database], {
      server,
    });

    expect(exitCode).toBe(10);
    expect(stderr).toContain('There is no backup x.sql.gz.part');
  });
});
