import { describe, expect, test } from 'vitest';
import { countObjects, isEmpty, NOTHING, without } from '../../../../src/sql/definitions/object-names.ts';
import type { ObjectNames } from '../../../../src/sql/definitions/object-names.ts';

const shop: ObjectNames = {
  tables: ['customers', 'orders'],
  views: ['totals'],
  routines: ['procedure add_order', 'function total'],
  triggers: ['stamp'],
  events: ['nightly'],
};

describe('without', () => {
  test('leaves of each kind what the other does not hold', () => {
    const other = { ...NOTHING, tables: ['orders'], routines: ['function add_order', 'function total'] };

    expect(without(shop, other)).toEqual({
      ...shop,
      tables: ['customers'],
      routines: ['procedure add_order'],
    });
  });

  test('does not take a view for a table of the same name', () => {
    expect(without({ ...NOTHING, tables: ['a'] }, { ...NOTHING, views: ['a'] }).tables).toEqual(['a']);
  });

  test('leaves nothing of itself', () => {
    expect(without(shop, shop)).toEqual(NOTHING);
  });
});

describe('isEmpty', () => {
  test.each(['tables', 'views', 'routines', 'triggers', 'events'] as const)('sees %s', (kind) => {
    expect(isEmpty({ ...NOTHING, [kind]: ['a'] })).toBe(false);
  });

  test('is true of nothing', () => {
    expect(isEmpty(NOTHING)).toBe(true);
  });
});

describe('countObjects', () => {
  test('counts each kind that there is, one as one', () => {
    expect(countObjects(shop)).toBe('2 tables, 1 view, 2 routines, 1 trigger, 1 event');
  });

  test('says nothing of nothing', () => {
    expect(countObjects(NOTHING)).toBe('');
  });
});
