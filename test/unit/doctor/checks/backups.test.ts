import { commandText } from '../../../../src/run/further-command.ts';
import type { CommandHere } from '../../../../src/run/further-command.ts';
import { expect, test } from 'vitest';
import { examineBackups } from '../../../../src/doctor/checks/backups.ts';
import { someBackup, someManifest } from '../../cli/render/some-backups.ts';

const inPlace = someManifest({ restoreOnly: { method: 'in-place', reason: 'the table m names others' } });

const commandHere: CommandHere = (command, operands, options = []) =>
  commandText(command, operands, [...options, '--dir', '/b']);

test('warns of the newest backup of a database when it can only be restored in place', () => {
  const backups = [
    someBackup({ name: 'newest', manifest: inPlace }),
    someBackup({ name: 'older', manifest: inPlace }),
  ];

  expect(examineBackups(backups, commandHere)).toMatchObject([
    {
      level: 'warning',
      check: 'backups',
      database: 'shop',
      message: 'shop/newest can only be restored in place: the table m names others.',
      fix: ['dbbackup restore shop/newest --dry-run --dir /b'],
    },
  ]);
});

test('says nothing where the newest can be restored in every way, or only a safety backup cannot', () => {
  expect(examineBackups([someBackup(), someBackup({ manifest: inPlace })], commandHere)).toEqual([]);
  expect(examineBackups([someBackup({ label: 'pre-restore', manifest: inPlace })], commandHere)).toEqual([]);
});
