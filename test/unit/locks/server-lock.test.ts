import { describe, expect, test } from 'vitest';
import { databaseLockName } from '../../../src/locks/server-lock.ts';

const HASHED = /^dbbackup:[0-9a-f]{40}$/;

describe.each(['mariadb', 'mysql'] as const)('the lock on %s', (flavour) => {
  test('is named for the database', () => {
    expect(databaseLockName('shop', flavour)).toBe('dbbackup:shop');
  });

  test('has a hash for a name that the server would refuse, different from every other', () => {
    const names = ['a', 'b'].map((end) => databaseLockName('x'.repeat(63) + end, flavour));

    for (const name of names) expect(name).toMatch(HASHED);
    expect(names[0]).not.toBe(names[1]);
  });

  test('keeps the longest name that fits', () => {
    expect(databaseLockName('x'.repeat(55), flavour)).toBe(`dbbackup:${'x'.repeat(55)}`);
    expect(databaseLockName('x'.repeat(56), flavour)).not.toContain('x');
  });
});

test('on MySQL, which ignores the case of lock names, databases that differ in nothing else have locks of their own', () => {
  const names = ['shop', 'Shop', 'SHOP'].map((name) => databaseLockName(name, 'mysql').toLowerCase());

  expect(new Set(names).size).toBe(3);
  expect(names[1]).toMatch(HASHED);
  expect(databaseLockName('Shop', 'mariadb')).toBe('dbbackup:Shop');
});
