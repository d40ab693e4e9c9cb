import { giveRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import type { Server } from '../../server/connect/server.ts';
import { grantStatement, grantText } from '../../server/privileges/routine-grants.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';

/** Gives what is wanted and not there; what the server refuses is told, with what to type. May be run again. */
export async function giveGrantsBack(
  server: Server,
  database: string,
  grants: readonly RoutineGrant[],
  onWarning: (message: string) => void,
): Promise<void> {
  for (const { grant, error } of await giveRoutineGrants(server, database, grants)) {
    const mode = objectNamed(grant.routine).kind.startsWith('package')
      ? "SET SESSION sql_mode = 'ORACLE'; "
      : '';
    onWarning(
      `Could not give back ${grantText(grant)}: ${error.message} To do it: ${mode}${grantStatement(database, grant)};`,
    );
  }
}
