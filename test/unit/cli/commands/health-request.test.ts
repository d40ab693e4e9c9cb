import { expect, test } from 'vitest';
import {
  healthFormat,
  healthThresholds,
  refuseNamesOfAll,
} from '../../../../src/cli/commands/health-request.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';

const thresholds = (flags: FlagValues) => healthThresholds(lookup(flags, flags, {}));

test('what is asked for is checked, and nothing else but age and size', () => {
  expect(thresholds({})).toEqual({
    ...{ maxAgeMs: 93_600_000, maxSizeDrop: 0.5 },
    ...{ maxVerifyAgeMs: undefined, maxRehearsalAgeMs: undefined, minCopies: undefined },
  });
  expect(
    thresholds({
      ...{ 'max-age': '8d', 'max-size-drop': '90%', 'max-verify-age': '1d', 'max-rehearsal-age': '31d' },
      'min-copies': '2',
    }),
  ).toEqual({
    ...{ maxAgeMs: 691_200_000, maxSizeDrop: 0.9, maxVerifyAgeMs: 86_400_000 },
    ...{ maxRehearsalAgeMs: 2_678_400_000, minCopies: 2 },
  });
});

test.each<[flags: FlagValues, format: string]>([
  [{}, 'text'],
  [{ json: true }, 'json'],
  [{ format: 'nagios' }, 'nagios'],
  [{ json: true, format: 'json' }, 'json'],
])('%j is told as %s', (flags, format) => {
  expect(healthFormat(flags)).toBe(format);
});

test('formats that do not exist, or not together, are refused', () => {
  expect(() => healthFormat({ format: 'icinga' })).toThrow(
    '--format is "icinga"; it takes text, json, nagios or prometheus.',
  );
  expect(() => healthFormat({ json: true, format: 'nagios' })).toThrow(
    '--json and --format nagios were both given.',
  );
});

test('names and -A are refused together', () => {
  expect(() => refuseNamesOfAll(['shop'], { 'all-databases': true })).toThrow('were both given');
  refuseNamesOfAll([], { 'all-databases': true });
  refuseNamesOfAll(['shop'], {});
});
