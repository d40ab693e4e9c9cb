import { expect, test } from 'vitest';
import { databaseLockName } from '../../../src/adapters/server-lock.ts';

test('the lock is named for the database', () => {
  expect(databaseLockName('shop')).toBe('dbbackup:shop');
});

test('a name that the server would refuse is hashed, and stays different from every other', () => {
  const names = ['a', 'b'].map((end) => databaseLockName('x'.repeat(63) + end));

  expect(names.every((name) => /^dbbackup:[0-9a-f]{40}$/.test(name))).toBe(true);
  expect(names[0]).not.toBe(names[1]);
});

test('the longest name that fits is kept', () => {
  expect(databaseLockName('x'.repeat(55))).toBe(`dbbackup:${'x'.repeat(55)}`);
  expect(databaseLockName('x'.repeat(56))).not.toContain('x');
});
