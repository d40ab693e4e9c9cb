import type { SwapScript } from '../../../../src/restore/swap/swap-script.ts';

/** Puts a table with a trigger and a view in the place of two tables. */
export function someSwapScript(changes: Partial<SwapScript> = {}): SwapScript {
  return {
    schema: 'dbbackup/swap/1',
    database: 'shop',
    createsDatabase: false,
    arriving: ['orders'],
    leaving: ['orders', 'scratch'],
    drops: { views: ['totals'], routines: ['procedure add_order'], events: [] },
    defaults: { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
    triggers: [{ kind: 'trigger', name: 'log', settings: { sql_mode: "''" }, statement: 'CREATE TRIGGER …' }],
    preamble: ['SET NAMES utf8mb4'],
    programs: [{ kind: 'view', name: 'totals', settings: {}, statement: "CREATE VIEW … '\xc3\xb6\0\xff'" }],
    ...changes,
  };
}
