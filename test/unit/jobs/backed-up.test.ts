import { expect, test } from 'vitest';
import { isBackedUp } from '../../../src/jobs/backed-up.ts';
import { someJob } from './some-jobs.ts';

const NOT_FOUND = { code: 'not-found', message: 'There is no database shpo.' } as const;

test.each([
  ['by a backup', [{ label: 'manual' }], [], true],
  ['not by a safety backup', [{ label: 'pre-restore' }], [], false],
  ['by a create, whatever became of it', [], [someJob({ operation: 'create', state: 'failed' })], true],
  ['not by one that found no such database', [], [someJob({ operation: 'create', error: NOT_FOUND })], false],
  [
    'not by one of all that could not ask which there are',
    [],
    [someJob({ operation: 'create', database: '' })],
    false,
  ],
  ['not by a restore', [], [someJob({ operation: 'restore' })], false],
])('a database is backed up %s', (_, backups, jobs, is) => {
  expect(isBackedUp(backups, jobs)).toBe(is);
});
