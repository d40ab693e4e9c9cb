import { expect, test } from 'vitest';
import { OLD_STATE_SCHEMA, type OldState } from '../../../../src/restore/keep/old-state.ts';
import { leavingFor } from '../../../../src/restore/undo/plan-swap-back.ts';
import { NOTHING } from '../../../../src/sql/definitions/object-names.ts';

const HOLDS = {
  ...NOTHING,
  tables: ['customers', 'orders', 'since'],
  views: ['turnover'],
  events: ['nightly'],
};

const STATE: OldState = {
  schema: OLD_STATE_SCHEMA,
  database: 'shop',
  at: 1_800_000_000,
  tables: ['orders'],
  programs: [{ kind: 'view', name: 'turnover', settings: {}, statement: 'CREATE VIEW …' }],
  defaults: { charset: 'utf8mb4' },
  grants: [],
  isWhole: true,
  brought: { ...NOTHING, tables: ['customers'] },
};

test('all that a database holds leaves when all that it held comes back', () => {
  expect(leavingFor(STATE, HOLDS)).toEqual(HOLDS);
});

test('of single tables those leave that come back, and those that the restore brought', () => {
  expect(leavingFor({ ...STATE, isWhole: false }, HOLDS)).toEqual({
    ...NOTHING,
    tables: ['orders', 'customers'],
    views: ['turnover'],
  });
});
