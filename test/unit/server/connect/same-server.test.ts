import { expect, test } from 'vitest';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import { sameServer } from '../../../../src/server/connect/same-server.ts';

const OVER_TCP: Pick<Connection, 'endpoint' | 'user' | 'ssl'> = {
  endpoint: { kind: 'tcp', host: 'db', port: 3307 },
  user: 'root',
  ssl: { mode: 'PREFERRED' },
};

test('names the server whole, with the user and the mode of TLS', () => {
  expect(sameServer(OVER_TCP, {}, []).join(' ')).toBe(
    '--host db --port 3307 --user root --ssl-mode PREFERRED',
  );
});

test('names a socket, whose mode of TLS is worth a word only when it is another than usual', () => {
  const endpoint = { kind: 'socket', path: '/run/s' } as const;

  expect(sameServer({ ...OVER_TCP, endpoint }, {}, []).join(' ')).toBe('--socket /run/s --user root');
  expect(sameServer({ ...OVER_TCP, endpoint, ssl: { mode: 'REQUIRED' } }, {}, []).join(' ')).toBe(
    '--socket /run/s --user root --ssl-mode REQUIRED',
  );
});

test('names every file that was needed, and where the password was', () => {
  const ssl = { mode: 'VERIFY_CA', ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' } as const;
  const files = { defaultsFile: '/a.cnf', extraFile: '/b.cnf', groupSuffix: '_x' };

  expect(sameServer({ ...OVER_TCP, ssl }, files, ['--password-file', '/p'])).toEqual([
    ...['--defaults-file', '/a.cnf', '--defaults-extra-file', '/b.cnf', '--defaults-group-suffix', '_x'],
    ...['--host', 'db', '--port', '3307', '--user', 'root', '--password-file', '/p'],
    ...['--ssl-mode', 'VERIFY_CA', '--ssl-ca', '/ca.pem', '--ssl-cert', '/cert.pem', '--ssl-key', '/key.pem'],
  ]);
});

test('takes a user without a name for none', () => {
  expect(sameServer({ ...OVER_TCP, user: '' }, {}, [])).not.toContain('--user');
});
