import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';

/** The longest statement, and the largest row, that the server takes and gives. */
export async function readAllowedPacketBytes(server: Server): Promise<number> {
  const [row] = await server.query('SELECT @@GLOBAL.max_allowed_packet AS bytes');
  return Number(row?.['bytes']);
}

/** How long the server lets a query run before it ends it; 0: as long as it takes. */
export async function readStatementLimitMs(server: Server): Promise<number> {
  if (server.flavour === 'mysql' && isOlder(server.version, '5.7.8')) return 0; // it knows no such limit
  const limit =
    server.flavour === 'mysql' ? '@@GLOBAL.max_execution_time' : '@@GLOBAL.max_statement_time * 1000';
  const [row] = await server.query(`SELECT ${limit} AS ms`);
  return Number(row?.['ms']);
}
