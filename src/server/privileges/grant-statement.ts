// The GRANT statements in messages. What they are for must work afterwards, and no existing privilege may be lost.
import { escapePattern } from './database-grants.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { Privileges } from './privileges.ts';

/**
 * The statement that gives an account privileges on a database, and takes nothing else from it.
 *
 * @param who The account, quoted.
 */
export function grantOn(
  privileges: Privileges,
  wanted: readonly string[],
  { database, who }: { readonly database: string; readonly who: string },
): string {
  const { literalNames, lowerCase } = privileges.rules;
  const name = lowerCase ? database.toLowerCase() : database;
  // Most people write `my_shop`, without the backslash: what they have that way stays together.
  const isNamed = privileges.ownGrants(database).some(({ pattern }) => pattern === name);
  return statements(privileges, wanted, {
    who,
    pattern: literalNames || isNamed ? name : escapePattern(name),
    databases: [database],
  });
}

/** The same for the schemas that restores make. */
export function grantOnScratchSchemas(
  privileges: Privileges,
  wanted: readonly string[],
  { schemas, who }: { readonly schemas: readonly string[]; readonly who: string },
): string {
  // Their names are not known before, and MySQL's partial_revokes=ON knows no patterns.
  if (privileges.rules.literalNames) return `GRANT ${wanted.join(', ')} ON *.* TO ${who};`;
  return statements(privileges, wanted, { who, pattern: 'dbbackup\\_%', databases: schemas });
}

interface Grantee {
  readonly who: string;
  readonly pattern: string;
  readonly databases: readonly string[];
}

/**
 * A grant on a database makes one more row, and the server uses the most specific row alone: what the account had
 * there by another one must be in the new one, too. A row that would still be used instead is added to.
 */
function statements(
  privileges: Privileges,
  wanted: readonly string[],
  { who, pattern, databases }: Grantee,
): string {
  const kept = databases.flatMap((database) => [
    ...privileges
      .ownGrants(database)
      .filter((grant) => grant.pattern !== pattern)
      .flatMap((grant) => [...grant.privileges]),
    ...hiddenPrivileges(privileges, database),
  ]);
  const given = privileges.given(pattern, wanted);
  const used = new Set(
    databases.flatMap((database) => given.ownGrants(database).map((each) => each.pattern)),
  );
  const grantees = [who, ...revokedRoles(privileges, wanted, databases)].join(', ');
  return [...used]
    .map((each) => statement(each === pattern ? [...new Set([...wanted, ...kept])] : wanted, each, grantees))
    .join(' ');
}

/**
 * What MySQL's partial revokes take from a role only a grant to that role gives back; which one it is nobody tells.
 */
function revokedRoles(
  privileges: Privileges,
  wanted: readonly string[],
  databases: readonly string[],
): readonly string[] {
  const { activeRoles, roles = [] } = privileges.rules;
  const isRevoked = databases.some((database) => wanted.some((each) => privileges.isRevoked(database, each)));
  return activeRoles && isRevoked ? roles : [];
}

/** What the account has on a database by a grant that SHOW GRANTS does not show, as far as the server told. */
function hiddenPrivileges(privileges: Privileges, database: string): readonly string[] {
  if (!privileges.isHidden(database)) return [];
  return [...privileges.answers(database)].flatMap(([privilege, holds]) =>
    holds && !privileges.globalFor(database, privilege) ? privilege : [],
  );
}

function statement(list: readonly string[], pattern: string, who: string): string {
  const named = list.filter((privilege) => privilege !== 'GRANT OPTION' && privilege !== 'USAGE');
  const privileges = named.includes('ALL PRIVILEGES') ? 'ALL PRIVILEGES' : named.join(', ');
  const option = list.includes('GRANT OPTION') ? ' WITH GRANT OPTION' : '';
  return `GRANT ${privileges} ON ${quoteName(pattern)}.* TO ${who}${option};`;
}
