import { expect, test } from 'vitest';
import { before, NO_SPAN } from '../../../../src/run/time/calendar-span.ts';

test.each([
  ['2026-03-31T03:00:00.000Z', { months: 1 }, '2026-02-28T03:00:00.000Z'],
  ['2024-03-31T03:00:00.000Z', { months: 1 }, '2024-02-29T03:00:00.000Z'],
  ['2024-02-29T03:00:00.000Z', { years: 1 }, '2023-02-28T03:00:00.000Z'],
  ['2026-01-15T03:00:00.000Z', { months: 14 }, '2024-11-15T03:00:00.000Z'],
  ['2026-01-15T03:00:00.000Z', { days: 15, hours: 4 }, '2025-12-30T23:00:00.000Z'],
  ['2026-05-31T03:00:00.500Z', { months: 1, days: 1 }, '2026-04-29T03:00:00.500Z'],
])('%s less %j is %s', (at, span, earlier) => {
  expect(before(new Date(at), { ...NO_SPAN, ...span }).toISOString()).toBe(earlier);
});
