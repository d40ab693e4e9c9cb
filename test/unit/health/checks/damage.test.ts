import { expect, test } from 'vitest';
import { damage } from '../../../../src/health/checks/damage.ts';
import { backupOf, DAY_MS, shop, subject } from '../some-history.ts';

test.each([
  ['damaged', 'warning'],
  ['suspect', 'warning'],
  ['unreadable', 'unknown'],
] as const)('one that is %s is told', (state, level) => {
  const backups = [backupOf(0), backupOf(DAY_MS, {}, { state, problem: 'its manifest is not JSON' })];

  expect(damage.judge(subject([shop({ backups })]))).toEqual([
    {
      ...{ level, check: 'damage', database: 'shop' },
      message: `shop/nightly_2026-11-21_12-00-00 is ${state}: its manifest is not JSON.`,
      fix: ['dbbackup list shop'],
    },
  ]);
});

test('complete ones and dumps from elsewhere are OK', () => {
  const backups = [backupOf(0), backupOf(1, {}, { state: 'unverified', manifest: undefined })];

  expect(damage.judge(subject([shop({ backups })]))).toMatchObject([{ level: 'ok' }]);
  expect(damage.judge(subject([shop()]))).toEqual([]);
});
