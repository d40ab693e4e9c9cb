import { expect, test } from 'vitest';
import { rehearsal } from '../../../../src/health/checks/rehearsal.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import { someRehearsal } from '../some-rehearsal.ts';
import { backupOf, DAY_MS, shop, subject } from '../some-history.ts';

const judge = (backups: readonly Backup[], maxRehearsalAgeMs?: number) =>
  rehearsal.judge(subject([shop({ backups })], { maxRehearsalAgeMs }));

test.each([
  [31 * DAY_MS, 'ok'],
  [31 * DAY_MS + 1, 'warning'],
])('one %d ms ago is %s where 31 days are allowed', (ageMs, level) => {
  const backups = [backupOf(0), backupOf(DAY_MS, { rehearsal: someRehearsal(ageMs) })];

  expect(judge(backups, 31 * DAY_MS).map((verdict) => verdict.level)).toEqual([level]);
});

test('one that is dated in the future is told, and is not the last', () => {
  const ahead = (ok: boolean) => backupOf(0, { rehearsal: someRehearsal(-6 * 60_000, { ok }) });
  const [first] = judge([ahead(true)], DAY_MS);

  expect(first).toEqual({
    ...{ level: 'warning', check: 'rehearsal', database: 'shop' },
    message:
      'The rehearsal of shop/nightly_2026-11-22_12-00-00 is dated in the future (2026-11-22T12:06:00.000Z) and does not count: the clock is wrong, or was.',
    fix: ['dbbackup verify shop/nightly_2026-11-22_12-00-00 --rehearse'],
  });
  const older = backupOf(DAY_MS, { rehearsal: someRehearsal(2 * DAY_MS) });
  expect(judge([ahead(true), older], DAY_MS).map(({ level }) => level)).toEqual(['warning', 'warning']);
  expect(judge([ahead(true), older], 3 * DAY_MS).map(({ level }) => level)).toEqual(['warning', 'ok']);
  expect(judge([ahead(false)])).toMatchObject([
    { level: 'critical', message: expect.stringContaining(', which failed,') },
  ]);
  expect(judge([backupOf(0, { rehearsal: someRehearsal(-4 * 60_000) })], DAY_MS)).toMatchObject([
    { level: 'ok' },
  ]);
});

test('none at all is told, with what to type', () => {
  expect(judge([backupOf(0)], DAY_MS)).toEqual([
    {
      ...{ level: 'warning', check: 'rehearsal', database: 'shop' },
      message: 'No backup of shop has been rehearsed.',
      fix: ['dbbackup verify shop/latest --rehearse'],
    },
  ]);
});

test('is off unless it is asked for, but a last one that failed is always told', () => {
  const failed = backupOf(0, {
    rehearsal: someRehearsal(DAY_MS, { ok: false, problem: 'A row was missing.' }),
  });
  const passedSince = backupOf(DAY_MS, { rehearsal: someRehearsal(0) });

  expect(judge([backupOf(0)])).toEqual([]);
  expect(judge([failed])).toMatchObject([
    {
      level: 'critical',
      message: 'The last rehearsal of shop, of shop/nightly_2026-11-22_12-00-00, failed: A row was missing.',
    },
  ]);
  expect(judge([failed, passedSince])).toEqual([]);
});
