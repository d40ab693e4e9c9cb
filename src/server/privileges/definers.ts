import { quoteAccount } from './missing-privileges.ts';
import type { Flavour } from '../connect/flavour.ts';
import type { Privileges } from './privileges.ts';
import { objectNamed } from '../../sql/definitions/database-object.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import { isOlder } from '../connect/version.ts';

/** What loading programs takes, beyond the privileges on the database itself. */
export interface StoredObjectNeeds {
  readonly flavour: Flavour;
  readonly serverVersion: string;
  readonly account: string;
  readonly brings: ObjectNames;
  /** Accounts that own objects of the backup. */
  readonly definers: readonly string[];
  /** Accounts with SYSTEM_USER (MySQL) that own objects of the backup or of the target. */
  readonly systemUsers: readonly string[];
  /** The server writes a binary log and does not trust those who make functions. */
  readonly distrustsFunctions: boolean;
}

/** Why a server would refuse a view, routine, trigger or event halfway through a load, and what to do about it. */
export function missingForStoredObjects(
  privileges: Privileges,
  needs: StoredObjectNeeds,
): { readonly problem: string; readonly remedy: string }[] {
  const who = quoteAccount(needs.account);
  const missing: { problem: string; remedy: string }[] = [];
  const others = needs.definers.filter((definer) => definer !== needs.account);
  const [privilege] = definerPrivileges(needs);
  if (others.length > 0 && !definerPrivileges(needs).some((name) => privileges.global(name))) {
    missing.push({
      problem: `may not create objects owned by ${others.map(quoteAccount).join(', ')}`,
      remedy: `GRANT ${privilege} ON *.* TO ${who};`,
    });
  }
  const system = needs.systemUsers.filter((definer) => definer !== needs.account);
  if (system.length > 0 && !privileges.global('SYSTEM_USER')) {
    missing.push({
      problem: `may not change objects owned by the system user ${system.map(quoteAccount).join(', ')}`,
      remedy: `GRANT SYSTEM_USER ON *.* TO ${who};`,
    });
  }
  const { triggers, routines } = needs.brings;
  const bringsFunctions =
    triggers.length > 0 || routines.some((routine) => objectNamed(routine).kind === 'function');
  if (needs.distrustsFunctions && bringsFunctions && !privileges.global('SUPER')) {
    missing.push({
      problem: 'may not create triggers and functions, because the server writes a binary log',
      remedy: 'SET GLOBAL log_bin_trust_function_creators = 1;',
    });
  }
  return missing;
}

/** Any of these lets an account create objects for others; the first is the narrowest. */
function definerPrivileges({ flavour, serverVersion }: StoredObjectNeeds): readonly [string, ...string[]] {
  if (flavour === 'mariadb') return isOlder(serverVersion, '10.5.0') ? ['SUPER'] : ['SET USER', 'SUPER'];
  if (isOlder(serverVersion, '8.0.0')) return ['SUPER'];
  return isOlder(serverVersion, '8.2.0')
    ? ['SET_USER_ID', 'SUPER']
    : ['SET_ANY_DEFINER', 'SET_USER_ID', 'SUPER'];
}

/** What an account lacks to make programs of accounts that do not exist: since 8.2 MySQL asks for a privilege. */
export function missingForOrphans(
  privileges: Privileges,
  { flavour, serverVersion }: Pick<StoredObjectNeeds, 'flavour' | 'serverVersion'>,
): string | undefined {
  if (flavour === 'mariadb' || isOlder(serverVersion, '8.2.0')) return undefined;
  const isAllowed = ['ALLOW_NONEXISTENT_DEFINER', 'SET_USER_ID', 'SUPER'].some((name) =>
    privileges.global(name),
  );
  return isAllowed ? undefined : 'ALLOW_NONEXISTENT_DEFINER';
}
