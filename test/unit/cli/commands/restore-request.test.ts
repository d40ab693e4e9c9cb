import { expect, test } from 'vitest';
import { restoreRequest } from '../../../../src/cli/commands/restore-request.ts';
import { lookup } from '../../../../src/cli/values/given.ts';
import type { Connection } from '../../../../src/model/connection.ts';
import type { FlagValues } from '../../../../src/model/settings.ts';

const CONNECTION: Connection = {
  endpoint: { kind: 'socket', path: '/s' },
  user: 'root',
  password: undefined,
  ssl: { mode: 'PREFERRED' },
  database: undefined,
  sources: {},
};

const request = (reference: string, flags: FlagValues = {}, stdinIsTty = false) =>
  restoreRequest(reference, CONNECTION, lookup(flags, flags, {}), flags, {
    cwd: '/work',
    stdinIsTty,
    cores: 2,
  });

test('makes a safety backup and removes extras unless told otherwise', () => {
  expect(request('latest')).toMatchObject({
    reference: 'latest',
    directory: '/work/backups',
    to: undefined,
    tables: undefined,
    keepExtra: false,
    inPlace: false,
    connections: 2,
    safetyBackup: true,
    allowIncomplete: false,
    lockWaitMs: 0,
  });
  expect(request('latest', { 'no-safety-backup': true, 'keep-extra': true, to: 'b' })).toMatchObject({
    to: 'b',
    keepExtra: true,
    safetyBackup: false,
  });
});

test('refuses to wait for a backup typed at the terminal', () => {
  expect(() => request('-', { to: 'shop' }, true)).toThrow('no backup is piped in');
  expect(request('-', { to: 'shop' })).toMatchObject({ reference: '-' });
});

test.each([
  ['', {}, 'The backup to restore is empty.'],
  ['latest', { to: '' }, '--to is empty.'],
])('refuses what an unset variable leaves: %j %j', (reference, flags, message) => {
  expect(() => request(reference, flags)).toThrow(message);
});
