import { describe, expect, test } from 'vitest';
import { clearedBy } from '../../../src/core/restore-plan.ts';
import { NOTHING } from '../../../src/model/object-names.ts';

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
    expect(clearedBy(holds, brings, false)).toEqual(holds);
  });

  test('with --keep-extra clears what stands in the way, a view for a table too', () => {
    expect(clearedBy(holds, brings, true)).toEqual({
      tables: ['orders', 'was_a_table'],
      views: ['totals', 'was_a_view'],
      routines: ['procedure add_order'],
      triggers: ['stamp'],
      events: ['nightly'],
    });
  });

  test('with --keep-extra and nothing in the way clears nothing', () => {
    expect(clearedBy(holds, NOTHING, true)).toEqual(NOTHING);
  });
});
