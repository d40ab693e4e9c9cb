// Which of an account's grants on databases a server uses: it takes the one that is most specific, not all that match.
// Found in the servers' sources and held against them by the campaign's family `random-grants`.
import type { Flavour } from '../connect/flavour.ts';

/** What decides which grant is used. */
export interface GrantRules {
  readonly flavour: Flavour;
  /** MySQL's partial_revokes=ON: names of databases in grants are names, not patterns. */
  readonly literalNames: boolean;
  /** MySQL looks in another way while roles are active. */
  readonly activeRoles: boolean;
  /** The roles that MySQL's account has, by other roles too, quoted: what is revoked from one of them counts. */
  readonly roles?: readonly string[];
  /** lower_case_table_names: the server keeps grants in lower case. */
  readonly lowerCase: boolean;
}

export interface DatabaseGrant {
  /** As in GRANT … ON: `_` and `%` are wildcards unless escaped by a backslash. */
  readonly pattern: string;
  readonly privileges: ReadonlySet<string>;
}

/**
 * The grants of one account or role of which the server uses one for this database: several where it depends on the
 * order in which they were given, and changes when the server is restarted.
 */
export function usedGrants<G extends DatabaseGrant>(
  grants: readonly G[],
  name: string,
  rules: GrantRules,
): readonly G[] {
  const database = rules.lowerCase ? name.toLowerCase() : name;
  if (rules.literalNames) return grants.filter(({ pattern }) => pattern === database);
  if (rules.flavour === 'mysql' && rules.activeRoles) return usedWithRoles(grants, database);
  const matching = grants.filter(({ pattern }) => matches(database, pattern));
  const rank = rules.flavour === 'mysql' ? rankInMysql : rankInMariadb;
  const best = Math.min(...matching.map(({ pattern }) => rank(pattern)));
  return matching.filter(({ pattern }) => rank(pattern) === best);
}

/** MySQL keeps names and patterns in two sorted maps then; whatever has a wildcard, escaped or not, is a pattern. */
function usedWithRoles<G extends DatabaseGrant>(grants: readonly G[], database: string): readonly G[] {
  const isPattern = ({ pattern }: G): boolean => /[%_]/.test(pattern);
  const exact = grants.filter((grant) => !isPattern(grant) && grant.pattern === database);
  if (exact.length > 0) return exact;
  return grants
    .filter((grant) => isPattern(grant) && matches(database, grant.pattern))
    .sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
    .slice(0, 1);
}

/** MySQL: the later the first wildcard, the more specific; a backslash counts. The lowest rank is used. */
function rankInMysql(pattern: string): number {
  const [head = ''] = /^(?:\\.|[^%_\\]|\\$)*/s.exec(bytesOf(pattern)) ?? [];
  return head.length === bytesOf(pattern).length ? -128 : -Math.min(head.length + 1, 127);
}

const LONGEST_NAME = 64;

/** MariaDB: by the number of names that a pattern could match. The lowest rank is used. */
function rankInMariadb(pattern: string): number {
  const parts = bytesOf(pattern).match(/%+|_|\\.|[^%_]/gs) ?? [];
  const wildcards = parts.filter((part) => /^[%_]/.test(part));
  const many = wildcards.filter((part) => part.startsWith('%')).length;
  const one = wildcards.length - many;
  const literal = parts.length - wildcards.length;
  const prefix = wildcards.length === 0 ? 0 : parts.findIndex((part) => /^[%_]/.test(part));
  const free = many === 0 ? 0 : LONGEST_NAME - literal - one;
  const base = LONGEST_NAME + 1;
  return free > one
    ? (((free * 2 + 1) * base + many) * base + one) * base + prefix
    : ((one * 2 * base + free) * base + many) * base + prefix;
}

function matches(database: string, pattern: string): boolean {
  const expression = bytesOf(pattern).replace(/\\(.)|([_%])|([^\w\s])/gs, (_all, escaped, wild, special) => {
    if (typeof wild === 'string') return wild === '_' ? '.' : '.*';
    const sign = String(escaped ?? special);
    return /\w/.test(sign) ? sign : `\\${sign}`;
  });
  return new RegExp(`^${expression}$`, 's').test(bytesOf(database));
}

/** Both servers compare bytes: it takes two `_` for an ü. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** A database's name as a pattern that matches nothing else. */
export function escapePattern(name: string): string {
  return name.replace(/[_%\\]/g, '\\$&');
}
