import { expect, test } from 'vitest';
import type { SslMode } from '../../../../src/server/connect/connection.ts';
import { tlsProtection } from '../../../../src/server/connect/tls-protection.ts';

test.each<{ host: string; mode: SslMode; encrypted: boolean; is: ReturnType<typeof tlsProtection> }>([
  { host: '127.0.0.1', mode: 'PREFERRED', encrypted: false, is: 'no network' },
  { host: '::1', mode: 'REQUIRED', encrypted: true, is: 'no network' },
  { host: 'localhost', mode: 'PREFERRED', encrypted: false, is: 'no network' },
  { host: 'db.example.com', mode: 'PREFERRED', encrypted: false, is: 'none' },
  { host: 'db.example.com', mode: 'PREFERRED', encrypted: true, is: 'unverified' },
  { host: '192.0.2.1', mode: 'REQUIRED', encrypted: true, is: 'unverified' },
  { host: '192.0.2.1', mode: 'VERIFY_CA', encrypted: true, is: 'verified' },
  { host: 'localhost.example.com', mode: 'VERIFY_IDENTITY', encrypted: true, is: 'verified' },
])('to $host with $mode, encrypted $encrypted: $is', ({ host, mode, encrypted, is }) => {
  const endpoint = { kind: 'tcp', host, port: 3306 } as const;

  expect(tlsProtection({ endpoint, ssl: { mode } }, encrypted)).toBe(is);
});

test('a socket is no network', () => {
  const endpoint = { kind: 'socket', path: '/s' } as const;

  expect(tlsProtection({ endpoint, ssl: { mode: 'PREFERRED' } }, false)).toBe('no network');
});
