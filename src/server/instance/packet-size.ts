import type { Flavour } from '../connect/flavour.ts';

/** The server's own limit for max_allowed_packet. */
const LARGEST_PACKET_BYTES = 1024 ** 3;

/** The max_allowed_packet that takes a statement of this length: the next power of two, as it is usually set. */
export function packetFor(statementBytes: number): number {
  return Math.min(LARGEST_PACKET_BYTES, 2 ** Math.ceil(Math.log2(statementBytes + 1024)));
}

/** What each server has when nobody set it: below it somebody chose to have less than others expect. */
export const DEFAULT_PACKET_BYTES = {
  mariadb: 16 * 1024 ** 2,
  mysql: 64 * 1024 ** 2,
} as const satisfies Record<Flavour, number>;

/**
 * Whether a dump tool is let finish where the server ends long queries: mariadb-dump lifts MariaDB's limit by itself,
 * and a mysqldump that takes a first statement is told to lift MySQL's.
 */
export function liftsStatementLimit(
  server: Flavour,
  tool: { readonly flavour: Flavour; readonly options: ReadonlySet<string> },
): boolean {
  return server === 'mysql' ? tool.options.has('init-command') : tool.flavour === 'mariadb';
}
