import { describe, expect, test } from 'vitest';
import { type Endpoint, SSL_MODES, type SslMode } from '../../../../src/server/connect/connection.ts';
import {
  clientSslLines,
  driverSsl,
  effectiveSslMode,
  sslLimits,
} from '../../../../src/server/connect/ssl-options.ts';

const TCP: Endpoint = { kind: 'tcp', host: 'db', port: 3306 };
const SOCKET: Endpoint = { kind: 'socket', path: '/s' };
const files = { ca: '/ca', cert: '/c', key: '/k' };

test('PREFERRED over a socket means no TLS, any other mode holds there too', () => {
  expect(SSL_MODES.map((mode) => effectiveSslMode({ mode }, SOCKET))).toEqual(SSL_MODES.with(1, 'DISABLED'));
  expect(SSL_MODES.map((mode) => effectiveSslMode({ mode }, TCP))).toEqual(SSL_MODES);
});

describe('clientSslLines', () => {
  test.each<[SslMode, string[]]>([
    ['DISABLED', ['skip-ssl']],
    ['PREFERRED', ['ssl', 'skip-ssl-verify-server-cert']],
    ['REQUIRED', ['ssl', 'skip-ssl-verify-server-cert']],
    ['VERIFY_CA', ['ssl', 'ssl-verify-server-cert']],
    ['VERIFY_IDENTITY', ['ssl', 'ssl-verify-server-cert']],
  ])('tells MariaDB clients %s in their words', (mode, names) => {
    expect(clientSslLines({ mode }, TCP, 'mariadb')).toEqual(names.map((name) => [name]));
  });

  test.each(SSL_MODES)('tells MySQL clients %s as it is', (mode) => {
    expect(clientSslLines({ mode }, TCP, 'mysql')).toEqual([['ssl-mode', mode]]);
  });

  test('tells MariaDB clients to do without TLS on a socket, where newer ones would insist', () => {
    expect(clientSslLines({ mode: 'PREFERRED' }, SOCKET, 'mariadb')).toEqual([['skip-ssl']]);
  });

  test('names the authority only where it is to be checked, and no file without TLS', () => {
    const names = (mode: SslMode) => clientSslLines({ mode, ...files }, TCP, 'mysql').map(([name]) => name);
    expect(names('VERIFY_CA')).toEqual(['ssl-mode', 'ssl-ca', 'ssl-cert', 'ssl-key']);
    expect(names('REQUIRED')).toEqual(['ssl-mode', 'ssl-cert', 'ssl-key']);
    expect(names('DISABLED')).toEqual(['ssl-mode']);
  });
});

describe('driverSsl', () => {
  test.each<[SslMode, object | undefined]>([
    ['DISABLED', undefined],
    ['PREFERRED', { ca: undefined, rejectUnauthorized: false, verifyIdentity: false }],
    ['REQUIRED', { ca: undefined, rejectUnauthorized: false, verifyIdentity: false }],
    ['VERIFY_CA', { ca: '/ca', rejectUnauthorized: true, verifyIdentity: false }],
    ['VERIFY_IDENTITY', { ca: '/ca', rejectUnauthorized: true, verifyIdentity: true }],
  ])('translates %s', (mode, expected) => {
    const ssl = driverSsl({ mode, ...files }, TCP);
    if (expected === undefined) expect(ssl).toBeUndefined();
    else expect(ssl).toEqual({ cert: '/c', key: '/k', ...expected });
  });

  test('uses no TLS over a socket unless it is asked for', () => {
    expect(driverSsl({ mode: 'PREFERRED' }, SOCKET)).toBeUndefined();
    expect(driverSsl({ mode: 'REQUIRED' }, SOCKET)).toBeDefined();
  });
});

test('sslLimits says what MariaDB clients cannot do', () => {
  expect(sslLimits('REQUIRED', 'mariadb')).toContain('cannot require');
  expect(sslLimits('VERIFY_CA', 'mariadb')).toContain('host name');
  expect(sslLimits('VERIFY_IDENTITY', 'mariadb')).toBeUndefined();
  expect(sslLimits('REQUIRED', 'mysql')).toBeUndefined();
});
