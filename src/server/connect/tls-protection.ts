import { isRemote } from './connection.ts';
import type { Connection } from './connection.ts';

/**
 * What protects the way to the server: it goes over no network; TLS whose other end is known; TLS with whoever
 * answers; nothing.
 */
export function tlsProtection(
  { endpoint, ssl }: Pick<Connection, 'endpoint' | 'ssl'>,
  encrypted: boolean,
): 'no network' | 'verified' | 'unverified' | 'none' {
  if (!isRemote(endpoint)) return 'no network';
  if (!encrypted) return 'none';
  return ssl.mode === 'VERIFY_CA' || ssl.mode === 'VERIFY_IDENTITY' ? 'verified' : 'unverified';
}
