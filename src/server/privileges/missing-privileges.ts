import { grantOn, grantOnScratchSchemas } from './grant-statement.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import type { Skip } from '../../sql/definitions/skipped-objects.ts';
import type { Flavour } from '../connect/flavour.ts';
import type { Privileges } from './privileges.ts';
import { isOlder } from '../connect/version.ts';

/** What a dump needs, which the account lacks, with the statement that gives it. */
export interface MissingPrivilege {
  /** Completes `The account 'x'@'%' …`: `cannot see the triggers of shop`. */
  readonly problem: string;
  readonly grant: string;
  /** The option that leaves these objects out, if there is one. */
  readonly option?: string;
}

/** What a complete dump needs on its database, apart from what shows routines. */
export const DUMP_PRIVILEGES = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'] as const;

export interface DumpNeeds {
  readonly database: string;
  readonly flavour: Flavour;
  readonly serverVersion: string;
  /** As `CURRENT_USER()` gives it: `backup@%`. */
  readonly account: string;
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly routines: readonly { readonly name: string; readonly bodyVisible: boolean }[];
  /** Triggers that it sees by name alone. */
  readonly unreadableTriggers: readonly string[];
  readonly skip: Skip;
}

/**
 * Compares an account's privileges with what a complete dump needs. What an account may not see is absent from
 * every answer of the server, so only the privileges themselves tell whether a dump would be silently smaller.
 */
export function missingForDump(privileges: Privileges, needs: DumpNeeds): MissingPrivilege[] {
  const { database, skip } = needs;
  const who = quoteAccount(needs.account);
  const on = (privilege: string): string => grantOn(privileges, [privilege], { database, who });
  // Every table is seen by those who may read the database, so what holds on each of them leaves none out.
  const readsAll = privileges.on(database, 'SELECT');
  const onEach = (names: readonly string[], privilege: string): boolean =>
    privileges.on(database, privilege) ||
    (readsAll && names.every((name) => privileges.onTable(database, name, privilege)));
  const missing: MissingPrivilege[] = [];

  if (!readsAll) {
    const unreadable = needs.tables.filter((table) => !privileges.onTable(database, table, 'SELECT'));
    missing.push({
      problem:
        unreadable.length > 0
          ? `may not read ${unreadable.slice(0, 3).join(', ')}${unreadable.length > 3 ? ` and ${unreadable.length - 3} more ${unreadable.length === 4 ? 'table' : 'tables'}` : ''} of ${database}`
          : `may read only single tables of ${database}, so others would be missing without notice`,
      grant: on('SELECT'),
    });
  }
  if (!onEach(needs.views, 'SHOW VIEW') && needs.views.length > 0) {
    missing.push({ problem: `may not read view definitions of ${database}`, grant: on('SHOW VIEW') });
  }
  const readsTriggers = onEach(needs.tables, 'TRIGGER') && needs.unreadableTriggers.length === 0;
  if (!skip.triggers && !readsTriggers) {
    missing.push({
      problem: `cannot see the triggers of ${database}`,
      grant: on('TRIGGER'),
      option: '--skip-triggers',
    });
  }
  if (!skip.events && !privileges.on(database, 'EVENT')) {
    missing.push({
      problem: `cannot see the events of ${database}`,
      grant: on('EVENT'),
      option: '--skip-events',
    });
  }
  if (!skip.routines && !seesRoutines(privileges, needs)) {
    missing.push({
      problem: `cannot read all procedures and functions of ${database}`,
      grant: routineGrant(privileges, needs, who),
      option: '--skip-routines',
    });
  }
  return missing;
}

function seesRoutines(privileges: Privileges, needs: DumpNeeds): boolean {
  const { database, routines } = needs;
  if (privileges.globalFor(database, 'SELECT') || privileges.global('SHOW_ROUTINE')) return true;
  // Where the server does not know it, ALL PRIVILEGES does not hold it.
  const exists = needs.flavour === 'mariadb' && !isOlder(needs.serverVersion, '11.3.0');
  if (exists && privileges.on(database, 'SHOW CREATE ROUTINE')) return true;
  if (hasProc(needs) && privileges.onTable('mysql', 'proc', 'SELECT')) return true;
  // With a right to run or change every routine all of them are visible by name; then each body tells for itself.
  const seesNames = ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE'].some((name) =>
    privileges.on(database, name),
  );
  return seesNames && routines.every(({ bodyVisible }) => bodyVisible);
}

/** MySQL 8 has no such table any more: a pattern that would match it gives nothing. */
function hasProc({ flavour, serverVersion }: DumpNeeds): boolean {
  return flavour === 'mariadb' || isOlder(serverVersion, '8.0.0');
}

function routineGrant(privileges: Privileges, needs: DumpNeeds, who: string): string {
  const { flavour, serverVersion, database } = needs;
  if (flavour === 'mariadb' && !isOlder(serverVersion, '11.3.0'))
    return grantOn(privileges, ['SHOW CREATE ROUTINE'], { database, who });
  if (hasProc(needs)) return `GRANT SELECT ON mysql.proc TO ${who};`;
  return isOlder(serverVersion, '8.0.20')
    ? `GRANT SELECT ON *.* TO ${who};`
    : `GRANT SHOW_ROUTINE ON *.* TO ${who};`;
}

/** `backup@%` → `'backup'@'%'`. */
export function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@');
  const quote = (part: string): string => `'${part.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`;
}

/** Privileges on the scratch schemas that a restore through them needs and the account lacks. */
export function missingForStaging(privileges: Privileges, brings: ObjectNames): string[] {
  const needed = [
    ...['CREATE', 'DROP', 'ALTER', 'INSERT', 'SELECT', 'INDEX', 'REFERENCES', 'LOCK TABLES'],
    ...(brings.views.length > 0 ? ['CREATE VIEW', 'SHOW VIEW'] : []),
    ...(brings.routines.length > 0 ? ['CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE'] : []),
    'TRIGGER', // also for what the old tables may have
    ...(brings.events.length > 0 ? ['EVENT'] : []),
  ];
  return needed.filter((privilege) => SCRATCH.some((schema) => !privileges.on(schema, privilege)));
}

const SCRATCH = Object.values(scratchSchemas('x'));

/** The statement that gives what `missingForStaging` found. */
export function grantForStaging(privileges: Privileges, missing: readonly string[], account: string): string {
  return grantOnScratchSchemas(privileges, missing, { schemas: SCRATCH, who: quoteAccount(account) });
}

/** Privileges on the target that loading needs and the account lacks. */
export function missingForRestore(
  privileges: Privileges,
  {
    target,
    brings,
    createsDatabase,
  }: {
    readonly target: { readonly database: string; readonly holds: ObjectNames };
    readonly brings: ObjectNames;
    readonly createsDatabase: boolean;
  },
): string[] {
  const needed = [
    ...(brings.tables.length > 0 || createsDatabase ? ['CREATE'] : []),
    ...(brings.tables.length > 0
      ? ['DROP', 'ALTER', 'INSERT', 'INDEX', 'REFERENCES', 'LOCK TABLES', 'SELECT']
      : []),
    ...(brings.views.length > 0 ? ['CREATE VIEW', 'DROP'] : []),
    ...(brings.routines.length > 0 ? ['CREATE ROUTINE', 'ALTER ROUTINE'] : []),
    ...(brings.triggers.length + target.holds.triggers.length > 0 ? ['TRIGGER'] : []),
    ...(brings.events.length > 0 ? ['EVENT'] : []),
    ...(target.holds.tables.length + target.holds.views.length > 0 ? ['DROP'] : []),
    ...(target.holds.routines.length > 0 ? ['ALTER ROUTINE'] : []),
    ...(target.holds.events.length > 0 ? ['EVENT'] : []),
  ];
  return [...new Set(needed)].filter((privilege) => !privileges.on(target.database, privilege));
}
