import { DbBackupError } from '../../run/errors.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { readPrivileges } from '../../server/privileges/account-privileges.ts';
import { quoteAccount } from '../../server/privileges/missing-privileges.ts';
import { readReadOnly } from '../../server/instance/ask-read-only.ts';
import type { LoadAccountMode } from '../../server/change/load-account-mode.ts';
import { CLIENT_PRIVILEGES, LOAD_PRIVILEGES, type LoadPrivilege } from '../../server/change/load-accounts.ts';
import type { Server } from '../../server/connect/server.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import type { LoadAccountPlan, RestorePlan } from './restore-plan.ts';

/**
 * Decides who loads the rows.
 *
 * @param isIndispensable Once it is planned, nobody else may load them: they are of a form that only the server limits.
 * @throws {DbBackupError} `restore-failed` when an account of their own is required and cannot be made; `unsafe` when
 *   all of the dump would be loaded by an account that may do more than that, without having been taken apart.
 */
export async function chooseLoadAccount(
  {
    mode,
    target,
    brings,
    method: { method, loader },
    isIndispensable = false,
  }: {
    readonly mode: LoadAccountMode;
    readonly target: string;
    readonly brings: ObjectNames;
    readonly method: Pick<RestorePlan, 'method' | 'loader'>;
    readonly isIndispensable?: boolean;
  },
  server: Server,
): Promise<LoadAccountPlan> {
  if (mode === 'off') return { made: false, reason: '--load-account off was given' };
  const schema = method === 'staging' ? scratchSchemas('x').stage : target;
  const { views, routines, triggers, events } = brings;
  const privileges = loader.kind === 'client' ? CLIENT_PRIVILEGES : LOAD_PRIVILEGES;
  const why = await whyNotAllowed(server, schema, privileges);
  if (why === undefined) {
    const makesObjects = [views, routines, triggers, events].some(({ length }) => length > 0);
    if (loader.kind === 'client' && makesObjects) {
      if (isIndispensable) return { made: false, reason: MAKES_OBJECTS };
      throw onlyAsAWhole(loader.reason);
    }
    return { made: true, required: mode === 'require' || isIndispensable };
  }
  if (mode === 'auto') return { made: false, ...why };
  throw new DbBackupError(
    'restore-failed',
    `The rows cannot be loaded by an account of their own, which --load-account require asks for: ${why.reason}. Nothing was touched.`,
    { hint: why.hint ?? 'To load it as your own account: --load-account auto' },
  );
}

const MAKES_OBJECTS =
  'the mysql client makes views, routines, triggers or events, which belong to who makes them';

/** Views and the like belong to who makes them, so the load account cannot. */
function onlyAsAWhole(reason: string): DbBackupError {
  return new DbBackupError(
    'unsafe',
    `The dump cannot be split (${reason}), so the mysql client would run all of it, with its views, routines, triggers and events, with every privilege of your account. Nothing was touched.`,
    { hint: 'If you trust the file, load it as your own account: --load-account off' },
  );
}

async function whyNotAllowed(
  server: Server,
  schema: string,
  needed: readonly LoadPrivilege[],
): Promise<{ readonly reason: string; readonly hint?: string } | undefined> {
  const { account, privileges } = await readPrivileges(server);
  const who = quoteAccount(account);
  const mayGrant = [...needed, 'GRANT OPTION'].every((each) => privileges.on(schema, each));
  if (!privileges.global('CREATE USER') || !mayGrant) {
    return {
      reason: `${who} may not create accounts, so its own privileges limit what a row may do`,
      hint: `To allow it: GRANT CREATE USER, ${needed.join(', ')} ON *.* TO ${who} WITH GRANT OPTION;`,
    };
  }
  if ((await readReadOnly(server)) !== undefined)
    return { reason: 'the server is read-only for accounts without a privilege to write anyway' };
  return undefined;
}
