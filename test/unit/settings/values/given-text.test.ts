import { describe, expect, test } from 'vitest';
import { badValue, isOn, lookup } from '../../../../src/settings/values/given-text.ts';

describe('lookup', () => {
  const values = { compress: 'lzma', dir: '/a', label: 'x', 'allow-empty': true } as const;
  const given = lookup(values, { compress: 'lzma' }, { DBBACKUP_DIR: '/a' });

  test('says where a setting was given', () => {
    expect(given('compress')).toEqual({ text: 'lzma', source: '--compress', isFlag: true });
    expect(given('dir')).toEqual({ text: '/a', source: 'DBBACKUP_DIR', isFlag: false });
    expect(given('label')?.source).toBe('label in a [dbbackup] group');
    expect(given('output')).toBeUndefined();
  });

  test('believes the resolver where it says the source', () => {
    const told = lookup(values, {}, {}, { label: '/root/.my.cnf [dbbackup]' });

    expect(told('label')?.source).toBe('/root/.my.cnf [dbbackup]');
  });

  test('names the source of a bad value', () => {
    expect(badValue(given('compress')!, 'gzip').message).toBe('--compress is "lzma"; it takes gzip.');
  });
});

test('takes a switch that is there for on', () => {
  expect(isOn({ text: '', source: '--allow-empty', isFlag: true })).toBe(true);
  expect(isOn(undefined)).toBe(false);
});
