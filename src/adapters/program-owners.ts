// What a server says of the accounts that views, routines, triggers and events belong to, and of who may make them.
import { Privileges, quoteAccount } from '../model/grants.ts';
import { isOlder } from '../model/version.ts';
import type { Server } from './server.ts';

/** The accounts that own views, routines, triggers and events of a database, as far as ours may know; `user@host`. */
export async function readOwners(server: Server, database: string): Promise<readonly string[]> {
  const sources = Object.entries({
    VIEWS: 'TABLE_SCHEMA',
    ROUTINES: 'ROUTINE_SCHEMA',
    TRIGGERS: 'TRIGGER_SCHEMA',
    EVENTS: 'EVENT_SCHEMA',
  });
  const rows = await server.query(
    sources
      .map(
        ([table, column]) => `SELECT DEFINER AS owner FROM information_schema.${table} WHERE ${column} = ?`,
      )
      .join(' UNION '),
    sources.map(() => database),
  );
  return rows.map(({ owner }) => String(owner));
}

/** Those of the accounts whose objects MySQL lets none but its system users create and drop. */
export async function readSystemUsers(
  server: Server,
  accounts: readonly string[],
): Promise<readonly string[]> {
  if (server.flavour !== 'mysql' || isOlder(server.version, '8.0.16')) return [];
  const found: string[] = [];
  for (const account of accounts) if (await isSystemUser(server, account)) found.push(account);
  return found;
}

async function isSystemUser(server: Server, account: string): Promise<boolean> {
  try {
    const grants = await server.query(`SHOW GRANTS FOR ${quoteAccount(account)}`);
    return new Privileges(grants.map((grant) => String(Object.values(grant)[0]))).global('SYSTEM_USER');
  } catch {
    return account.startsWith('root@'); // not for us to know, or no such account: root is one unless it was changed
  }
}

/** Whether making triggers and functions takes SUPER here: their effects would get into a binary log. */
export async function distrustsFunctions(server: Server): Promise<boolean> {
  const [row] = await server.query(
    'SELECT @@GLOBAL.log_bin AS logs, @@GLOBAL.log_bin_trust_function_creators AS trusts',
  );
  return Number(row?.['logs']) === 1 && Number(row?.['trusts']) === 0;
}
