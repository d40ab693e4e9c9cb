import { expect, test } from 'vitest';
import { makesGood } from '../../../../src/jobs/record/in-place-journal.ts';

test.each([
  { later: 'a whole restore', tables: undefined, cutOff: undefined, good: true },
  { later: 'a whole restore', tables: undefined, cutOff: ['orders'], good: true },
  { later: 'one of other tables', tables: ['goods'], cutOff: ['orders'], good: false },
  { later: 'one of the same tables', tables: ['goods', 'orders'], cutOff: ['orders'], good: true },
  { later: 'one of single tables', tables: ['goods'], cutOff: undefined, good: false },
])('$later makes good one of $cutOff that was cut off: $good', ({ tables, cutOff, good }) => {
  expect(makesGood(tables, { restoreCommand: 'dbbackup restore shop/latest', tables: cutOff })).toBe(good);
});
