import { describe, expect, test } from 'vitest';
import { clearedBy } from '../../../../src/restore/plan/cleared-objects.ts';
import { NOTHING } from '../../../../src/sql/definitions/object-names.ts';

describe('clearedBy', () => {
  const holds = {
    tables: ['orders', 'scratch', 'was_a_table'],
    views: ['totals', 'was_a_view'],
    routines: ['procedure add_order', 'function scratch'],
    triggers: ['stamp', 'own'],
    events: ['nightly', 'hourly'],
  };
  const brings = {
    tables: ['orders', 'was_a_view'],
    views: ['totals', 'was_a_table'],
    routines: ['procedure add_order', 'procedure scratch'],
    triggers: ['stamp'],
    events: ['nightly'],
  };

  test('clears everything, because the database becomes what the backup holds', () => {
    expect(clearedBy(holds, { brings, spares: NOTHING }, false)).toEqual(holds);
  });

  test('spares what a backup lacks only because it was broken', () => {
    const spares = { ...NOTHING, views: ['was_a_view'], tables: ['scratch'], triggers: ['own'] };

    expect(clearedBy(holds, { brings, spares }, false)).toEqual({
      ...holds,
      tables: ['orders', 'was_a_table'],
      views: ['totals'],
      triggers: ['stamp'],
    });
  });

  test('with --keep-extra clears what stands in the way, a view for a table too', () => {
    expect(clearedBy(holds, { brings, spares: NOTHING }, true)).toEqual({
      tables: ['orders', 'was_a_table'],
      views: ['totals', 'was_a_view'],
      routines: ['procedure add_order'],
      triggers: ['stamp'],
      events: ['nightly'],
    });
  });

  test('with --keep-extra and nothing in the way clears nothing', () => {
    expect(clearedBy(holds, { brings: NOTHING, spares: NOTHING }, true)).toEqual(NOTHING);
  });
});
