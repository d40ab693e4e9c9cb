import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { findBackup } from '../../../../src/backups/directory/find-backup.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup, putFile } from '../planted-files.ts';

let directory = '';
beforeEach(async () => {
  directory = join(await temporaryFolder(), 'backups');
  mkdirSync(directory);
});

const day = (date: number) => `2026-11-${date}_03-00-00`;
const at = (date: number) => `2026-11-${date}T03:00:00.000Z`;

/** shop: two manual ones and a newer safety backup. */
function putShop(): void {
  putBackup(directory, 'shop', { name: `manual_${day(20)}`, startedAt: at(20) });
  putBackup(directory, 'shop', { name: `manual_${day(21)}`, startedAt: at(21) });
  putBackup(directory, 'shop', { name: `pre-restore_${day(22)}`, startedAt: at(22), label: 'pre-restore' });
}

async function find(reference: string, database?: string): Promise<string> {
  const backup = await findBackup(
    { reference, directory, database },
    { cwd: join(directory, '..'), program: 'dbbackup' },
  );
  return `${backup.database}/${backup.name}`;
}

describe('findBackup', () => {
  test.each([
    ['latest', `shop/manual_${day(21)}`],
    ['shop/latest', `shop/manual_${day(21)}`],
    [`shop/manual_${day(20)}`, `shop/manual_${day(20)}`],
    [`manual_${day(20)}`, `shop/manual_${day(20)}`],
    [`shop/manual_${day(20)}.sql.gz`, `shop/manual_${day(20)}`],
    ['11-20', `shop/manual_${day(20)}`],
    ['pre-restore', `shop/pre-restore_${day(22)}`],
    [`backups/shop/manual_${day(20)}.sql.gz`, `shop/manual_${day(20)}`],
    [`./backups/shop/manual_${day(20)}.sql.gz`, `shop/manual_${day(20)}`],
  ])('%s is %s', async (reference, found) => {
    putShop();

    expect(await find(reference)).toBe(found);
  });

  test('an absolute path is that file', async () => {
    const path = putBackup(directory, 'shop');

    expect(await find(path)).toBe('shop/manual_2026-11-22_03-00-00');
  });

  test.each(['my shop', 'a/b', 'größe', '-x', '100%', '.hidden'])(
    'finds backups of %s by the reference that list shows',
    async (database) => {
      putBackup(directory, database, { name: `manual_${day(20)}`, startedAt: '2099-01-01T00:00:00.000Z' });
      putFile(directory, database, 'other.sql', '');

      expect(await find(`${database}/manual_${day(20)}`)).toBe(`${database}/manual_${day(20)}`);
      expect(await find(`${database}/latest`)).toBe(`${database}/manual_${day(20)}`);
      expect(await find(`${database}/other.sql`)).toBe(`${database}/other`);
    },
  );

  test('a database may be called as the folder above', async () => {
    putBackup(directory, '..', { name: `manual_${day(20)}` });

    expect(await find(`../manual_${day(20)}`)).toBe(`../manual_${day(20)}`);
  });

  test('tells two files of one name apart by their extensions', async () => {
    putFile(directory, 'my shop', 'dump.sql', '');
    putFile(directory, 'my shop', 'dump.sql.gz', '');

    await expect(find('my shop/dump')).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('my shop/dump.sql.gz'),
    });
    expect(await find('my shop/dump.sql.gz')).toBe('my shop/dump');
  });

  test('the database of the connection decides what latest means', async () => {
    putShop();
    putBackup(directory, 'crm', { name: `manual_${day(23)}`, startedAt: at(23) });

    expect(await find('latest', 'shop')).toBe(`shop/manual_${day(21)}`);
  });

  test('a name that is whole wins over names that it is a part of', async () => {
    putFile(directory, 'shop', 'dump.sql', '');
    putFile(directory, 'shop', 'dump-old.sql', '');

    expect(await find('dump')).toBe('shop/dump');
  });

  test.each<{
    title: string;
    reference: string;
    database?: string;
    code: string;
    message: string;
    hint: string;
  }>([
    {
      title: 'several databases',
      reference: 'latest',
      code: 'usage',
      message: 'There are backups of several databases in DIR.',
      hint: 'Name one: shop/latest or crm/latest.',
    },
    {
      title: 'several names',
      reference: 'shop/manual',
      code: 'usage',
      message: '2 backups have manual in their name.',
      hint: `Use more of the name: shop/manual_${day(21)}.sql.gz, shop/manual_${day(20)}.sql.gz.`,
    },
    {
      title: 'an unknown database',
      reference: 'warehouse/latest',
      code: 'not-found',
      message: 'There is no backup of warehouse in DIR.',
      hint: 'There are backups of shop, crm.',
    },
    {
      title: 'a database that is misspelt',
      reference: 'shops/latest',
      code: 'not-found',
      message: 'There is no backup of shops in DIR.',
      hint: 'Did you mean shop?',
    },
    {
      title: 'a database of the connection without backups',
      reference: 'latest',
      database: 'stock',
      code: 'not-found',
      message: 'There is no backup of stock in DIR.',
      hint: 'There are backups of shop, crm.',
    },
    {
      title: 'a name that nothing has',
      reference: 'shop/weekly',
      code: 'not-found',
      message: 'There is no backup shop/weekly.',
      hint: `The newest are shop/pre-restore_${day(22)}, shop/manual_${day(21)}, shop/manual_${day(20)}.`,
    },
    {
      title: 'a path with no file',
      reference: './none.sql',
      code: 'not-found',
      message: 'There is no backup file CWD/none.sql.',
      hint: 'To list the backups:\ndbbackup list --dir DIR',
    },
  ])('$title: says what to type', async ({ reference, database, code, message, hint }) => {
    putShop();
    putBackup(directory, 'crm', { name: `manual_${day(19)}`, startedAt: at(19) });
    const words = message.replace('DIR', directory).replace('CWD', join(directory, '..'));

    await expect(find(reference, database)).rejects.toMatchObject({
      code,
      message: words,
      hint: hint.replace('DIR', directory),
    });
  });

  test.each(['noext', 'sub/noext', 'my dump'])(
    'says how to name the file %s of this folder',
    async (name) => {
      const path = join(directory, '..', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'SELECT 1;');
      const hint = `For the file of that name in this directory, use ${name.includes(' ') ? `'./${name}'` : `./${name}`}.`;

      await expect(find(name)).rejects.toMatchObject({ code: 'not-found', hint });
      putShop();
      await expect(find(name)).rejects.toMatchObject({ code: 'not-found', hint });
    },
  );

  test('names the safety backup where there is no other', async () => {
    putBackup(directory, 'shop', { name: `pre-restore_${day(22)}`, label: 'pre-restore' });

    await expect(find('latest')).rejects.toMatchObject({
      code: 'not-found',
      hint: `There is a safety backup: shop/pre-restore_${day(22)}`,
    });
  });

  test('an empty directory: says how to make a backup', async () => {
    await expect(find('latest')).rejects.toMatchObject({
      code: 'not-found',
      message: `There are no backups in ${directory}.`,
      hint: 'Make one with create. If they are elsewhere, use --dir <folder>.',
    });
  });
});
