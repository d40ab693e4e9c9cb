import { expect, test } from 'vitest';
import { examineBackups } from '../../../src/core/examine-backups.ts';
import { someBackup, someManifest } from '../cli/some-backups.ts';

const inPlace = someManifest({ restoreOnly: { method: 'in-place', reason: 'the table m names others' } });

test('warns of the newest backup of a database when it can only be restored in place', () => {
  const backups = [
    someBackup({ name: 'newest', manifest: inPlace }),
    someBackup({ name: 'older', manifest: inPlace }),
  ];

  expect(examineBackups(backups)).toMatchObject([
    {
      level: 'warning',
      check: 'backups',
      database: 'shop',
      message: 'shop/newest can only be restored in place: the table m names others.',
      fix: ['dbbackup restore shop/newest --dry-run'],
    },
  ]);
});

test('says nothing where the newest can be restored in every way, or only a safety backup cannot', () => {
  expect(examineBackups([someBackup(), someBackup({ manifest: inPlace })])).toEqual([]);
  expect(examineBackups([someBackup({ label: 'pre-restore', manifest: inPlace })])).toEqual([]);
});
