import type { Secret } from '../../run/secret.ts';

/** MySQL's five names; see `ssl-options.ts` for what each client program calls them. */
export const SSL_MODES = ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** libpq's names, which Prisma and others use for MySQL too. */
const SSL_MODE_ALIASES: Readonly<Record<string, SslMode>> = {
  DISABLE: 'DISABLED',
  PREFER: 'PREFERRED',
  REQUIRE: 'REQUIRED',
  VERIFY_FULL: 'VERIFY_IDENTITY',
};

/** Any case, `-` for `_`, and libpq's names; undefined for what is no mode. */
export function parseSslMode(text: string): SslMode | undefined {
  const name = text.trim().toUpperCase().replaceAll('-', '_');
  return SSL_MODES.find((mode) => mode === name) ?? SSL_MODE_ALIASES[name];
}

export interface SslSettings {
  readonly mode: SslMode;
  /** Paths of PEM files. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Everything that is needed to reach one server: resolved once, then passed unchanged to every program and query. */
export interface Connection {
  readonly endpoint: Endpoint;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly ssl: SslSettings;
  /** The database that the connection itself names (a URL's path), if any. */
  readonly database: string | undefined;
  /** Why it names none although a URL was given: `DATABASE_URL is ignored because of --host`. */
  readonly noDatabaseBecause?: string | undefined;
  /** Where each value came from, for `-v`: setting key → e.g. `--host`, `DBBACKUP_HOST`, `/root/.my.cnf [client]`. */
  readonly sources: Readonly<Record<string, string>>;
}

export type Endpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Whether the connection uses a network. */
export function isRemote(endpoint: Endpoint): boolean {
  return endpoint.kind === 'tcp' && !/^(127\.|::1$|localhost$)/.test(endpoint.host);
}

/** As a manifest has it. */
export function wayTo(endpoint: Endpoint): { readonly host: string; readonly port: number } {
  return endpoint.kind === 'tcp' ? { host: endpoint.host, port: endpoint.port } : { host: '', port: 0 };
}

/** How messages name a server: `127.0.0.1:3306`, `[::1]:3306` or the socket's path. */
export function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'socket') return endpoint.path;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}
