import type { Server } from '../connect/server.ts';

/** Those of these session variables, in lower case, that the server does not have. */
export async function readUnknownVariables(
  server: Server,
  names: readonly string[],
): Promise<readonly string[]> {
  const marks = names.map(() => '?').join(', ');
  const rows = await server.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${marks})`, names);
  const known = new Set(rows.map((row) => String(row['Variable_name']).toLowerCase()));
  return names.filter((name) => !known.has(name));
}
