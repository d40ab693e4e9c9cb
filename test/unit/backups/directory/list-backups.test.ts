import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listBackups, readListing } from '../../../../src/backups/directory/list-backups.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup } from '../planted-files.ts';

test('lists every database newest first, or only those that are named', async () => {
  const directory = await temporaryFolder();
  putBackup(directory, 'shop', { startedAt: '2026-11-20T00:00:00Z' });
  putBackup(directory, 'crm', { startedAt: '2026-11-22T00:00:00Z' });
  putBackup(directory, 'my shop', { startedAt: '2026-11-21T00:00:00Z' });
  const names = async (...databases: string[]) =>
    (await listBackups({ directory, databases })).map(({ database }) => database);

  expect(await names()).toEqual(['crm', 'my shop', 'shop']);
  expect(await names('shop', 'my shop', 'none')).toEqual(['my shop', 'shop']);
});

test('lists nothing where nothing is', async () => {
  expect(await listBackups({ directory: '/nonexistent', databases: [] })).toEqual([]);
});

test('a folder that cannot be read hides none of the others', async () => {
  const directory = await temporaryFolder();
  putBackup(directory, 'shop', { startedAt: '2026-11-20T00:00:00Z' });
  writeFileSync(join(directory, 'crm'), 'a file'); // which nobody can look into, not even root
  const request = { directory, databases: ['crm', 'shop'] };

  const { backups, unreadable } = await readListing(request);

  expect(backups.map(({ database }) => database)).toEqual(['shop']);
  expect(unreadable).toMatchObject([
    { database: 'crm', path: join(directory, 'crm'), error: { code: 'no-space' } },
  ]);
  const told: unknown[] = [];
  expect(await listBackups(request, (event) => told.push(event))).toHaveLength(1);
  expect(told).toMatchObject([{ kind: 'warning' }]);
  await expect(listBackups(request)).rejects.toMatchObject({ code: 'no-space' });
  await expect(listBackups({ directory, databases: ['crm'] }, () => undefined)).rejects.toMatchObject({
    code: 'no-space',
  });
});
