import { expect, test } from 'vitest';
import { age } from '../../../../src/health/checks/age.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import type { History } from '../../../../src/health/history/history.ts';
import { GONE, someJob } from '../../jobs/some-jobs.ts';
import { backupOf, before, DAY_MS, HOUR_MS, shop, subject } from '../some-history.ts';
import { someRehearsal } from '../some-rehearsal.ts';

const levelOf = (ageMs: number, maxAgeMs: number | undefined) =>
  age.judge(subject([shop({ backups: [backupOf(ageMs)] })], { maxAgeMs }))[0]?.level;

test.each([
  [26 * HOUR_MS, 'ok'],
  [26 * HOUR_MS + 1, 'critical'],
  [0, 'ok'],
])('a newest backup of %d ms is %s where 26 h are allowed', (ageMs, level) => {
  expect(levelOf(ageMs, 26 * HOUR_MS)).toBe(level);
});

test('any age is allowed where that is said', () => {
  expect(levelOf(1000 * DAY_MS, undefined)).toBe('ok');
});

test('says how old it is, and what to type', () => {
  expect(age.judge(subject([shop({ backups: [backupOf(3 * DAY_MS + 4 * HOUR_MS)] })]))).toEqual([
    {
      ...{ level: 'critical', check: 'age', database: 'shop' },
      message:
        'The newest complete backup of shop, shop/nightly_2026-11-19_08-00-00, is 3 d 4 h old, more than 26 h.',
      fix: ['dbbackup create shop'],
    },
  ]);
});

test.each([
  ['a damaged one', { state: 'damaged' as const }],
  ['one of a half-restored database', { state: 'suspect' as const }],
  ['one that nothing proves', { state: 'unverified' as const, manifest: undefined }],
  ['a safety backup', { label: 'pre-restore' }],
  ['one that failed its verification', backupOf(0, { verification: { at: before(0), ok: false } })],
  ['one that failed its rehearsal', backupOf(0, { rehearsal: someRehearsal(0, { ok: false }) })],
])('%s is no backup that counts', (_title, changes) => {
  const backups = [backupOf(0, {}, changes), backupOf(30 * HOUR_MS)];

  expect(age.judge(subject([shop({ backups })]))[0]).toMatchObject({
    level: 'critical',
    message: expect.stringContaining('30 h old'),
  });
  expect(age.judge(subject([shop({ backups: backups.slice(0, 1) })]))[0]).toMatchObject({
    level: 'critical',
    message: 'There is no complete backup of shop.',
  });
});

test('a first backup that is being made is a warning until it is there', () => {
  const creates = [someJob({ state: 'running' })];

  expect(age.judge(subject([shop({ creates })]))).toEqual([
    {
      ...{ level: 'warning', check: 'age', database: 'shop' },
      message: 'There is no complete backup of shop. One is being made now.',
    },
  ]);
  const interrupted = [someJob({ state: 'interrupted', process: GONE })];
  expect(age.judge(subject([shop({ creates: interrupted })]))[0]?.level).toBe('critical');
  // On another host, which may be gone.
  const unproven = [someJob({ state: 'running', unproven: true })];
  expect(age.judge(subject([shop({ creates: unproven })]))).toMatchObject([
    { level: 'critical', message: 'There is no complete backup of shop.', fix: ['dbbackup create shop'] },
  ]);
});

test.each([
  [4, 'ok'],
  [6, 'warning'],
])('a backup of %d minutes in the future is %s', (minutes, level) => {
  expect(levelOf(-minutes * 60_000, 26 * HOUR_MS)).toBe(level);
});

test('a directory without any backup is critical, whether or not it is there', () => {
  expect(age.judge(subject([]))[0]).toMatchObject({
    level: 'critical',
    message: 'There are no backups in /backups.',
  });
  expect(age.judge(subject([], {}, { exists: false }))[0]).toMatchObject({
    level: 'critical',
    message: '/backups does not exist, so it has no backups.',
  });
});

test('what is not on the server is a warning unless it is excluded', () => {
  const backups = [backupOf(0)];
  const found = age.judge(subject([shop({ backups })], {}, { excluded: ['old'], unseen: ['the crm'] }));

  expect(found.slice(1)).toEqual([
    {
      ...{ level: 'ok', check: 'age', database: 'old' },
      message: 'old is excluded; its backups are not checked.',
    },
    {
      ...{ level: 'warning', check: 'age', database: 'the crm' },
      message: 'the crm has backups but is not on the server, or the account may not see it.',
      fix: ["If that is meant, add --exclude-database 'the crm'."],
    },
  ]);
});

test('where the account sees no database at all, that is not OK', () => {
  const levels = (history: Partial<History>) => age.judge(subject([], {}, history)).map(({ level }) => level);

  expect(levels({ unseen: ['shop'] })).toEqual(['warning']);
  expect(levels({ excluded: ['shop'] })).toEqual(['warning']);
});

test('with one label, that is said', () => {
  const judge = (backups: readonly Backup[]) =>
    age.judge(subject([shop({ backups })], {}, { label: 'weekly' }))[0];

  expect(judge([])).toMatchObject({
    message: 'There is no complete backup of shop with the label weekly.',
    fix: ['dbbackup create shop --label weekly'],
  });
  expect(judge([backupOf(0)])?.message).toContain('backup of shop with the label weekly, shop/');
});

test('what cannot be read is left to another check', () => {
  expect(age.judge(subject([shop({ unreadable: 'It is locked.' })]))).toEqual([]);
});
