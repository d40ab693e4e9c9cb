import { expect, test } from 'vitest';
import { leftOut } from '../../../../src/health/checks/left-out.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import { backupOf, DAY_MS, shop, subject } from '../some-history.ts';

const judge = (...backups: readonly Backup[]) => leftOut.judge(subject([shop({ backups })]));

const lacking = {
  skippedBroken: [
    { kind: 'table', name: 'orders', reason: 'Table is marked as crashed.' },
    { kind: 'view', name: 'turnover', reason: 'View references invalid table(s)' },
  ],
} as const;

test('a newest backup without what the server could not open is a warning that names it', () => {
  expect(judge(backupOf(0, lacking), backupOf(DAY_MS))).toEqual([
    {
      ...{ level: 'warning', check: 'left-out', database: 'shop' },
      message:
        'shop/nightly_2026-11-22_12-00-00 lacks what the server could not open: the table orders (Table is marked as crashed), the view turnover (View references invalid table(s)).',
      fix: [
        'Repair or drop it on the server, then make a new backup:',
        'dbbackup create shop --label nightly',
      ],
    },
  ]);
});

test('only the newest complete one counts', () => {
  expect(judge(backupOf(0), backupOf(DAY_MS, lacking))).toMatchObject([
    { level: 'ok', message: 'shop/nightly_2026-11-22_12-00-00 has all tables and views.' },
  ]);
  expect(judge(backupOf(0, {}, { state: 'damaged' }), backupOf(DAY_MS, lacking))[0]?.level).toBe('warning');
  expect(judge()).toEqual([]);
});
