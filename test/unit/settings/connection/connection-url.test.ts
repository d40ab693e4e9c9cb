import { describe, expect, test } from 'vitest';
import { parseConnectionUrl } from '../../../../src/settings/connection/connection-url.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';

function parse(url: string) {
  const { target, user, password, database } = parseConnectionUrl(url, 'DATABASE_URL');
  return { target, user, password: password?.reveal(), database };
}

const tcp = (host: string, port = 3306) => ({ kind: 'tcp', host, port });

describe('parseConnectionUrl', () => {
  test.each([
    'mysql://ann:pw@db:3307/shop',
    'MariaDB://ann:pw@db:3307/shop',
    'mysql2://ann:pw@db:3307/shop?reconnect=true',
    'jdbc:mysql://ann:pw@db:3307/shop',
    'jdbc:mariadb://db:3307/shop?user=ann&password=pw',
    'mysql+pymysql://ann:pw@db:3307/shop?charset=utf8mb4',
    ' mysql://ann:pw@db:3307/shop?connection_limit=5#x ',
  ])('reads %s', (url) => {
    expect(parse(url)).toEqual({ target: tcp('db', 3307), user: 'ann', password: 'pw', database: 'shop' });
  });

  test.each<[string, string, object]>([
    ['a host without a port', 'mysql://db', tcp('db')],
    ['an address', 'mysql://127.0.0.1/', tcp('127.0.0.1')],
    ['an IPv6 address in brackets', 'mysql://u@[fe80::1]:33/', tcp('fe80::1', 33)],
    ['a bare IPv6 address with the default port', 'mysql://[::1]/x', tcp('::1')],
    ['localhost with a port as TCP', 'mysql://localhost:3306/', tcp('127.0.0.1')],
    ['localhost as the local socket', 'mysql://u@localhost/shop', { kind: 'local' }],
    ['no host as the local socket', 'mysql:///shop', { kind: 'local' }],
    [
      'a socket parameter',
      'mysql://u@localhost/shop?socket=/tmp/a.sock',
      { kind: 'socket', path: '/tmp/a.sock' },
    ],
    ['PyMySQL’s socket parameter', 'mysql:///?unix_socket=%2Ftmp%2Fa', { kind: 'socket', path: '/tmp/a' }],
    [
      'an encoded socket as the host',
      'mysql://u:p@%2Ftmp%2Fa.sock/shop',
      { kind: 'socket', path: '/tmp/a.sock' },
    ],
    [
      'mysqlsh’s socket in parentheses',
      'mysql://u:p@(/tmp/a.sock)/shop',
      { kind: 'socket', path: '/tmp/a.sock' },
    ],
  ])('understands %s', (_, url, target) => {
    expect(parse(url).target).toEqual(target);
  });

  test('decodes user, password and database', () => {
    expect(parse('mysql://a%40b:p%3A%2F%25%F0%9F%98%80@db/my%20shop')).toMatchObject({
      user: 'a@b',
      password: 'p:/%😀',
      database: 'my shop',
    });
  });

  test('keeps what a password holds raw, as far as it is clear', () => {
    expect(parse('mysql://u:a@b:c@db/').password).toBe('a@b:c');
  });

  test('fills nothing in', () => {
    expect(parse('mysql://db')).toMatchObject({ user: undefined, password: undefined, database: undefined });
    expect(parse('mysql://u:@db/')).toMatchObject({ user: 'u', password: undefined });
  });

  test.each<[string, string, RegExp]>([
    ['PostgreSQL', 'postgres://u:secret@db/x', /another kind of database \(postgres\)/],
    ['PostgreSQL behind jdbc:', 'jdbc:postgresql://db/x?password=secret', /another kind/],
    ['SQLite', 'sqlite:secret', /another kind/],
    ['no scheme', 'u:secret@db/x', /not a MySQL or MariaDB URL/],
    ['a DNS +srv URL', 'mysql+srv://u:secret@db/x', /not a MySQL or MariaDB URL/],
    ['a password with a raw slash', 'mysql://u:se/cret@db/x', /an @ after the host/],
    ['a password with a raw hash', 'mysql://u:123#secret@db/x', /an @ after the host/],
    ['a password with a raw question mark', 'mysql://u:123?secret@db/x', /an @ after the host/],
    ['a stray percent sign', 'mysql://u:secret%@db/x', /followed by two hexadecimal digits/],
    ['port 0', 'mysql://u:secret@db:0/x', /from 1 to 65535/],
    ['port 65536', 'mysql://u:secret@db:65536/x', /from 1 to 65535/],
    ['several hosts', 'mysql://u:secret@a,b/x', /several hosts/],
    ['IPv6 without brackets', 'mysql://u:secret@::1/x', /ambiguous host/],
    ['a space in the host', 'mysql://u:secret@d%20b/x', /ambiguous host/],
    ['a host and a socket', 'mysql://u:secret@db/x?socket=/tmp/secret', /a host and a socket/],
    ['two path segments', 'mysql://u:secret@db/x/y', /more than one \//],
  ])('refuses %s without repeating the URL', (_, url, message) => {
    const error = refusal(url);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('DATABASE_URL');
    expect(`${error.message} ${error.hint ?? ''}`).not.toMatch(/secret|cret@/);
    expect(error.code).toBe('usage');
  });
});

function refusal(url: string): DbBackupError {
  try {
    parseConnectionUrl(url, 'DATABASE_URL');
  } catch (error) {
    if (error instanceof DbBackupError) return error;
    throw error;
  }
  throw new Error('was accepted');
}
