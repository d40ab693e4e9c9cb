import { expect, test } from 'vitest';
import {
  groupOf,
  longFlag,
  settingRow,
  settingsOf,
} from '../../../../src/settings/table/settings-of-command.ts';

test('gives a command its own settings first, then the connection, then those of all', () => {
  const groups = settingsOf('create').map(groupOf);

  expect([...new Set(groups)]).toEqual(['own', 'connection', 'everywhere']);
  expect(groups).toEqual(groups.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
});

const ORDER = ['own', 'connection', 'everywhere'];

test('gives no connection to a command that needs no server', () => {
  expect(settingsOf('list').map(({ key }) => key)).not.toContain('host');
});

test.each([
  ['host', '--host'],
  ['no-color', '--no-color'],
  ['password', 'password'],
] as const)('calls %s %s', (key, name) => {
  expect(longFlag(settingRow(key))).toBe(name);
});
