import { findUnloadableObjects, unloadable } from '../restore/check/refuse-unloadable-objects.ts';
import { DbBackupError } from '../run/errors.ts';
import { ServerStatementError, DumpStatementError } from '../server/connect/server-failures.ts';
import { LOAD_HINTS } from '../server/connect/server-messages.ts';
import type { Server } from '../server/connect/server.ts';
import { readPrivileges } from '../server/privileges/account-privileges.ts';
import { missingForStaging, quoteAccount, grantForStaging } from '../server/privileges/missing-privileges.ts';
import { type LoadPlan, isSplittable } from '../sql/script/load-plan.ts';
import { whyOnlyInPlace } from '../sql/script/only-in-place.ts';
import type { RehearseRequest, Task } from './rehearsal-task.ts';

/** @throws {DbBackupError} for what would have to be loaded as it stands: its text may write anywhere. */
export function scriptOf({ backup: { path }, verified: { findings } }: RehearseRequest): LoadPlan {
  const { script } = findings;
  const refuse = (why: string): never => {
    throw new DbBackupError('restore-failed', `${path} cannot be rehearsed: ${why}.`, {
      hint: 'Nothing was touched. Restore it on a separate server instead.',
    });
  };
  const onlyInPlace = whyOnlyInPlace(script);
  if (onlyInPlace !== undefined || !isSplittable(script))
    return refuse(onlyInPlace ?? 'its statements cannot be told apart');
  return script;
}

/**
 * One of our statements that comes from the dump, such as the schema's collation: a restore would fail on it, too.
 */
export function asOfARestore(error: unknown): unknown {
  if (!(error instanceof ServerStatementError)) return error;
  return new DbBackupError('restore-failed', error.message, { hint: LOAD_HINTS[error.errno], cause: error });
}

/** Not a server that is down or full, a missing privilege, or a signal. */
export function saysSomethingOfTheBackup(error: DbBackupError): boolean {
  if (error.code === 'damaged') return true;
  const { cause } = error;
  return (
    error.code === 'restore-failed' &&
    !(
      (cause instanceof DumpStatementError || cause instanceof ServerStatementError) &&
      OF_THE_SERVER.has(cause.errno)
    )
  );
}

/** Disk full, table full, no privilege (for a command, a column, a definer, a routine, a function), read-only, lock,
 * interrupted. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([
  1021, 1114, 1142, 1143, 1205, 1227, 1290, 1317, 1370, 1418, 1419, 1449, 4161,
]);

/** @throws {DbBackupError} `access-denied` with the GRANT. */
export async function refuseMissingPrivileges(
  { backup, verified: { findings } }: Task,
  server: Server,
): Promise<void> {
  const { inventory, definers } = findings;
  const { account, privileges } = await readPrivileges(server);
  const missing = missingForStaging(privileges, inventory);
  if (missing.length > 0) {
    const who = quoteAccount(account);
    throw new DbBackupError(
      'access-denied',
      `The account ${who} may not create a scratch schema. Nothing was touched.`,
      {
        hint: grantForStaging(privileges, missing, account),
      },
    );
  }
  const subject = { brings: inventory, definers, owners: definers, account, privileges, server };
  const programs = await findUnloadableObjects(subject);
  if (programs.length > 0) throw unloadable(programs, account, `rehearse ${backup.path}`);
}
