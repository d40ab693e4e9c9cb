import { describe, expect, test } from 'vitest';
import { escapePattern, usedGrants } from '../../../../src/server/privileges/database-grants.ts';
import type { GrantRules } from '../../../../src/server/privileges/database-grants.ts';

const MARIADB: GrantRules = { flavour: 'mariadb', literalNames: false, activeRoles: false, lowerCase: false };
const MYSQL: GrantRules = { ...MARIADB, flavour: 'mysql' };
const WITH_ROLES: GrantRules = { ...MYSQL, activeRoles: true };
const PARTIAL_REVOKES: GrantRules = { ...MYSQL, literalNames: true };
const LOWER_CASE: GrantRules = { ...MARIADB, lowerCase: true };

describe('of several grants on databases', () => {
  test.each<[rules: GrantRules, database: string, patterns: string[], used: string[]]>([
    [MARIADB, 'p2', ['p%', 'p2'], ['p2']],
    [MARIADB, 'p2', ['%', 'p%', 'p_'], ['p_']],
    [MARIADB, 'p_2', ['p_2', 'p\\_2', '%2'], ['p\\_2']],
    [MARIADB, 'p22', ['p%', '%2', 'p2%'], ['p2%']],
    [MARIADB, 'p2', ['p%', '%2'], ['%2']],
    [MARIADB, 'p22', ['p__', 'p%'], ['p__']],
    [MARIADB, 'p2', ['q%'], []],
    [MARIADB, 'P2', ['p2', 'p%'], []],
    [MARIADB, 'pü', ['p_', 'p__'], ['p__']],
    [MARIADB, 'p.2', ['p_2', 'p.2'], ['p.2']],
    [LOWER_CASE, 'P2', ['p2', 'p%'], ['p2']],
    [MYSQL, 'p2', ['p%', 'p2'], ['p2']],
    [MYSQL, 'p22', ['%', 'p%', 'p2%'], ['p2%']],
    [MYSQL, 'p_2', ['p\\_%', 'p_2', '%2'], ['p\\_%']],
    [WITH_ROLES, 'p2', ['%', 'p2', 'p%'], ['p2']],
    [WITH_ROLES, 'p22', ['p2%', '%2'], ['%2']],
    [WITH_ROLES, 'p_2', ['p\\_2', 'p_2', 'p%'], ['p%']],
    [PARTIAL_REVOKES, 'p2', ['p%', 'p_'], []],
    [PARTIAL_REVOKES, 'p_2', ['p_2', 'p\\_2'], ['p_2']],
  ])('%j uses, for %s, of %j: %j', (rules, database, patterns, used) => {
    const grants = patterns.map((pattern) => ({ pattern, privileges: new Set<string>() }));

    expect(usedGrants(grants, database, rules).map(({ pattern }) => pattern)).toEqual(used);
    expect(usedGrants(grants.toReversed(), database, rules).map(({ pattern }) => pattern)).toEqual(used);
  });

  test('MySQL may use either of two whose first wildcard is at the same place', () => {
    const grants = ['p%', 'p_', '%'].map((pattern) => ({ pattern, privileges: new Set<string>() }));

    expect(usedGrants(grants, 'p2', MYSQL).map(({ pattern }) => pattern)).toEqual(['p%', 'p_']);
  });
});

test.each([
  ['shop', 'shop'],
  ['my_shop', 'my\\_shop'],
  ['100%', '100\\%'],
  ['back\\slash', 'back\\\\slash'],
])('%s, as a pattern, is %s', (name, pattern) => {
  expect(escapePattern(name)).toBe(pattern);
});
