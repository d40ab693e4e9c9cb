import { describe, expect, test } from 'vitest';
import { storedObjectDigests } from '../../../src/dump/stored-object-digests.ts';

const digest = (text: string, ...databases: string[]) =>
  storedObjectDigests([{ kind: 'view', name: 'v', text }], databases)['view v'];

describe('programDigests', () => {
  test('are those of the text', () => {
    expect(digest('SELECT 1', 'shop')).toMatch(/^[0-9a-f]{64}$/);
    expect(digest('SELECT 1', 'shop')).not.toBe(digest('SELECT 2', 'shop'));
    expect(storedObjectDigests([], ['shop'])).toEqual({});
  });

  test.each([
    ['select `shop`.`t`.`id` from `shop`.`t`', 'select `stage`.`t`.`id` from `stage`.`t`'],
    ['select shop.t.id, shop . t.n', 'select `stage`.t.id, `stage` . t.n'],
    ["select shop.f() -- it's in shop.t", "select `stage`.f() -- it's in shop.t"],
    ['select SHOP.t.id', 'select `stage`.t.id'],
  ])('do not depend on what the database is called: %s', (was, is) => {
    expect(digest(is, 'shop', 'stage')).toBe(digest(was, 'shop'));
  });

  test('take a name for what it is, whatever signs are in it', () => {
    expect(digest('select `a.b``$`.`t`', 'a.b`$')).toBe(digest('select `t`', 'x'));
    expect(digest('select `axb`.`t`', 'a.b')).not.toBe(digest('select `t`', 'a.b'));
  });

  test('depend on the names of other databases, and on names that end like the own', () => {
    expect(digest('select `other`.`t`', 'shop')).not.toBe(digest('select `t`', 'shop'));
    expect(digest('select workshop.t', 'shop')).not.toBe(digest('select workt', 'shop'));
  });
});
