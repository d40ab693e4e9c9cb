/** What a server says of itself; the same by whatever way it is reached. */
export interface ServerIdentity {
  /** Tells it from any other. undefined: it does not say, or nobody asked (release 0.1.0). */
  readonly identity?: string | undefined;
  /** Its own host name and port: `db1:3306`. */
  readonly name?: string | undefined;
}

/** A server with the way to it, as a manifest has it. */
export interface KnownServer extends ServerIdentity {
  /** Empty over a socket. */
  readonly host: string;
  /** 0 over a socket. */
  readonly port: number;
}

/** Whether two are different servers for certain. */
export function isAnotherServer(one: ServerIdentity, other: ServerIdentity): boolean {
  return one.identity !== undefined && other.identity !== undefined && one.identity !== other.identity;
}

/** Whether two are one server, as far as can be told: by what they say, else by the way to them. */
export function isSameServer(one: KnownServer, other: KnownServer): boolean {
  if (one.identity !== undefined && other.identity !== undefined) return one.identity === other.identity;
  return one.host === other.host && one.port === other.port;
}

/** How messages name it: as it was reached, and by its own name where that does not tell the machine. */
export function serverText({ host, port, name }: KnownServer): string {
  if (host === '') return name ?? 'a socket';
  const reached = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return name === undefined || name === reached ? reached : `${reached} (${name})`;
}
