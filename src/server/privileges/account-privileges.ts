import type { GrantRules } from './database-grants.ts';
import { quoteAccount } from './missing-privileges.ts';
import { Privileges } from './privileges.ts';
import { isOlder } from '../connect/version.ts';
import { askPrivileges } from './asked-privileges.ts';
import type { Server } from '../connect/server.ts';

/** The account that the server uses for us, and what it may do. */
export interface Access {
  readonly account: string;
  readonly privileges: Privileges;
}

/**
 * Reads what an account may do.
 *
 * @param database Of this one the server is asked itself, because SHOW GRANTS does not tell everything.
 * @param wanted It is not asked when these hold on the whole server.
 */
export async function readPrivileges(
  server: Server,
  database?: string,
  wanted?: readonly string[],
): Promise<Access> {
  const [row] = await server.query('SELECT CURRENT_USER() AS account');
  const grants = await server.query('SHOW GRANTS');
  const privileges = new Privileges(
    grants.map((grant) => String(Object.values(grant)[0])),
    await readGrantRules(server),
  );
  return {
    account: String(row?.['account'] ?? ''),
    privileges:
      database === undefined ? privileges : await askPrivileges(server, privileges, { database, wanted }),
  };
}

/** How this server reads grants. */
export async function readGrantRules(server: Server): Promise<GrantRules> {
  const isMysql = server.flavour === 'mysql';
  const knowsRoles = isMysql && !isOlder(server.version, '8.0.19');
  const [row] = await server.query(
    `SELECT @@lower_case_table_names AS lower_case,
       ${isMysql && !isOlder(server.version, '8.0.16') ? '@@GLOBAL.partial_revokes' : '0'} AS partial_revokes,
       ${isMysql && !isOlder(server.version, '8.0.0') ? 'CURRENT_ROLE()' : "'NONE'"} AS roles`,
  );
  return {
    flavour: server.flavour,
    lowerCase: Number(row?.['lower_case']) !== 0,
    literalNames: Number(row?.['partial_revokes']) === 1,
    activeRoles: row?.['roles'] !== 'NONE',
    roles: knowsRoles && row?.['roles'] !== 'NONE' ? await readRoles(server) : [],
  };
}

async function readRoles(server: Server): Promise<readonly string[]> {
  const rows = await server.query(
    'SELECT DISTINCT ROLE_NAME AS name, ROLE_HOST AS host FROM information_schema.APPLICABLE_ROLES ORDER BY 1, 2',
  );
  return rows.map(({ name, host }) => quoteAccount(`${String(name)}@${String(host)}`));
}
