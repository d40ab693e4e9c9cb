import { describe, expect, test } from 'vitest';
import { renderClientOptionFile } from '../../../src/programs/client-option-file.ts';
import type { Connection } from '../../../src/server/connect/connection.ts';
import { parseOptionFile } from '../../../src/settings/option-files/parse-option-file.ts';
import { Secret } from '../../../src/run/secret.ts';

const MYSQL = { flavour: 'mysql', version: '9.7.4' } as const;
const MARIADB = { flavour: 'mariadb', version: '11.8.6' } as const;

describe('renderClientOptionFile', () => {
  test('holds the whole connection over TCP', () => {
    expect(renderClientOptionFile(connection({}), MARIADB)).toBe(
      [
        '[client]',
        'protocol="tcp"',
        'host="db"',
        'port="3306"',
        'user="ann"',
        'password="pw"',
        'ssl',
        'skip-ssl-verify-server-cert',
        '',
      ].join('\n'),
    );
  });

  test('names localhost beside a socket, so that MYSQL_HOST cannot lead elsewhere', () => {
    const text = renderClientOptionFile(
      connection({ endpoint: { kind: 'socket', path: '/tmp/a b.sock' } }),
      MYSQL,
    );
    expect(text).toContain('protocol="socket"\nhost="localhost"\nsocket="/tmp/a b.sock"\n');
  });

  test('tells MariaDB’s library what to set first, in a connection string for a host', () => {
    const text = renderClientOptionFile(connection({}), MARIADB, [
      "sql_big_selects = 'ON'",
      'wait_timeout = 9',
    ]);
    expect(text).toContain(
      `\nhost="host={db};init-command={SET SESSION sql_big_selects = 'ON', wait_timeout = 9}"\nport="3306"\n`,
    );
  });

  test('writes an empty password when there is none, so that MYSQL_PWD is not taken', () => {
    expect(renderClientOptionFile(connection({ password: undefined }), MYSQL)).toContain('\npassword=""\n');
  });

  test('lets MySQL clients ask for the server’s key only where TLS was switched off', () => {
    const asks = (change: Partial<Connection>) =>
      renderClientOptionFile(connection(change), MYSQL).includes('loose-get-server-public-key');
    expect(asks({ ssl: { mode: 'DISABLED' } })).toBe(true);
    expect(asks({ ssl: { mode: 'PREFERRED' } })).toBe(false);
    expect(asks({ ssl: { mode: 'REQUIRED' } })).toBe(false);
    expect(asks({ ssl: { mode: 'DISABLED' }, endpoint: { kind: 'socket', path: '/s' } })).toBe(false);
  });

  // Logged in with all of them on MariaDB 10.11, 11.8 and MySQL 9.7, with each client.
  test.each([
    'a b ',
    ' lead',
    'p#w',
    'q"x',
    "q'x",
    '"both"',
    "'b'",
    '\\',
    'a\\',
    '\\s\\n',
    '%41%',
    '$x`y`',
    'é😀à',
    ';c',
    '#',
    '""',
    '\\"',
    'tab\tx',
    'cr\rx',
    '=a=',
    '[x]',
    'x'.repeat(1000),
  ])('carries the password %j', (password) => {
    const text = renderClientOptionFile(connection({ password: new Secret(password) }), MYSQL);
    const lines = parseOptionFile(text, 'x');
    expect(lines.find((line) => line.kind === 'option' && line.name === 'password')).toMatchObject({
      value: password,
    });
  });

  test.each(['a\nb', 'a\0b'])('refuses %j, which no option file can hold, without showing it', (password) => {
    const render = () => renderClientOptionFile(connection({ password: new Secret(password) }), MYSQL);
    expect(render).toThrow('The password contains a newline or a NUL, which the MySQL clients cannot take.');
    expect(render).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

function connection(change: Partial<Connection>): Connection {
  return {
    endpoint: { kind: 'tcp', host: 'db', port: 3306 },
    user: 'ann',
    password: new Secret('pw'),
    ssl: { mode: 'PREFERRED' },
    database: undefined,
    sources: {},
    ...change,
  };
}
