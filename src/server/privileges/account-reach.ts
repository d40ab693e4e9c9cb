import type { Server } from '../connect/server.ts';
import { jobOfScratchSchema } from '../../run/scratch-names.ts';
import { parseGrant } from './grant-lines.ts';

/** Every account sees them, and may change nothing in them. */
const OF_EVERYBODY: ReadonlySet<string> = new Set(['information_schema', 'performance_schema']);

/**
 * What an account reaches beside one database: undefined when that is nothing. What cannot be told counts as something.
 *
 * @returns Continues "your account …".
 */
export async function readReach(server: Server, database: string): Promise<string | undefined> {
  const lines = (await server.query('SHOW GRANTS')).map((grant) => String(Object.values(grant)[0]));
  for (const line of lines) {
    const grant = parseGrant(line);
    // Of a role, a proxy, a routine.
    if (grant === undefined) return 'has privileges that are not on a database';
    const isGlobal = grant.scope.kind === 'global' && !grant.revoked;
    if (isGlobal && [...grant.privileges].some((name) => name !== 'USAGE'))
      return 'has privileges on the whole server';
  }
  // By whatever grant: a server shows an account the databases in which it has a privilege.
  const seen = await server.query('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY 1');
  const other = seen
    .map(({ name }) => String(name))
    .find(
      (name) =>
        name !== database && !OF_EVERYBODY.has(name.toLowerCase()) && jobOfScratchSchema(name) === undefined,
    );
  return other === undefined ? undefined : `has privileges on ${other}, too`;
}
