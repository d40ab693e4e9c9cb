import { distrustsFunctions, readOwners, readSystemUsers } from '../../server/privileges/object-owners.ts';
import type { Server } from '../../server/connect/server.ts';
import { missingForStoredObjects } from '../../server/privileges/definers.ts';
import { DbBackupError } from '../../run/errors.ts';
import { quoteAccount } from '../../server/privileges/missing-privileges.ts';
import type { Privileges } from '../../server/privileges/privileges.ts';
import type { RestorePlan } from '../plan/restore-plan.ts';

/**
 * Refuses, before anything is touched, views, routines, triggers and events that the server would refuse halfway:
 * the safety backup holds them too, so it could not be restored by this account either.
 *
 * @throws {DbBackupError} `access-denied`, with the statements that put it right.
 */
export async function refuseUnloadableObjects(request: {
  readonly plan: RestorePlan;
  readonly definers: readonly string[];
  readonly account: string;
  readonly privileges: Privileges;
  readonly server: Server;
}): Promise<void> {
  const { plan, definers, account, privileges, server } = request;
  const { database } = plan.target;
  const owners = await readOwners(server, database);
  const others = [...new Set([...definers, ...owners])];
  const missing = await findUnloadableObjects({
    brings: plan.brings,
    definers: plan.safetyBackup === 'made' ? others : definers,
    owners: others,
    account,
    privileges,
    server,
  });
  if (missing.length > 0) throw unloadable(missing, account, `restore ${database}`);
}

/** @param what The account may not do: `restore shop`. */
export function unloadable(
  missing: ReturnType<typeof missingForStoredObjects>,
  account: string,
  what: string,
): DbBackupError {
  const problems = missing.map(({ problem }) => problem).join('; and it ');
  return new DbBackupError(
    'access-denied',
    `The account ${quoteAccount(account)} may not ${what}: it ${problems}. Nothing was touched.`,
    { hint: missing.map(({ remedy }) => remedy).join(' ') },
  );
}

/** What a server would refuse of these programs, each with the statement that puts it right. */
export async function findUnloadableObjects(request: {
  readonly brings: RestorePlan['brings'];
  /** Accounts that own objects of the backup. */
  readonly definers: readonly string[];
  /** Accounts that own objects of the backup or of the target. */
  readonly owners: readonly string[];
  readonly account: string;
  readonly privileges: Privileges;
  readonly server: Server;
}): Promise<ReturnType<typeof missingForStoredObjects>> {
  const { brings, definers, owners, account, privileges, server } = request;
  return missingForStoredObjects(privileges, {
    flavour: server.flavour,
    serverVersion: server.version,
    account,
    brings,
    definers,
    systemUsers: await readSystemUsers(
      server,
      owners.filter((owner) => owner !== account),
    ),
    distrustsFunctions: await distrustsFunctions(server),
  });
}
