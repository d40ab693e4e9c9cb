import type { ObjectNames, RestorePlan } from './restore-plan.ts';
import { scratchSchemas } from './swap.ts';
import type { Skip } from './create-plan.ts';
import type { Flavour } from './manifest.ts';
import { quoteName } from './names.ts';
import { isOlder } from './version.ts';

/** What an account may do: the lines of `SHOW GRANTS`, in which both servers expand the active roles. */
export class Privileges {
  readonly #grants: readonly Grant[];

  constructor(showGrants: readonly string[]) {
    this.#grants = showGrants.flatMap((line) => parseGrant(line) ?? []);
  }

  /** Whether it holds on the whole server. */
  global(privilege: string): boolean {
    return this.#holds(privilege, ({ scope }) => scope.kind === 'global');
  }

  /** Whether it holds on every object of the database, be it granted there or on the whole server. */
  on(database: string, privilege: string): boolean {
    return this.#holds(
      privilege,
      ({ scope }) =>
        scope.kind === 'global' || (scope.kind === 'database' && matchesPattern(database, scope.pattern)),
      database,
    );
  }

  /** Whether it holds on one table. */
  onTable(database: string, table: string, privilege: string): boolean {
    return (
      this.on(database, privilege) ||
      this.#holds(
        privilege,
        ({ scope }) => scope.kind === 'table' && scope.database === database && scope.table === table,
      )
    );
  }

  #holds(privilege: string, applies: (grant: Grant) => boolean, database?: string): boolean {
    const names = (grant: Grant): boolean =>
      grant.privileges.has(privilege) ||
      (grant.privileges.has('ALL PRIVILEGES') && privilege !== 'GRANT OPTION');
    const given = this.#grants.filter((grant) => !grant.revoked && applies(grant) && names(grant));
    // MySQL's partial revokes take a database out of a global grant; a grant on the database itself stays.
    const revoked = this.#grants.some(
      ({ revoked, scope, privileges }) =>
        revoked && scope.kind === 'database' && scope.pattern === database && privileges.has(privilege),
    );
    return revoked ? given.some(({ scope }) => scope.kind !== 'global') : given.length > 0;
  }
}

type Scope =
  | { readonly kind: 'global' }
  | { readonly kind: 'database'; readonly pattern: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string };

interface Grant {
  readonly revoked: boolean;
  readonly privileges: ReadonlySet<string>;
  readonly scope: Scope;
}

const NAME = '(?:`((?:[^`]|``)*)`|(\\*))';
const GRANT_LINE = new RegExp(`^(GRANT|REVOKE) (.+?) ON (?:TABLE )?${NAME}\\.${NAME} (?:TO|FROM) `);

function parseGrant(line: string): Grant | undefined {
  const match = GRANT_LINE.exec(line);
  if (match === null) return undefined; // a role membership, a proxy, a routine: nothing that we ask for
  const [, verb, list = '', database, , table] = match;
  const privileges = new Set(
    list
      .replace(/\([^)]*\)/g, '\0') // column lists: such a privilege does not hold on the whole table
      .split(',')
      .map((name) => name.trim().toUpperCase())
      .filter((name) => !name.includes('\0')),
  );
  if (verb === 'GRANT' && mayPassOn(line.slice(match[0].length), privileges)) privileges.add('GRANT OPTION');
  const scope: Scope =
    database === undefined
      ? { kind: 'global' }
      : table === undefined
        ? { kind: 'database', pattern: unquote(database) }
        : { kind: 'table', database: unquote(database), table: unquote(table) };
  return { revoked: verb === 'REVOKE', privileges, scope };
}

/** MySQL's dynamic privileges (SHOW_ROUTINE), on lines of their own, have that option each for itself. */
function mayPassOn(receiver: string, privileges: ReadonlySet<string>): boolean {
  const unquoted = receiver.replaceAll(/`(?:[^`]|``)*`/g, '');
  return (
    /\bWITH (?:.*\b)?GRANT OPTION\b/.test(unquoted) && [...privileges].some((name) => !name.includes('_'))
  );
}

function unquote(name: string): string {
  return name.replaceAll('``', '`');
}

/** Database names in grants are LIKE patterns: `_` and `%` match, unless escaped by a backslash. */
function matchesPattern(database: string, pattern: string): boolean {
  const expression = pattern.replace(/\\([_%\\])|([_%])|([^\w\s])/gs, (_all, escaped, wild, special) => {
    if (typeof escaped === 'string') return escaped === '\\' ? '\\\\' : escaped;
    if (typeof wild === 'string') return wild === '_' ? '.' : '.*';
    return `\\${String(special)}`;
  });
  return new RegExp(`^${expression}$`, 's').test(database);
}

/** What a dump needs, which the account lacks, with the statement that gives it. */
export interface MissingPrivilege {
  /** Completes `The account 'x'@'%' …`: `cannot see the triggers of shop`. */
  readonly problem: string;
  readonly grant: string;
  /** The option that leaves these objects out, if there is one. */
  readonly option?: string;
}

export interface DumpNeeds {
  readonly database: string;
  readonly flavour: Flavour;
  readonly serverVersion: string;
  /** As `CURRENT_USER()` gives it: `backup@%`. */
  readonly account: string;
  readonly tables: readonly string[];
  readonly views: readonly string[];
  readonly routines: readonly { readonly name: string; readonly bodyVisible: boolean }[];
  readonly skip: Skip;
}

/**
 * Compares an account's privileges with what a complete dump needs. What an account may not see is absent from
 * every answer of the server, so only the privileges themselves tell whether a dump would be silently smaller.
 */
export function missingForDump(privileges: Privileges, needs: DumpNeeds): MissingPrivilege[] {
  const { database, skip } = needs;
  const account = quoteAccount(needs.account);
  const on = (privilege: string): string => `GRANT ${privilege} ON ${quoteName(database)}.* TO ${account};`;
  const missing: MissingPrivilege[] = [];

  if (!privileges.on(database, 'SELECT')) {
    const unreadable = needs.tables.filter((table) => !privileges.onTable(database, table, 'SELECT'));
    missing.push({
      problem:
        unreadable.length > 0
          ? `may not read ${unreadable.slice(0, 3).join(', ')}${unreadable.length > 3 ? ` and ${unreadable.length - 3} more ${unreadable.length === 4 ? 'table' : 'tables'}` : ''} of ${database}`
          : `may read single tables of ${database} only, so that others would be missing without notice`,
      grant: on('SELECT'),
    });
  }
  if (needs.views.length > 0 && !privileges.on(database, 'SHOW VIEW')) {
    missing.push({ problem: `may not read the definition of views of ${database}`, grant: on('SHOW VIEW') });
  }
  if (!skip.triggers && !privileges.on(database, 'TRIGGER')) {
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
      grant: routineGrant(needs, account),
      option: '--skip-routines',
    });
  }
  return missing;
}

function seesRoutines(privileges: Privileges, needs: DumpNeeds): boolean {
  const { database, routines } = needs;
  if (privileges.global('SELECT') || privileges.global('SHOW_ROUTINE')) return true;
  // Where the server does not know it, ALL PRIVILEGES does not hold it.
  const exists = needs.flavour === 'mariadb' && !isOlder(needs.serverVersion, '11.3.0');
  if (exists && privileges.on(database, 'SHOW CREATE ROUTINE')) return true;
  if (privileges.onTable('mysql', 'proc', 'SELECT')) return true;
  // With a right to run or change every routine all of them are visible by name; then each body tells for itself.
  const seesNames = ['EXECUTE', 'ALTER ROUTINE', 'CREATE ROUTINE'].some((name) =>
    privileges.on(database, name),
  );
  return seesNames && routines.every(({ bodyVisible }) => bodyVisible);
}

function routineGrant({ flavour, serverVersion, database }: DumpNeeds, account: string): string {
  if (flavour === 'mysql') {
    return isOlder(serverVersion, '8.0.20')
      ? `GRANT SELECT ON mysql.proc TO ${account};`
      : `GRANT SHOW_ROUTINE ON *.* TO ${account};`;
  }
  return isOlder(serverVersion, '11.3.0')
    ? `GRANT SELECT ON mysql.proc TO ${account};`
    : `GRANT SHOW CREATE ROUTINE ON ${quoteName(database)}.* TO ${account};`;
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
  const both = Object.values(scratchSchemas('x'));
  return needed.filter((privilege) => both.some((schema) => !privileges.on(schema, privilege)));
}

/** Privileges on the target that loading needs and the account lacks. */
export function missingForRestore(
  privileges: Privileges,
  {
    target,
    brings,
    createsDatabase,
  }: Pick<RestorePlan, 'brings' | 'createsDatabase'> & {
    readonly target: Pick<RestorePlan['target'], 'database' | 'holds'>;
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
