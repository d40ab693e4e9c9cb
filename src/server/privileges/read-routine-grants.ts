// What a server knows of privileges on single routines, and how they are given.
import { DbBackupError } from '../../run/errors.ts';
import { grantStatement } from './routine-grants.ts';
import { grantsWithout } from './routine-grants.ts';
import type { RoutineGrant } from './routine-grants.ts';
import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';
import { ServerStatementError } from '../connect/server-failures.ts';

/**
 * All on routines of a database; also on such as were dropped with their database, which takes no grants along.
 *
 * @returns undefined when our account may not know.
 */
export async function readRoutineGrants(
  server: Server,
  database: string,
): Promise<readonly RoutineGrant[] | undefined> {
  try {
    const rows = await server.query(
      `SELECT Routine_type AS type, Routine_name AS name, User AS user, Host AS host, Proc_priv AS privileges
         FROM mysql.procs_priv WHERE Db = ? ORDER BY 1, 2, 3, 4`,
      [database],
    );
    return rows.map((row) => ({
      routine: `${String(row['type']).toLowerCase()} ${String(row['name'])}`,
      user: String(row['user']),
      host: String(row['host']),
      privileges: String(row['privileges']).split(',').filter(Boolean).map(privilegeName),
    }));
  } catch (error) {
    if (error instanceof DbBackupError && error.code === 'access-denied') return undefined;
    throw error;
  }
}

function privilegeName(member: string): string {
  return member === 'Grant' ? 'GRANT OPTION' : member.toUpperCase();
}

/** Whether the server grants EXECUTE and ALTER ROUTINE on a routine to its creator, if the account lacks one. */
export async function givesToCreators(server: Server): Promise<boolean> {
  const [row] = await server.query('SELECT @@GLOBAL.automatic_sp_privileges AS setting');
  return Number(row?.['setting']) === 1;
}

/** A grant that the server refused. */
interface RefusedGrant {
  readonly grant: RoutineGrant;
  readonly error: DbBackupError;
}

/**
 * Gives what is not there; a routine that is not there is passed over. May be run again.
 *
 * @returns those that the server refuses.
 */
export async function giveRoutineGrants(
  server: Server,
  database: string,
  grants: readonly RoutineGrant[],
): Promise<readonly RefusedGrant[]> {
  if (grants.length === 0) return [];
  const missing = grantsWithout(grants, (await readRoutineGrants(server, database)) ?? []);
  if (missing.length === 0) return [];
  await server.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}${refusingNewAccounts(server)}`);
  const refused: RefusedGrant[] = [];
  for (const grant of missing) {
    try {
      await server.query(grantStatement(database, grant));
    } catch (error) {
      const isKnown = error instanceof ServerStatementError || isDenied(error);
      if (!isKnown) throw error;
      if (!(error instanceof ServerStatementError && error.errno === NO_SUCH_ROUTINE))
        refused.push({ grant, error });
    }
  }
  return refused;
}

const LOCK_WAIT_SECONDS = 60;
const NO_SUCH_ROUTINE = 1305;

function isDenied(error: unknown): error is DbBackupError {
  return error instanceof DbBackupError && error.code === 'access-denied';
}

/**
 * A GRANT must not make an account that is no more, without a password; MySQL 8 never does. MariaDB's ORACLE includes
 * that, and before 11.3 knows packages in this mode only.
 */
function refusingNewAccounts({ flavour, version }: Server): string {
  if (flavour === 'mariadb') return ", sql_mode = 'ORACLE'";
  return isOlder(version, '8.0.0') ? ", sql_mode = CONCAT(@@SESSION.sql_mode, ',NO_AUTO_CREATE_USER')" : '';
}
