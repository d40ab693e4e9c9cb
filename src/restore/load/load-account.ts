import type { LoadAccount, LoadPrivilege, NewLoadAccount } from '../../server/change/load-accounts.ts';
import {
  accountText,
  allowSessionSettings,
  createLoadAccount,
  dropLoadAccount,
  LOAD_PRIVILEGES,
  nameLoadAccount,
} from '../../server/change/load-accounts.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DumpStatementError } from '../../server/connect/server-failures.ts';
import { connectServer } from '../../server/connect/server.ts';
import { readGrantRules } from '../../server/privileges/account-privileges.ts';
import { readLacking } from '../../server/session/session.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import { withGracePeriod } from '../../run/grace-period.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { LoadPlan } from '../../sql/script/load-plan.ts';
import type { LoadAccountPlan } from '../plan/restore-plan.ts';

/** A signal or time limit wants the run to end. */
const CLEAN_UP_MS = 8_000;

/** Notes the account while it exists; resolves when that is on disk. */
export type LoadAccountNote = (account: string | undefined) => Promise<void>;

export interface LoadAccountRequest {
  readonly connection: Connection;
  /** Which it may fill; it exists. */
  readonly schema: string;
  readonly job: string;
  /** See `rowPrivileges`. */
  readonly privileges: readonly LoadPrivilege[];
  /** How many load rows. */
  readonly connections: number;
  readonly plan: LoadAccountPlan;
  readonly note: LoadAccountNote;
}

/** The account, for those who log in as it. */
export interface LoadLogin {
  readonly connection: Connection;
  /** Lets its further sessions set what the server lets only some accounts set. @throws {DbBackupError} */
  readonly allowSettings: () => Promise<void>;
}

/** Who loads the rows, until disposed. */
export interface RowLoader extends AsyncDisposable {
  /** undefined: the user's own account. */
  readonly login: LoadLogin | undefined;
}

export const NO_LOAD_ACCOUNT: RowLoader = {
  login: undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Makes the account that loads the rows of one restore. Whatever a row's statement tries besides, the server denies it.
 *
 * @throws {DbBackupError} `restore-failed` when it is required and the server refuses it. Otherwise that is a warning.
 */
export async function takeLoadAccount(
  request: LoadAccountRequest,
  session: SharedSession,
  runtime: Runtime,
): Promise<RowLoader> {
  const { connection, job, plan } = request;
  if (!plan.made) return NO_LOAD_ACCOUNT;
  const account = await nameLoadAccount(await session.open(), job);
  const drop = (): Promise<void> => removeAfterLoad(request, account, runtime);
  try {
    const own = await make(request, account, session, runtime);
    const allowSettings = async (): Promise<void> => {
      await using server = await connectServer(connection, runtime.signal);
      await allowSessionSettings(server, account);
    };
    return { login: { connection: own, allowSettings }, [Symbol.asyncDispose]: drop };
  } catch (error) {
    await drop();
    const known = error instanceof DbBackupError ? error : undefined;
    if (known === undefined || isCancellation(error)) throw error;
    const message = `The account that would load the rows and nothing else could not be used: ${known.message}`;
    if (plan.required) throw new DbBackupError('restore-failed', message, { hint: known.hint, cause: error });
    runtime.onProgress({ kind: 'warning', message: `${message} ${connection.user} loads them.` });
    return NO_LOAD_ACCOUNT;
  }
}

/** To fill tables that others make; one more privilege where rows replace others. */
export function rowPrivileges({ tables }: Pick<LoadPlan, 'tables'>): readonly LoadPrivilege[] {
  return tables.some(({ inOrder }) => inOrder) ? [...LOAD_PRIVILEGES, 'DELETE'] : LOAD_PRIVILEGES;
}

async function make(
  { connection, schema, privileges, connections, note }: LoadAccountRequest,
  account: NewLoadAccount,
  session: SharedSession,
  { signal }: Runtime,
): Promise<Connection> {
  const server = await session.open();
  await note(accountText(account));
  const rules = await readGrantRules(server);
  // One more: the server may still count a connection that has just ended.
  await createLoadAccount(server, account, { schema, privileges, connections: connections + 1, rules });
  const own = { ...connection, user: account.user, password: account.password };
  const makesTables = privileges.includes('CREATE');
  // Where the server sees us elsewhere, better known now; and where it gives new sessions what rows cannot be loaded with.
  // A dump that the client loads may set anything in its midst, where nobody is asked.
  if (!makesTables && (await lackingOf(own, makesTables, signal)).length === 0) return own;
  await allowSessionSettings(await session.open(), account);
  const lacking = await lackingOf(own, makesTables, signal);
  if (lacking.length === 0) return own;
  throw new DbBackupError('restore-failed', `The server does not let it set ${lacking.join(', ')}.`);
}

/** What the server does not let a session of the account set, of what loading needs. */
async function lackingOf(
  own: Connection,
  makesTables: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using server = await connectServer(own, signal, 'loading');
  const lacking = await readLacking(server, 'loading');
  return lacking
    .filter(
      ({ privileged, ofDefinitions }) => privileged === server.flavour && (makesTables || !ofDefinitions),
    )
    .map(({ name }) => name);
}

/** Opens the first session as the account, which may have to be allowed what the dump sets at its beginning. */
export async function logInAs<T>(
  { connection, allowSettings }: LoadLogin,
  open: (as: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await open(connection);
  } catch (error) {
    if (!(error instanceof DumpStatementError && error.errno === LACKS_PRIVILEGE)) throw error;
  }
  await allowSettings();
  return open(connection);
}

/** For a command or a setting. */
const LACKS_PRIVILEGE = 1227;

/** What the server denies to the account is told as that. */
export function hintForLoadAccount({ errno, hint }: DumpStatementError): string | undefined {
  if (!DENIED.has(errno)) return hint;
  return 'Rows are loaded by an account that may only fill their tables, and this statement does more. Look at it before you trust the file. If you do, add --load-account off';
}

/** For a database, a table, a column, a command, a routine. */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143, 1227, 1370]);

/** However the load ends; what the server prevents, the next restore does. */
async function removeAfterLoad(
  { connection, note }: LoadAccountRequest,
  account: LoadAccount,
  { signal, onProgress }: Runtime,
): Promise<void> {
  try {
    await using server = await connectServer(connection, withGracePeriod(signal, CLEAN_UP_MS));
    await dropLoadAccount(server, accountText(account));
    await note(undefined);
  } catch (error) {
    const message = `The account ${accountText(account)}, made to load the rows, may still be on the server; the next restore removes it. (${(error as Error).message})`;
    onProgress({ kind: 'warning', message });
  }
}
