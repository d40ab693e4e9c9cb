import { expect, test } from 'vitest';
import { backupReference, newestFirst } from '../../../../src/backups/record/backup.ts';
import { someBackup } from '../../cli/render/some-backups.ts';

test('newest first, and within a second by name', () => {
  const backups = [
    someBackup({ name: 'a', startedAt: '2026-11-22T00:00:00Z' }),
    someBackup({ name: 'b', startedAt: '2026-11-22T00:00:00Z' }),
    someBackup({ name: 'c', startedAt: '2026-11-23T00:00:00Z' }),
    someBackup({ name: 'd', startedAt: '2025-12-31T23:59:59Z' }),
  ];

  expect(backups.sort(newestFirst).map(({ name }) => name)).toEqual(['c', 'b', 'a', 'd']);
});

test('a reference is the database and the name', () => {
  expect(backupReference({ database: 'shop', name: 'manual_2026-11-22_03-00-00' })).toBe(
    'shop/manual_2026-11-22_03-00-00',
  );
});
