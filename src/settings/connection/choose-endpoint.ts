import type { Endpoint } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';

/** A value with its source. */
export interface Given {
  readonly value: string;
  /** For users: `--host`, `DBBACKUP_HOST`, `/root/.my.cnf [client]`. */
  readonly source: string;
  /** The higher wins: flags over `DBBACKUP_*` over later option files over earlier ones over `MYSQL_*`. */
  readonly rank: number;
}

export const RANK = {
  mysqlVariable: 0,
  firstOptionFile: 1,
  environment: 1_000_000,
  flag: 2_000_000,
} as const;

export interface EndpointChoice {
  /** undefined: the server's default socket, wherever it is on this machine. */
  readonly endpoint: Endpoint | undefined;
  /** By setting key; only of values that are used. */
  readonly sources: Readonly<Record<string, string>>;
}

/**
 * Where to connect, as `mysql` decides it, with one exception: `localhost` with a port that was named in the same
 * place, or in a stronger one, means TCP. `mysql` uses the socket then, and so reaches another server than the user
 * meant when two run on one machine.
 *
 * @throws {DbBackupError} `usage` for a port that is none, or a socket together with another host.
 */
export function chooseEndpoint(given: {
  readonly host: Given | undefined;
  readonly port: Given | undefined;
  readonly socket: Given | undefined;
  /** `tcp` or `socket`, from option files. */
  readonly protocol: Given | undefined;
}): EndpointChoice {
  const { host, port, socket } = given;
  const name = host?.value.replace(/^\[(.*)\]$/, '$1');

  if (host !== undefined && name !== undefined && !isLocal(name) && !outranksHost(socket, host)) {
    return {
      endpoint: { kind: 'tcp', host: name, port: readPort(port) },
      sources: { host: host.source, port: port?.source ?? 'default' },
    };
  }

  const local = host === undefined ? {} : { host: host.source };
  const reason = reasonForTcp(given);
  if (reason !== undefined) {
    return {
      endpoint: { kind: 'tcp', host: '127.0.0.1', port: readPort(port) },
      sources: { host: `TCP, because of ${reason.source}`, port: port?.source ?? 'default' },
    };
  }
  if (socket === undefined) return { endpoint: undefined, sources: { ...local, socket: 'default' } };
  return { endpoint: { kind: 'socket', path: socket.value }, sources: { ...local, socket: socket.source } };
}

/**
 * Option files name a socket for all local connections; only a flag or our own variable means this one connection.
 */
function outranksHost(socket: Given | undefined, host: Given): boolean {
  if (socket === undefined || socket.rank < RANK.environment || socket.rank < host.rank) return false;
  if (socket.rank === host.rank) {
    throw new DbBackupError('usage', `${socket.source} and ${host.source} name two different servers.`, {
      hint: 'leave one of them out; a socket file needs no host, or localhost',
    });
  }
  return true;
}

/** What sends a local connection over TCP; undefined: nothing, so the socket is used. */
function reasonForTcp({
  host,
  port,
  socket,
  protocol,
}: Parameters<typeof chooseEndpoint>[0]): Given | undefined {
  const socketRank = socket?.rank ?? -1;
  if (protocol?.value.toLowerCase() === 'tcp' && socketRank < RANK.environment) return protocol;
  return port !== undefined && port.rank > socketRank && port.rank >= (host?.rank ?? -1) ? port : undefined;
}

function isLocal(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '';
}

function readPort(port: Given | undefined): number {
  if (port === undefined) return 3306;
  const value = port.value.trim();
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > 65_535) {
    throw new DbBackupError('usage', `The port from ${port.source} is not a number from 1 to 65535.`, {
      hint: 'use --port 3306, or leave it out',
    });
  }
  return number;
}
