import { expect, test } from 'vitest';
import { sameServer } from '../../../src/cli/same-server.ts';

test('repeats what was typed for directory and server, and nothing else', () => {
  const flags = { host: 'db', port: '3307', 'ask-password': true, dir: 'b', to: 'x', quiet: true } as const;

  expect(sameServer(flags, '/work/b')).toEqual([
    '--dir',
    '/work/b',
    '--host',
    'db',
    '--port',
    '3307',
    '--ask-password',
  ]);
});

test('names the backup directory although it was not typed, and nothing else', () => {
  expect(sameServer({}, '/work/backups')).toEqual(['--dir', '/work/backups']);
});

test.each([
  ['mysql://root@db/shop', ['--url', 'mysql://root@db/shop']],
  ['mysql://root:se:c@ret@db/shop', ['--url', 'mysql://root@db/shop', '--ask-password']],
])('asks for the password of a URL again instead of showing it: %s', (url, words) => {
  expect(sameServer({ url }, '/b')).toEqual(['--dir', '/b', ...words]);
});
