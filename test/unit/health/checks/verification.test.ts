import { expect, test } from 'vitest';
import { verification } from '../../../../src/health/checks/verification.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { someRehearsal } from '../some-rehearsal.ts';
import { backupOf, before, DAY_MS, shop, subject } from '../some-history.ts';

const judge = (manifest: Partial<Manifest>, maxVerifyAgeMs: number | undefined = 8 * DAY_MS) =>
  verification.judge(
    subject([shop({ backups: [backupOf(0), backupOf(9 * DAY_MS, manifest)] })], { maxVerifyAgeMs }),
  );

const verifiedAt = (ageMs: number, ok = true) => ({
  verification: { at: before(ageMs), ok, problem: 'It is cut off.' },
});

test.each([
  [8 * DAY_MS, 'ok'],
  [8 * DAY_MS + 1, 'warning'],
])('one %d ms ago is %s where 8 days are allowed', (ageMs, level) => {
  expect(judge(verifiedAt(ageMs)).map((verdict) => verdict.level)).toEqual([level]);
});

test('a rehearsal begins with it', () => {
  expect(judge({ rehearsal: someRehearsal(DAY_MS) })).toMatchObject([
    {
      level: 'ok',
      message: 'The last verification of a backup of shop (shop/nightly_2026-11-13_12-00-00) is 24 h old.',
    },
  ]);
});

test('one that is dated in the future is told, and is not the last', () => {
  expect(judge(verifiedAt(-6 * 60_000))).toMatchObject([
    {
      level: 'warning',
      message:
        'The verification of shop/nightly_2026-11-13_12-00-00 is dated in the future (2026-11-22T12:06:00.000Z) and does not count: the clock is wrong, or was.',
      fix: ['dbbackup verify shop/nightly_2026-11-13_12-00-00'],
    },
    { level: 'warning', message: 'No backup of shop has been verified.' },
  ]);
  expect(judge(verifiedAt(-4 * 60_000))).toMatchObject([{ level: 'ok' }]);
  expect(judge({ rehearsal: someRehearsal(-DAY_MS) })).toMatchObject([{ level: 'warning' }]);
});

test('none at all is told', () => {
  expect(judge({})).toEqual([
    {
      ...{ level: 'warning', check: 'verification', database: 'shop' },
      message: 'No backup of shop has been verified.',
      fix: ['dbbackup verify shop/latest'],
    },
  ]);
});

test('is off unless it is asked for, but one that failed is always told', () => {
  const off = (manifest: Partial<Manifest>) =>
    verification.judge(subject([shop({ backups: [backupOf(0, manifest)] })]));

  expect(off({})).toEqual([]);
  expect(off(verifiedAt(100 * DAY_MS))).toEqual([]);
  expect(off(verifiedAt(100 * DAY_MS, false))).toMatchObject([
    {
      level: 'critical',
      message: 'shop/nightly_2026-11-22_12-00-00 failed its verification: It is cut off.',
    },
  ]);
});
