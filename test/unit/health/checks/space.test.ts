import { expect, test } from 'vitest';
import { space } from '../../../../src/health/checks/space.ts';
import { backupOf, DAY_MS, shop, subject } from '../some-history.ts';

const of = (database: string, sizeBytes: number) =>
  shop({
    database,
    backups: [backupOf(0, { database }, { sizeBytes }), backupOf(DAY_MS, { database }, { sizeBytes: 1e12 })],
  });

const judge = (freeBytes: number, noFiles = false) =>
  space.judge(
    subject(
      [of('shop', 600), of('crm', 400), of('elsewhere', 1e12)],
      {},
      {
        spaces: [{ path: '/backups/shop', freeBytes, noFiles, databases: ['shop', 'crm'] }],
      },
    ),
  );

test.each([
  [1000, 'ok'],
  [999, 'critical'],
])('%d bytes where the last backups have 1000 are %s', (freeBytes, level) => {
  expect(judge(freeBytes)).toMatchObject([{ level, check: 'space' }]);
});

test('what the system does not say is unknown', () => {
  const spaces = [{ path: '/b', freeBytes: undefined, noFiles: false, databases: ['shop'] }];

  expect(space.judge(subject([of('shop', 600)], {}, { spaces }))).toEqual([
    { level: 'unknown', check: 'space', message: 'How much is free for /b could not be read.' },
  ]);
});

test('says what is there and what is needed', () => {
  expect(judge(999)[0]?.message).toBe(
    '999 B free for /backups/shop; the next backups of 2 databases need about 1 kB.',
  );
  expect(judge(1e9, true)[0]).toMatchObject({
    level: 'critical',
    message: 'The file system of /backups/shop has no free inodes.',
  });
  const first = space.judge(
    subject([shop()], {}, { spaces: [{ path: '/b', freeBytes: 0, noFiles: false, databases: ['shop'] }] }),
  );
  expect(first).toMatchObject([{ level: 'ok', message: '0 B free for /b.' }]);
});
