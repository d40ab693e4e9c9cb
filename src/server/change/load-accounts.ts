// The accounts that restores make for themselves, to load rows with: the server lets them do nothing else.
import { randomBytes } from 'node:crypto';
import { jobOfLoadAccount, loadAccountName } from '../../run/scratch-names.ts';
import { DbBackupError } from '../../run/errors.ts';
import { redactError, Secret } from '../../run/secret.ts';
import type { Server } from '../connect/server.ts';
import { wasRefused } from '../connect/server-failures.ts';
import { escapePattern } from '../privileges/database-grants.ts';
import type { GrantRules } from '../privileges/database-grants.ts';
import { quoteAccount } from '../privileges/missing-privileges.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';

/** What loading rows takes. With it nothing but the rows of one schema can be changed. */
export const LOAD_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'LOCK TABLES'] as const;

/** What the stock client needs, which makes the tables that it fills. */
export const CLIENT_PRIVILEGES = [
  ...LOAD_PRIVILEGES,
  ...(['DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES'] as const),
] as const;

export type LoadPrivilege = (typeof CLIENT_PRIVILEGES)[number];

export interface LoadAccount {
  readonly user: string;
  /** Where it may come from: where the server sees us. */
  readonly host: string;
}

export interface NewLoadAccount extends LoadAccount {
  readonly password: Secret;
}

/** For the schema of one job, with a random password. Only where this session comes from. */
export async function nameLoadAccount(server: Server, job: string): Promise<NewLoadAccount> {
  const [row] = await server.query('SELECT USER() AS user');
  const user = String(row?.['user'] ?? '');
  return {
    user: loadAccountName(job),
    host: user.slice(user.lastIndexOf('@') + 1),
    // A server may insist on each kind of character.
    password: new Secret(`aA1!${randomBytes(24).toString('base64url')}`),
  };
}

/**
 * Makes the account.
 *
 * @param connections How many it may have at a time.
 * @throws {DbBackupError} as `Server.query`, without the password.
 */
export async function createLoadAccount(
  server: Server,
  { password, ...account }: NewLoadAccount,
  {
    schema,
    privileges,
    connections,
    rules,
  }: {
    readonly schema: string;
    readonly privileges: readonly LoadPrivilege[];
    readonly connections: number;
    readonly rules: GrantRules;
  },
): Promise<void> {
  const who = accountText(account);
  const name = rules.lowerCase ? schema.toLowerCase() : schema;
  const on = quoteName(rules.literalNames ? name : escapePattern(name));
  try {
    await server.query(
      `CREATE USER ${who} IDENTIFIED BY '${password.reveal()}' WITH MAX_USER_CONNECTIONS ${connections}`,
    );
    await server.query(`GRANT ${privileges.join(', ')} ON ${on}.* TO ${who}`);
  } catch (error) {
    redactError(error, [password]);
    if (!(error instanceof DbBackupError)) throw error;
    // Its cause is not kept: the driver's error holds the statement.
    throw new DbBackupError(error.code, error.message, { hint: error.hint });
  }
}

/**
 * Lets the account set for its own sessions what MySQL lets only some accounts set: a dump may do so at its beginning.
 * On MariaDB there is nothing to allow.
 */
export async function allowSessionSettings(server: Server, account: LoadAccount): Promise<void> {
  if (server.flavour === 'mysql')
    await server.query(`GRANT SESSION_VARIABLES_ADMIN ON *.* TO ${accountText(account)}`);
}

/** @param account As `accountText` has it. */
export async function dropLoadAccount(server: Server, account: string): Promise<void> {
  await server.query(`DROP USER IF EXISTS ${account}`);
}

/** Those of all jobs, running or dead, each with its job; undefined where this account may not read which there are. */
export async function readLoadAccounts(
  server: Server,
): Promise<readonly (LoadAccount & { readonly job: string })[] | undefined> {
  try {
    const rows = await server.query(
      String.raw`SELECT User AS user, Host AS host FROM mysql.user WHERE User LIKE 'dbbackup\_load\_%' ORDER BY 1, 2`,
    );
    return rows.flatMap(({ user, host }) => {
      const job = jobOfLoadAccount(String(user));
      return job === undefined ? [] : [{ job, user: String(user), host: String(host) }];
    });
  } catch (error) {
    if (wasRefused(error)) return undefined;
    throw error;
  }
}

/** As SQL names it: `'dbbackup_load_x'@'localhost'`. */
export function accountText({ user, host }: LoadAccount): string {
  return quoteAccount(`${user}@${host}`);
}
