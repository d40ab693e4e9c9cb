import { expect, test } from 'vitest';
import { extractRequest } from '../../../../../src/cli/commands/contents/extract-request.ts';
import type { SettingKey } from '../../../../../src/settings/table/settings-table.ts';
import { joinValues } from '../../../../../src/settings/values/repeated.ts';

const requested = (values: Partial<Record<SettingKey, string>> = {}, reference = 'shop/latest') =>
  extractRequest(
    reference,
    (key) => {
      const text = values[key];
      return text === undefined ? undefined : { text, source: `--${key}`, isFlag: true };
    },
    '/work',
  );

test('is all of a backup, to stdout, unless something else is said', () => {
  expect(requested()).toEqual({
    reference: 'shop/latest',
    directory: '/work/backups',
    tables: undefined,
    only: undefined,
    destination: { kind: 'stdout' },
  });
  expect(
    requested({ table: joinValues('a', 'b'), 'data-only': '', output: 'x.sql', dir: '/b' }),
  ).toMatchObject({
    ...{ directory: '/b', tables: ['a', 'b'], only: 'data' },
    destination: { kind: 'file', path: '/work/x.sql' },
  });
  expect(requested({ 'schema-only': '', output: '-' })).toMatchObject({
    ...{ only: 'schema', destination: { kind: 'stdout' } },
  });
});

test.each<[Partial<Record<SettingKey, string>>, string]>([
  [{ 'schema-only': '', 'data-only': '' }, '--schema-only and --data-only were both given.'],
  [{ output: 'x.sql.gz' }, 'extract writes plain SQL, but the name of /work/x.sql.gz says gzip.'],
  [{ json: '' }, 'With --json the SQL cannot go to stdout, too.'],
  [{ json: '', output: '-' }, 'With --json the SQL cannot go to stdout, too.'],
  [{ table: '' }, '--table is empty.'],
])('refuses %j', (values, message) => {
  expect(() => requested(values)).toThrow(expect.objectContaining({ code: 'usage', message }));
});

test('refuses no backup', () => {
  expect(() => requested({}, '')).toThrow('The backup to extract is empty.');
});
