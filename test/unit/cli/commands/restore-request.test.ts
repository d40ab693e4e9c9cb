import { expect, test } from 'vitest';
import { restoreRequest } from '../../../../src/cli/commands/restore-request.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import { joinValues } from '../../../../src/settings/values/repeated.ts';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';

const CONNECTION: Connection = {
  endpoint: { kind: 'socket', path: '/s' },
  user: 'root',
  password: undefined,
  ssl: { mode: 'PREFERRED' },
  database: undefined,
  sources: {},
};

const request = (reference: string | undefined, flags: FlagValues = {}, stdinIsTty = false) =>
  restoreRequest(reference, CONNECTION, lookup(flags, flags, {}), ['--dir', '/work/backups'], {
    cwd: '/work',
    program: 'dbbackup',
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
    skipAccounts: false,
    lockWaitMs: 0,
  });
  expect(request('latest', { 'no-safety-backup': true, 'keep-extra': true, to: 'b' })).toMatchObject({
    to: 'b',
    keepExtra: true,
    safetyBackup: false,
  });
});

test('asks which backup, and says where to look', () => {
  expect(() => request(undefined)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'No backup given.',
      hint: expect.stringContaining('dbbackup list'),
    }),
  );
});

test('takes several tables, each once, and how many connections load', () => {
  const flags = { table: joinValues('orders', 'a,b', 'orders'), jobs: '5', 'in-place': true } as const;

  expect(request('latest', flags)).toMatchObject({
    tables: ['orders', 'a,b'],
    connections: 5,
    inPlace: true,
  });
});

test('refuses to wait for a backup typed at the terminal', () => {
  expect(() => request('-', { to: 'shop' }, true)).toThrow('no backup was piped in');
  expect(request('-', { to: 'shop' })).toMatchObject({ reference: '-' });
});

test.each([
  ['', {}, 'The backup to restore is empty.'],
  ['latest', { to: '' }, '--to is empty.'],
  ['latest', { table: '' }, '--table is empty.'],
])('refuses what an unset variable leaves: %j %j', (reference, flags, message) => {
  expect(() => request(reference, flags)).toThrow(message);
});
