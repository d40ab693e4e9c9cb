import { usedGrants } from './database-grants.ts';
import type { GrantRules } from './database-grants.ts';
import { parseGrant } from './grant-lines.ts';
import type { Grant } from './grant-lines.ts';

/** By privilege, whether the server lets the account use it on a database. */
export type Answers = ReadonlyMap<string, boolean>;

const USUAL_RULES: GrantRules = {
  flavour: 'mariadb',
  literalNames: false,
  activeRoles: false,
  lowerCase: false,
};

const GRANTEES = ['account', 'role', 'public'] as const;

/** A grant on databases. */
export interface DatabaseLine extends Grant {
  readonly pattern: string;
}

/**
 * What an account may do: what SHOW GRANTS says, read as the server reads it. It does not show grants to an account of
 * the same user name at another host, or to nobody (`''`), which the server uses, too; hence the server's own answers.
 */
export class Privileges {
  readonly #grants: readonly Grant[];
  readonly rules: GrantRules;
  readonly #answers: ReadonlyMap<string, Answers>;

  constructor(
    showGrants: readonly string[] | readonly Grant[],
    rules: GrantRules = USUAL_RULES,
    answers: ReadonlyMap<string, Answers> = new Map(),
  ) {
    this.#grants = showGrants.flatMap((line) => (typeof line === 'string' ? (parseGrant(line) ?? []) : line));
    this.rules = rules;
    this.#answers = answers;
  }

  /** The same, with what the server itself says of a database. */
  answered(database: string, answers: Answers): Privileges {
    return new Privileges(this.#grants, this.rules, new Map([...this.#answers, [database, answers]]));
  }

  /** As if these had been given to the account on a database, or on all that match a pattern. */
  given(pattern: string, privileges: readonly string[]): Privileges {
    const granted: Grant = {
      revoked: false,
      privileges: new Set(privileges),
      scope: { kind: 'database', pattern },
      grantee: 'account',
    };
    return new Privileges([...this.#grants, granted], this.rules);
  }

  /** Whether it holds on the whole server, or on all of it but single databases. */
  global(privilege: string): boolean {
    return this.#grants.some(
      (grant) => !grant.revoked && grant.scope.kind === 'global' && includes(grant, privilege),
    );
  }

  /** Whether it holds on this database because it holds on the whole server. */
  globalFor(database: string, privilege: string): boolean {
    return this.global(privilege) && !this.isRevoked(database, privilege);
  }

  /** Whether it holds on every object of the database, be it granted there or on the whole server. */
  on(database: string, privilege: string): boolean {
    const answer = this.answers(database).get(privilege);
    if (answer !== undefined) return answer;
    if (this.globalFor(database, privilege)) return true;
    if (this.rules.activeRoles && this.isRevoked(database, privilege)) return false;
    const possible = this.#possible(database);
    return (
      possible.length > 0 && possible.every((grants) => grants.some((each) => includes(each, privilege)))
    );
  }

  /** Whether it holds on one table. */
  onTable(database: string, table: string, privilege: string): boolean {
    if (this.on(database, privilege)) return true;
    if (this.rules.activeRoles && this.isRevoked(database, privilege)) return false;
    const [inDatabase, named] = this.rules.lowerCase
      ? [database.toLowerCase(), table.toLowerCase()]
      : [database, table];
    return this.#grants.some(
      (grant) =>
        !grant.revoked &&
        grant.scope.kind === 'table' &&
        grant.scope.database === inDatabase &&
        grant.scope.table === named &&
        includes(grant, privilege),
    );
  }

  /** What the server said of this database. */
  answers(database: string): Answers {
    return this.#answers.get(database) ?? new Map();
  }

  /** SHOW GRANTS does not show what the server uses for this database. */
  isHidden(database: string): boolean {
    return this.#possible(database).length === 0;
  }

  /** MySQL's partial revokes take a database out of a grant on the whole server. */
  isRevoked(database: string, privilege: string): boolean {
    const name = this.rules.lowerCase ? database.toLowerCase() : database;
    return this.#grants.some(
      (grant) =>
        grant.revoked &&
        grant.scope.kind === 'database' &&
        grant.scope.pattern === name &&
        includes(grant, privilege),
    );
  }

  /** Whether SHOW GRANTS tells which of the grants that match this database the server uses. */
  isCertain(database: string): boolean {
    return GRANTEES.every((each) => usedGrants(this.#linesOf(each), database, this.rules).length < 2);
  }

  /** The account's own grants of which the server uses one for this database; see `usedGrants`. */
  ownGrants(database: string): readonly DatabaseLine[] {
    return usedGrants(this.#linesOf('account'), database, this.rules);
  }

  /**
   * The grants on the database that may be in force together: one of the account, one of its roles, one of PUBLIC. There
   * are several possibilities where the server's choice cannot be told, and none when its answers fit none of them.
   */
  #possible(database: string): readonly (readonly Grant[])[] {
    let possible: readonly (readonly Grant[])[] = [[]];
    for (const grantee of GRANTEES) {
      const used = usedGrants(this.#linesOf(grantee), database, this.rules);
      if (used.length > 0) possible = possible.flatMap((grants) => used.map((each) => [...grants, each]));
    }
    const answers = [...this.answers(database)];
    return possible.filter((grants) =>
      answers.every(
        ([privilege, holds]) =>
          holds ===
          (this.globalFor(database, privilege) ||
            (grants.some((each) => includes(each, privilege)) &&
              !(this.rules.activeRoles && this.isRevoked(database, privilege)))),
      ),
    );
  }

  /** What is granted on the same pattern holds together: by MariaDB to several roles, of which one has the others. */
  #linesOf(grantee: Grant['grantee']): readonly DatabaseLine[] {
    const lines = new Map<string, DatabaseLine>();
    for (const grant of this.#grants) {
      if (grant.revoked || grant.scope.kind !== 'database' || grant.grantee !== grantee) continue;
      const { pattern } = grant.scope;
      const privileges = new Set([...(lines.get(pattern)?.privileges ?? []), ...grant.privileges]);
      lines.set(pattern, { ...grant, pattern, privileges });
    }
    return [...lines.values()];
  }
}

function includes({ privileges }: Pick<Grant, 'privileges'>, privilege: string): boolean {
  return privileges.has(privilege) || (privileges.has('ALL PRIVILEGES') && privilege !== 'GRANT OPTION');
}
