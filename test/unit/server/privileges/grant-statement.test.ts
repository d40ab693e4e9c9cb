import { describe, expect, test } from 'vitest';
import type { GrantRules } from '../../../../src/server/privileges/database-grants.ts';
import { grantOn, grantOnScratchSchemas } from '../../../../src/server/privileges/grant-statement.ts';
import { Privileges } from '../../../../src/server/privileges/privileges.ts';

const MARIADB: GrantRules = { flavour: 'mariadb', literalNames: false, activeRoles: false, lowerCase: false };
const WITH_ROLES: GrantRules = { ...MARIADB, flavour: 'mysql', activeRoles: true };
const PARTIAL_REVOKES: GrantRules = { ...MARIADB, flavour: 'mysql', literalNames: true };
const who = "'b'@'%'";

describe('the printed GRANT', () => {
  test.each<[title: string, rules: GrantRules, database: string, has: string[], printed: string]>([
    ['names the database alone', MARIADB, 'shop', [], 'GRANT TRIGGER ON `shop`.*'],
    ['escapes what would be a wildcard', MARIADB, 'my_shop', [], 'GRANT TRIGGER ON `my\\_shop`.*'],
    [
      'adds to what is granted under the very name',
      MARIADB,
      'my_shop',
      ['GRANT SELECT ON `my_shop`.*'],
      'GRANT TRIGGER ON `my_shop`.*',
    ],
    [
      'repeats what the account had by a pattern, which is used no longer',
      MARIADB,
      'shop',
      ['GRANT SELECT, EVENT ON `s%`.*'],
      'GRANT TRIGGER, SELECT, EVENT ON `shop`.*',
    ],
    [
      'repeats the right to pass it on',
      MARIADB,
      'shop',
      ['GRANT SELECT ON `s%`.* TO `b`@`%` WITH GRANT OPTION'],
      "GRANT TRIGGER, SELECT ON `shop`.* TO 'b'@'%' WITH GRANT OPTION;",
    ],
    [
      'is on the pattern that MySQL goes on using, while roles are active',
      WITH_ROLES,
      'my_shop',
      ['GRANT SELECT ON `my%`.*'],
      'GRANT TRIGGER ON `my%`.*',
    ],
    ['has no backslash with partial_revokes', PARTIAL_REVOKES, 'my_shop', [], 'GRANT TRIGGER ON `my_shop`.*'],
  ])('%s', (_title, rules, database, has, printed) => {
    const grants = has.map((line) => (line.includes(' TO ') ? line : `${line} TO \`b\`@\`%\``));
    const privileges = new Privileges(grants, rules);

    const statement = grantOn(privileges, ['TRIGGER'], { database, who });

    expect(statement).toBe(printed.includes(' TO ') ? printed : `${printed} TO ${who};`);
  });

  test('goes to the roles, too, from which MySQL has revoked it', () => {
    const rules = { ...PARTIAL_REVOKES, activeRoles: true, roles: ["'r'@'%'"] };
    const privileges = new Privileges(
      ['GRANT SELECT, TRIGGER ON *.* TO `b`@`%`', 'REVOKE TRIGGER ON `shop`.* FROM `b`@`%`'],
      rules,
    );
    const printed = (wanted: string) => grantOn(privileges, [wanted], { database: 'shop', who });

    expect(printed('TRIGGER')).toBe(`GRANT TRIGGER ON \`shop\`.* TO ${who}, 'r'@'%';`);
    expect(printed('EVENT')).toBe(`GRANT EVENT ON \`shop\`.* TO ${who};`);
  });

  test('repeats what the server lets the account do by a grant that it does not show', () => {
    const privileges = new Privileges([], MARIADB).answered(
      'shop',
      new Map([
        ['SELECT', true],
        ['INSERT', true],
        ['EVENT', false],
      ]),
    );

    expect(grantOn(privileges, ['TRIGGER'], { database: 'shop', who })).toBe(
      `GRANT TRIGGER, SELECT, INSERT ON \`shop\`.* TO ${who};`,
    );
  });
});

describe('the GRANT for scratch schemas', () => {
  const schemas = ['dbbackup_stage_x', 'dbbackup_old_x'];

  test.each<[title: string, rules: GrantRules, has: string[], printed: string]>([
    ['is on the pattern', MARIADB, [], 'GRANT DROP ON `dbbackup\\_%`.*'],
    ['is on everything where there are no patterns', PARTIAL_REVOKES, [], 'GRANT DROP ON *.*'],
    [
      'is also on a pattern that is more specific for one of them',
      MARIADB,
      ['GRANT SELECT ON `dbbackup\\_stage\\_%`.* TO `b`@`%`'],
      "GRANT DROP ON `dbbackup\\_stage\\_%`.* TO 'b'@'%'; GRANT DROP, SELECT ON `dbbackup\\_%`.*",
    ],
  ])('%s', (_title, rules, has, printed) => {
    const privileges = new Privileges(has, rules);

    expect(grantOnScratchSchemas(privileges, ['DROP'], { schemas, who })).toBe(`${printed} TO ${who};`);
  });
});
