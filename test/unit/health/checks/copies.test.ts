import { expect, test } from 'vitest';
import { copies } from '../../../../src/health/checks/copies.ts';
import { backupOf, before, DAY_MS, shop, subject } from '../some-history.ts';

const judge = (places: readonly string[], minCopies: number | undefined) => {
  const copiesOf = places.map((where) => ({ where, at: before(0) }));
  const backups = [backupOf(0, { copies: copiesOf }), backupOf(DAY_MS)];
  return copies.judge(subject([shop({ backups })], { minCopies }));
};

test.each([
  [['b2'], 1, 'ok'],
  [[], 1, 'warning'],
  [['b2', 'usb'], 2, 'ok'],
  [['b2', 'b2'], 2, 'warning'],
])('copies in %j where %d are wanted', (places, minCopies, level) => {
  expect(judge(places, minCopies)).toMatchObject([{ level, database: 'shop' }]);
});

test('says how many there are, and nothing unless it is asked for', () => {
  expect(judge(['b2'], 2)[0]?.message).toBe(
    'shop/nightly_2026-11-22_12-00-00 has 1 copy elsewhere, fewer than 2.',
  );
  expect(judge([], undefined)).toEqual([]);
});
