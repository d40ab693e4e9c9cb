import type { Endpoint, SslMode, SslSettings } from './connection.ts';
import type { Flavour } from './flavour.ts';

/**
 * The mode that holds on this endpoint. Over a unix socket PREFERRED means none: nothing leaves the machine, and
 * MariaDB's clients from 11.4 on would otherwise insist on TLS even there.
 */
export function effectiveSslMode(ssl: SslSettings, endpoint: Endpoint): SslMode {
  return endpoint.kind === 'socket' && ssl.mode === 'PREFERRED' ? 'DISABLED' : ssl.mode;
}

/** Name and value of option-file lines; without a value the option stands alone. */
export type OptionLine = readonly [name: string, value?: string];

/**
 * What a stock client is told about TLS.
 *
 * MySQL's clients take the mode as it is (`--skip-ssl` is gone since 8.4). MariaDB's have no modes: `ssl` alone
 * uses TLS where the server has it (10.11 and 11.8 go on in clear text where it has not), from 11.4 on they
 * verify unless told not to, and only `ssl-verify-server-cert` makes them insist. Seen with MariaDB 10.11 and
 * 11.8 and MySQL 9.7 clients against each server. Hence `sslLimits()`.
 */
export function clientSslLines(
  ssl: SslSettings,
  endpoint: Endpoint,
  flavour: Flavour,
): readonly OptionLine[] {
  const mode = effectiveSslMode(ssl, endpoint);
  const lines: OptionLine[] = flavour === 'mysql' ? [['ssl-mode', mode]] : [...MARIADB_LINES[mode]];
  if (mode === 'DISABLED') return lines;

  // MariaDB before 11.4 checks against an authority as soon as it is named: only where the mode asks for it.
  if (ssl.ca !== undefined && isVerified(mode)) lines.push(['ssl-ca', ssl.ca]);
  if (ssl.cert !== undefined) lines.push(['ssl-cert', ssl.cert]);
  if (ssl.key !== undefined) lines.push(['ssl-key', ssl.key]);
  return lines;
}

const MARIADB_LINES: Readonly<Record<SslMode, readonly OptionLine[]>> = {
  DISABLED: [['skip-ssl']],
  PREFERRED: [['ssl'], ['skip-ssl-verify-server-cert']],
  REQUIRED: [['ssl'], ['skip-ssl-verify-server-cert']],
  VERIFY_CA: [['ssl'], ['ssl-verify-server-cert']],
  VERIFY_IDENTITY: [['ssl'], ['ssl-verify-server-cert']],
};

/** What a client program cannot do of the requested mode, as text for the user; undefined: nothing. */
export function sslLimits(mode: SslMode, flavour: Flavour): string | undefined {
  if (flavour === 'mysql') return undefined;
  if (mode === 'VERIFY_CA') return 'MariaDB clients also check the host name with VERIFY_CA';
  if (mode === 'REQUIRED') {
    return 'MariaDB clients cannot require TLS without checking the certificate; use VERIFY_IDENTITY';
  }
  return undefined;
}

/** mysql2's `ssl` option as plain data. */
export interface DriverSsl {
  /** Paths still, for the adapter to read. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly rejectUnauthorized: boolean;
  /** Whether the certificate must be for this host. */
  readonly verifyIdentity: boolean;
}

/**
 * What mysql2 is told about TLS; undefined: no TLS.
 *
 * mysql2 fails on a server without TLS (`HANDSHAKE_NO_SSL_SUPPORT`). With PREFERRED the caller tries again without.
 */
export function driverSsl(ssl: SslSettings, endpoint: Endpoint): DriverSsl | undefined {
  const mode = effectiveSslMode(ssl, endpoint);
  if (mode === 'DISABLED') return undefined;
  return {
    ca: isVerified(mode) ? ssl.ca : undefined,
    cert: ssl.cert,
    key: ssl.key,
    rejectUnauthorized: isVerified(mode),
    verifyIdentity: mode === 'VERIFY_IDENTITY',
  };
}

function isVerified(mode: SslMode): boolean {
  return mode === 'VERIFY_CA' || mode === 'VERIFY_IDENTITY';
}
