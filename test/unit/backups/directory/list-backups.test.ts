import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chosenFrom, listBackups, readListing } from '../../../../src/backups/directory/list-backups.ts';
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

test('gives those with a label, and only the newest so many', async () => {
  const directory = await temporaryFolder();
  for (const [name, label, day] of [
    ['nightly_2026-11-20_00-00-00', 'nightly', 20],
    ['nightly_2026-11-22_00-00-00', 'nightly', 22],
    ['manual_2026-11-21_00-00-00', 'manual', 21],
  ] as const)
    putBackup(directory, 'shop', { name, label, startedAt: `2026-11-${day}T00:00:00Z` });
  const request = { directory, databases: [] };
  const { backups } = await readListing(request);

  expect((await listBackups({ ...request, label: 'nightly' })).map(({ startedAt }) => startedAt)).toEqual([
    '2026-11-22T00:00:00Z',
    '2026-11-20T00:00:00Z',
  ]);
  expect(await listBackups({ ...request, limit: 2 })).toHaveLength(2);
  expect(chosenFrom(backups, { label: 'nightly', limit: 1 })).toMatchObject({
    backups: [{ name: 'nightly_2026-11-22_00-00-00' }],
    total: 2,
  });
  expect(chosenFrom(backups, { label: 'weekly' })).toEqual({ backups: [], total: 0 });
});
