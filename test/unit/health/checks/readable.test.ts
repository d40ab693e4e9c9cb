import { expect, test } from 'vitest';
import { readable } from '../../../../src/health/checks/readable.ts';
import { shop, subject } from '../some-history.ts';

test('what could not be read is unknown, and nothing is said where all could', () => {
  const found = readable.judge(
    subject([shop({ unreadable: '/backups/shop could not be read.' })], {}, { unread: ['A job is broken.'] }),
  );

  expect(found).toEqual([
    { level: 'unknown', check: 'readable', message: 'A job is broken.' },
    { level: 'unknown', check: 'readable', database: 'shop', message: '/backups/shop could not be read.' },
  ]);
  expect(readable.judge(subject([shop()]))).toEqual([]);
});
