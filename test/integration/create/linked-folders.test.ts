import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, expectSameDump, restore, safetyBackupOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { temporaryFolder, workspace } from '../../harness/workspace.ts';

const server = testServers().at(-1)!;

async function linkFor(database: string, target: string): Promise<string> {
  const { backups } = await workspace();
  await mkdir(backups, { mode: 0o700, recursive: true });
  const link = join(backups, database);
  await symlink(target, link);
  return link;
}

test("a database's folder may be a link to another disk, for every command", async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const elsewhere = await temporaryFolder();
  const link = await linkFor(database, elsewhere);
  const before = await server.dump(database);

  const path = await backUp(server, database);

  expect(path.startsWith(`${link}/`)).toBe(true);
  expect((await readdir(elsewhere)).filter((name) => !name.startsWith('.'))).toHaveLength(2);
  expect((await succeeds(['list'])).stdout).toContain(`${database}/manual_`);
  expect((await succeeds(['status'])).stdout).toContain(database);
  expect((await succeeds(['verify'])).stdout).toContain(`OK  ${database}/manual_`);
  await succeeds(['doctor', database], { server });
  await server.sql('CREATE TABLE later (id INT);', database);
  await restore(server, `${database}/latest`, database);
  expectSameDump(await server.dump(database), before);
  await restore(server, await safetyBackupOf(database), database);
  expect(await server.countRows(database, 'later')).toBe(0);
});

test('a link to nothing is no folder, and create says what is wrong with it', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const link = await linkFor(database, join((await workspace()).folder, 'not-mounted'));

  expect((await succeeds(['list'])).stdout).not.toContain(database);
  await expectFailure(
    ['create', database],
    { server },
    {
      code: 'no-space',
      message: `${link} is a symbolic link to a directory that does not exist.`,
      hint: 'Check that the disk it points to is mounted',
    },
  );
});
