import { describe, expect, test } from 'vitest';
import { Privileges } from '../../../../src/server/privileges/privileges.ts';

const to = (grant: string) => `${grant} TO \`backup\`@\`%\``;
const account = (...grants: string[]) => new Privileges(['GRANT USAGE ON *.*', ...grants].map(to));

describe('Privileges', () => {
  test.each<[title: string, grants: string[], privilege: string, holds: boolean]>([
    ['a grant on everything', ['GRANT SELECT, EVENT ON *.*'], 'EVENT', true],
    ['ALL PRIVILEGES on everything', ['GRANT ALL PRIVILEGES ON *.*'], 'TRIGGER', true],
    ['a grant on the database', ['GRANT TRIGGER ON `my_shop`.*'], 'TRIGGER', true],
    ['ALL PRIVILEGES on the database', ['GRANT ALL PRIVILEGES ON `my_shop`.*'], 'TRIGGER', true],
    ['a grant on another database', ['GRANT TRIGGER ON `other`.*'], 'TRIGGER', false],
    ['another privilege', ['GRANT SELECT ON `my_shop`.*'], 'TRIGGER', false],
    ['a pattern', ['GRANT SELECT ON `my%`.*'], 'SELECT', true],
    ['a pattern of one letter', ['GRANT SELECT ON `my_sho_`.*'], 'SELECT', true],
    ['an escaped underscore', [String.raw`GRANT SELECT ON ${'`my\\_shop`'}.*`], 'SELECT', true],
    ['an escaped percent sign', [String.raw`GRANT SELECT ON ${'`my\\%`'}.*`], 'SELECT', false],
    ['a pattern with a letter that means something to us', ['GRANT SELECT ON `my.shop`.*'], 'SELECT', false],
    ['a grant on one table', ['GRANT SELECT ON `my_shop`.`orders`'], 'SELECT', false],
    ['a grant on columns', ['GRANT SELECT (`id`, `name`) ON `my_shop`.*'], 'SELECT', false],
    ['a role', ['GRANT `reader`@`%`'], 'SELECT', false],
    ['a grant on a routine', ['GRANT EXECUTE ON PROCEDURE `my_shop`.`p`'], 'EXECUTE', false],
    [
      'ALL PRIVILEGES, which do not include GRANT OPTION',
      ['GRANT ALL PRIVILEGES ON *.*'],
      'GRANT OPTION',
      false,
    ],
  ])('%s', (_title, grants, privilege, holds) => {
    expect(account(...grants).on('my_shop', privilege)).toBe(holds);
  });

  test.each([
    ['GRANT EXECUTE ON `shop`.* TO `me`@`%` WITH GRANT OPTION', true],
    ['GRANT USAGE ON *.* TO `me`@`%` WITH MAX_USER_CONNECTIONS 3 GRANT OPTION', true],
    ['GRANT EXECUTE ON `shop`.* TO `me`@`%`', false],
    ['GRANT EXECUTE ON `shop`.* TO `me WITH GRANT OPTION`@`%`', false],
    ['GRANT SHOW_ROUTINE ON *.* TO `me`@`%` WITH GRANT OPTION', false],
  ])('%s gives GRANT OPTION: %s', (grant, holds) => {
    expect(new Privileges([grant]).on('shop', 'GRANT OPTION')).toBe(holds);
  });

  test('a partial revoke takes the database out of a grant on everything', () => {
    const privileges = new Privileges([
      to('GRANT SELECT, TRIGGER ON *.*'),
      'REVOKE SELECT ON `secret`.* FROM `backup`@`%`',
    ]);

    expect(privileges.on('secret', 'SELECT')).toBe(false);
    expect(privileges.on('secret', 'TRIGGER')).toBe(true);
    expect(privileges.on('shop', 'SELECT')).toBe(true);
  });

  test('a partial revoke leaves a grant on the database itself', () => {
    const privileges = new Privileges([
      to('GRANT SELECT ON *.*'),
      to('GRANT SELECT ON `secret`.*'),
      'REVOKE SELECT ON `secret`.* FROM `backup`@`%`',
    ]);

    expect(privileges.on('secret', 'SELECT')).toBe(true);
  });

  test('what holds on the server does not follow from a grant on a database', () => {
    expect(account('GRANT SELECT ON `shop`.*').global('SELECT')).toBe(false);
    expect(account('GRANT SELECT ON *.*').global('SELECT')).toBe(true);
  });

  test('a table is covered by its own grant, or by one on its database', () => {
    const own = account('GRANT SELECT ON TABLE `shop`.`we``ird`');

    expect(own.onTable('shop', 'we`ird', 'SELECT')).toBe(true);
    expect(own.onTable('shop', 'orders', 'SELECT')).toBe(false);
    expect(account('GRANT SELECT ON `shop`.*').onTable('shop', 'orders', 'SELECT')).toBe(true);
  });

  test.each<[title: string, grants: string[], privilege: string, holds: boolean]>([
    [
      'of two grants the more specific one',
      ['TRIGGER ON `my%`.*', 'SELECT ON `my\\_shop`.*'],
      'TRIGGER',
      false,
    ],
    ['what the more specific one has', ['TRIGGER ON `my%`.*', 'SELECT ON `my\\_shop`.*'], 'SELECT', true],
    ['a grant on everything beside it', ['TRIGGER ON *.*', 'SELECT ON `my_shop`.*'], 'TRIGGER', true],
  ])('uses %s', (_title, grants, privilege, holds) => {
    expect(account(...grants.map((grant) => `GRANT ${grant}`)).on('my_shop', privilege)).toBe(holds);
  });

  test('unites what an account, its roles and PUBLIC have, each by its most specific grant', () => {
    const privileges = new Privileges([
      to('GRANT SELECT ON `my_shop`.*'),
      'GRANT EVENT ON `my%`.* TO `reader`',
      'GRANT DROP ON `%`.* TO `writer`',
      'GRANT INSERT ON `my%`.* TO `writer`',
      'GRANT TRIGGER ON `%`.* TO PUBLIC',
    ]);

    const held = ['SELECT', 'EVENT', 'INSERT', 'TRIGGER', 'DROP'].filter((name) =>
      privileges.on('my_shop', name),
    );
    expect(held).toEqual(['SELECT', 'EVENT', 'INSERT', 'TRIGGER']);
  });

  test('believes the server, and nothing else where the server contradicts what is shown', () => {
    const shown = account('GRANT SELECT, TRIGGER ON `my%`.*');
    const answered = (select: boolean) => shown.answered('my_shop', new Map([['SELECT', select]]));

    expect(answered(true).on('my_shop', 'TRIGGER')).toBe(true);
    expect(answered(false).on('my_shop', 'SELECT')).toBe(false);
    expect(answered(false).on('my_shop', 'TRIGGER')).toBe(false);
    expect(answered(false).isHidden('my_shop')).toBe(true);
    expect(answered(false).on('my_other', 'TRIGGER')).toBe(true);
  });

  test('counts a privilege only if either of two grants has it, of which MySQL may use any', () => {
    const rules = { flavour: 'mysql', literalNames: false, activeRoles: false, lowerCase: false } as const;
    const privileges = new Privileges(
      ['GRANT SELECT, TRIGGER ON `my%`.*', 'GRANT SELECT, EVENT ON `my_%`.*'].map(to),
      rules,
    );

    expect(['SELECT', 'TRIGGER', 'EVENT'].filter((name) => privileges.on('my_shop', name))).toEqual([
      'SELECT',
    ]);
    const events = privileges.answered('my_shop', new Map([['EVENT', true]]));
    expect(['SELECT', 'TRIGGER', 'EVENT'].filter((name) => events.on('my_shop', name))).toEqual([
      'SELECT',
      'EVENT',
    ]);
  });
});
