import { expect, test } from 'vitest';
import { listBackups } from '../../../src/core/list.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putBackup } from '../adapters/backup-files.ts';

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
