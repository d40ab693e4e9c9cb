import { isRemote } from './connection.ts';
import type { Connection } from './connection.ts';

/**
 * What protects the connection: it is local; TLS with a verified server; TLS with an unverified server; nothing.
 */
export function tlsProtection(
  { endpoint, ssl }: Pick<Connection, 'endpoint' | 'ssl'>,
  encrypted: boolean,
): 'no network' | 'verified' | 'unverified' | 'none' {
  if (!isRemote(endpoint)) return 'no network';
  if (!encrypted) return 'none';
  return ssl.mode === 'VERIFY_CA' || ssl.mode === 'VERIFY_IDENTITY' ? 'verified' : 'unverified';
}
