// What a server says of the accounts that views, routines, triggers and events belong to, and of who may make them.
import { DbBackupError } from '../../run/errors.ts';
import { quoteAccount } from './missing-privileges.ts';
import { Privileges } from './privileges.ts';
import { isOlder } from '../connect/version.ts';
import type { Server } from '../connect/server.ts';

/** A view, routine, trigger or event, and the account that it runs as; `user@host`. */
export interface OwnedObject {
  readonly kind: 'view' | 'routine' | 'trigger' | 'event';
  readonly name: string;
  readonly owner: string;
}

const OWNED = [
  ['view', 'VIEWS', 'TABLE_SCHEMA', 'TABLE_NAME'],
  ['routine', 'ROUTINES', 'ROUTINE_SCHEMA', 'ROUTINE_NAME'],
  ['trigger', 'TRIGGERS', 'EVENT_OBJECT_SCHEMA', 'TRIGGER_NAME'],
  ['event', 'EVENTS', 'EVENT_SCHEMA', 'EVENT_NAME'],
] as const;

/** All of a database that have an owner, as far as our account may know. */
export async function readOwnedObjects(server: Server, database: string): Promise<readonly OwnedObject[]> {
  const objects: OwnedObject[] = [];
  for (const [kind, table, schema, column] of OWNED) {
    const rows = await server.query(
      `SELECT ${column} AS name, DEFINER AS owner FROM information_schema.${table} WHERE ${schema} = ? ORDER BY 1`,
      [database],
    );
    objects.push(...rows.map(({ name, owner }) => ({ kind, name: String(name), owner: String(owner) })));
  }
  return objects;
}

/** The accounts that own views, routines, triggers and events of a database, as far as ours may know; `user@host`. */
export async function readOwners(server: Server, database: string): Promise<readonly string[]> {
  return [...new Set((await readOwnedObjects(server, database)).map(({ owner }) => owner))];
}

/**
 * Those of the accounts (and MariaDB's roles, whose host is empty) that the server does not have.
 *
 * @returns undefined when it is not for our account to know.
 */
export async function readMissingAccounts(
  server: Server,
  accounts: readonly string[],
): Promise<readonly string[] | undefined> {
  try {
    const rows = await server.query('SELECT User AS user, Host AS host FROM mysql.user');
    const there = new Set(rows.map(({ user, host }) => `${String(user)}@${String(host)}`));
    return accounts.filter((account) => !there.has(account));
  } catch (error) {
    if (error instanceof DbBackupError && error.code === 'access-denied') return undefined;
    throw error;
  }
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
