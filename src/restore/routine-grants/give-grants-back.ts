import { giveRoutineGrants } from '../../server/privileges/read-routine-grants.ts';
import type { Server } from '../../server/connect/server.ts';
import { grantStatement, grantText } from '../../server/privileges/routine-grants.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { RoutineGrant } from '../../server/privileges/routine-grants.ts';

/** Gives missing grants; refusals are reported, with what to type. May be run again. */
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
      `Could not restore the grant ${grantText(grant)}: ${error.message} To do it: ${mode}${grantStatement(database, grant)};`,
    );
  }
}
