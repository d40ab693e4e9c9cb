import { expect, test } from 'vitest';
import { backupFields, renderBackupNames, renderBackups } from '../../../../src/cli/render/backups.ts';
import { plainPaint } from '../../../../src/cli/render/paint.ts';
import { someBackup } from '../some-backups.ts';

const NOW = new Date('2026-11-22T03:00:00Z');
const BACKUPS = [
  someBackup(),
  someBackup({ name: 'old', database: 'b\u001b[2J', state: 'unverified', manifest: undefined }),
  someBackup({ name: 'bad', state: 'damaged', problem: 'Its size does not fit.', manifest: undefined }),
];

test('is a table whose first column restore takes', () => {
  expect(renderBackups(BACKUPS, NOW, plainPaint)).toBe(
    [
      'BACKUP                           TIME                     AGE        SIZE  TABLES  STATE',
      'shop/manual_2026-11-22_00-00-00  2026-11-22 00:00:00 UTC  3 h ago  1.2 MB       2  complete',
      String.raw`b\x1b[2J/old                     2026-11-22 00:00:00 UTC  3 h ago  1.2 MB          unverified`,
      'shop/bad                         2026-11-22 00:00:00 UTC  3 h ago  1.2 MB          damaged',
      'damaged: shop/bad: Its size does not fit.',
      '',
    ].join('\n'),
  );
});

test('leaves the time out where the terminal is narrower than the table', () => {
  expect(renderBackups(BACKUPS.slice(0, 1), NOW, plainPaint, 80)).toBe(
    [
      'BACKUP                           AGE        SIZE  TABLES  STATE',
      'shop/manual_2026-11-22_00-00-00  3 h ago  1.2 MB       2  complete',
      '',
    ].join('\n'),
  );
});

test('is one name a line for scripts', () => {
  expect(renderBackupNames(BACKUPS.slice(0, 1))).toBe('shop/manual_2026-11-22_00-00-00\n');
});

test('is flat in a document', () => {
  expect(backupFields(someBackup())).toMatchObject({
    name: 'manual_2026-11-22_00-00-00',
    state: 'complete',
    tables: 2,
    uncompressedBytes: 8_800_000,
    server: { flavour: 'mariadb' },
  });
  expect(backupFields(someBackup())).not.toHaveProperty('manifest');
});
