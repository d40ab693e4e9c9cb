import { expect, test } from 'vitest';
import { isAmongRoutines, OBJECT_KINDS, refusedText } from '../../../../src/server/catalog/object-kinds.ts';

test('no kind and no counter of a server stands in the table twice', () => {
  const kinds = OBJECT_KINDS.map(({ kind }) => kind);
  const counters = OBJECT_KINDS.map(({ counter }) => counter).filter((counter) => counter !== '');

  expect(new Set(kinds).size).toBe(kinds.length);
  expect(new Set(counters).size).toBe(counters.length);
});

test('what is refused is named with its kind', () => {
  expect(
    refusedText([
      { kind: 'library', name: 'lib' },
      { kind: 'materialized view', name: 'totals' },
    ]),
  ).toBe('library lib, materialized view totals');
});

test.each([
  ['library', true],
  ['routine in another language than SQL', true],
  ['materialized view', false],
] as const)('a %s is left out with the routines: %s', (kind, among) => {
  expect(isAmongRoutines({ kind, name: 'x' })).toBe(among);
});
