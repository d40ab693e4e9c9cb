// Privileges on single routines (GRANT … ON PROCEDURE …): the servers drop them with the routine.
import { objectNamed, objectText } from '../../sql/definitions/database-object.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import { quoteAccount } from './missing-privileges.ts';
import type { Privileges } from './privileges.ts';

/** What one account may do with one routine. */
export interface RoutineGrant {
  /** As in `ObjectNames`: `procedure add_order`; beyond these `package body tools`. */
  readonly routine: string;
  readonly user: string;
  /** Empty for MariaDB's roles and PUBLIC. */
  readonly host: string;
  /** As GRANT names them: `EXECUTE`, `ALTER ROUTINE`, `GRANT OPTION`. */
  readonly privileges: readonly string[];
}

/** Those on the given routines. A package's are those on its body, too. */
export function grantsOn(
  grants: readonly RoutineGrant[],
  routines: readonly string[],
): readonly RoutineGrant[] {
  const among = new Set(routines.map(routineKey));
  return grants.filter(({ routine }) => among.has(routineKey(routine)));
}

/** Routines have their names in any case of letters, and each grant may have been written in another one. */
export function routineKey(routine: string): string {
  const { kind, name } = objectNamed(routine);
  return objectText({ kind: kind === 'package body' ? 'package' : kind, name }).toLowerCase();
}

/** One for each account and routine, with all privileges of either. */
export function mergedGrants(grants: readonly RoutineGrant[]): readonly RoutineGrant[] {
  const merged = new Map<string, RoutineGrant>();
  for (const grant of grants) {
    const key = grantKey(grant);
    const privileges = [...new Set([...(merged.get(key)?.privileges ?? []), ...grant.privileges])];
    merged.set(key, { ...(merged.get(key) ?? grant), privileges });
  }
  return [...merged.values()];
}

/** What the first grant and the second do not. */
export function grantsWithout(
  grants: readonly RoutineGrant[],
  other: readonly RoutineGrant[],
): readonly RoutineGrant[] {
  const given = new Map(mergedGrants(other).map((grant) => [grantKey(grant), new Set(grant.privileges)]));
  return grants.flatMap((grant) => {
    const privileges = grant.privileges.filter((name) => given.get(grantKey(grant))?.has(name) !== true);
    return privileges.length === 0 ? [] : [{ ...grant, privileges }];
  });
}

function grantKey({ routine, user, host }: RoutineGrant): string {
  return JSON.stringify([routine.toLowerCase(), user, host.toLowerCase()]);
}

/** Those that an account may not give: it must hold what it gives, and GRANT OPTION with it. */
export function notGivable(
  grants: readonly RoutineGrant[],
  privileges: Privileges,
  database: string,
): readonly RoutineGrant[] {
  return grants.filter((grant) =>
    ['GRANT OPTION', ...grant.privileges].some((name) => !privileges.on(database, name)),
  );
}

/** `GRANT EXECUTE ON PROCEDURE `shop`.`add_order` TO 'app'@'%'`. */
export function grantStatement(database: string, { routine, user, host, privileges }: RoutineGrant): string {
  const { kind, name } = objectNamed(routine);
  const names = privileges.filter((privilege) => privilege !== 'GRANT OPTION');
  const option = names.length < privileges.length ? ' WITH GRANT OPTION' : '';
  return `GRANT ${names.join(', ') || 'USAGE'} ON ${kind.toUpperCase()} ${quoteName(database)}.${quoteName(name)} TO ${grantee(user, host)}${option}`;
}

/** `EXECUTE on procedure add_order for 'app'@'%'`. */
export function grantText({ routine, user, host, privileges }: RoutineGrant): string {
  return `${privileges.join(', ')} on ${routine} for ${grantee(user, host)}`;
}

function grantee(user: string, host: string): string {
  return host === '' ? quoteName(user) : quoteAccount(`${user}@${host}`);
}

/** The first few, spelled out. */
export function listed(names: readonly string[]): string {
  const more = names.length - NAMES_LISTED;
  const first = names.slice(0, NAMES_LISTED).join('; ');
  return more > 0 ? `${first}; and ${more} more` : first;
}

const NAMES_LISTED = 10;
