import { expect, test } from 'vitest';
import { typedServer } from '../../../../src/cli/arguments/typed-server.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';

const WORLD = { env: {}, cwd: '/site', homeDirectory: '/root' };

test('is what was typed, from any folder', () => {
  const flags: FlagValues = {
    ...{ host: 'db', port: '3307', user: '-odd', 'ssl-ca': 'ca.pem', 'ask-password': true as const },
    ...{ 'defaults-extra-file': 'my.cnf', dir: 'backups', profile: 'night' },
  };
  expect(typedServer(flags, WORLD)).toEqual([
    ...['--defaults-extra-file', '/site/my.cnf', '--defaults-group-suffix', '_night'],
    ...['--host', 'db', '--port', '3307', '--user=-odd', '--ask-password', '--ssl-ca', '/site/ca.pem'],
  ]);
});

test('is nothing where nothing was typed', () => {
  expect(typedServer({}, WORLD)).toEqual([]);
});

test('never is a password', () => {
  expect(typedServer({ url: 'mysql://me:secret@db/shop' }, WORLD)).toEqual([]);
  expect(typedServer({ url: 'mysql://me@db/shop' }, WORLD)).toEqual(['--url', 'mysql://me@db/shop']);
});
