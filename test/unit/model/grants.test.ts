import { describe, expect, test } from 'vitest';
import { missingForDump, missingForRestore, Privileges, quoteAccount } from '../../../src/model/grants.ts';
import type { DumpNeeds } from '../../../src/model/grants.ts';
import { NOTHING } from '../../../src/model/object-names.ts';
import { someRestorePlan } from '../cli/some-plans.ts';

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
});

function needs(changes: Partial<DumpNeeds> = {}): DumpNeeds {
  return {
    database: 'shop',
    flavour: 'mariadb',
    serverVersion: '11.8.6-MariaDB',
    account: 'backup@%',
    tables: ['customers', 'orders'],
    views: ['totals'],
    routines: [],
    skip: { routines: false, events: false, triggers: false },
    ...changes,
  };
}

const ENOUGH = 'GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, SHOW CREATE ROUTINE ON `shop`.*';

describe('missingForDump', () => {
  test('misses nothing with exactly what the README names', () => {
    expect(missingForDump(account(ENOUGH), needs())).toEqual([]);
  });

  test.each<[without: string, problem: string, grant: string, option: string | undefined]>([
    ['SHOW VIEW', 'may not read the definition of views of shop', 'GRANT SHOW VIEW ON `shop`.*', undefined],
    ['TRIGGER', 'cannot see the triggers of shop', 'GRANT TRIGGER ON `shop`.*', '--skip-triggers'],
    ['EVENT', 'cannot see the events of shop', 'GRANT EVENT ON `shop`.*', '--skip-events'],
  ])('without %s: names it, the GRANT and what leaves it out', (without, problem, grant, option) => {
    const missing = missingForDump(account(ENOUGH.replace(`, ${without}`, '')), needs());

    expect(missing).toEqual([{ problem, grant: `${grant} TO 'backup'@'%';`, ...(option && { option }) }]);
  });

  test('does not ask for what is left out', () => {
    const skip = { routines: true, events: true, triggers: true };

    expect(missingForDump(account('GRANT SELECT, SHOW VIEW ON `shop`.*'), needs({ skip }))).toEqual([]);
  });

  test('does not ask for SHOW VIEW where there is no view', () => {
    expect(missingForDump(account(ENOUGH.replace(', SHOW VIEW', '')), needs({ views: [] }))).toEqual([]);
  });

  test('names the tables that it may not read, three at most', () => {
    const privileges = account(ENOUGH.replace('SELECT, ', ''), 'GRANT SELECT ON `shop`.`a`');
    const [missing] = missingForDump(privileges, needs({ tables: ['a', 'b', 'c', 'd', 'e'] }));

    expect(missing).toEqual({
      problem: 'may not read b, c, d and 1 more table of shop',
      grant: "GRANT SELECT ON `shop`.* TO 'backup'@'%';",
    });
  });

  test('distrusts an account that sees only the tables that were given to it one by one', () => {
    const privileges = account(ENOUGH.replace('SELECT, ', ''), 'GRANT SELECT ON `shop`.`a`');
    const [missing] = missingForDump(privileges, needs({ tables: ['a'] }));

    expect(missing?.problem).toBe(
      'may read single tables of shop only, so that others would be missing without notice',
    );
  });

  test.each<[string, Partial<DumpNeeds>, string]>([
    ['MySQL since 8.0.20', { flavour: 'mysql', serverVersion: '9.7.4' }, 'GRANT SHOW_ROUTINE ON *.*'],
    ['older MySQL', { flavour: 'mysql', serverVersion: '5.7.44' }, 'GRANT SELECT ON mysql.proc'],
    ['MariaDB since 11.3', { serverVersion: '11.8.6-MariaDB' }, 'GRANT SHOW CREATE ROUTINE ON `shop`.*'],
    ['older MariaDB', { serverVersion: '10.11.19-MariaDB' }, 'GRANT SELECT ON mysql.proc'],
  ])('%s: knows the GRANT that shows routines', (_server, changes, grant) => {
    const privileges = account('GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `shop`.*');

    expect(missingForDump(privileges, needs(changes))).toEqual([
      {
        problem: 'cannot read all procedures and functions of shop',
        grant: `${grant} TO 'backup'@'%';`,
        option: '--skip-routines',
      },
    ]);
  });

  test.each<[grants: string[], bodyVisible: boolean, sees: boolean]>([
    [['GRANT SELECT ON *.*'], true, true],
    [['GRANT SHOW_ROUTINE ON *.*'], true, true],
    [['GRANT SELECT ON `mysql`.`proc`'], true, true],
    [['GRANT EXECUTE ON `shop`.*'], true, true],
    [['GRANT EXECUTE ON `shop`.*'], false, false],
    [[], true, false],
  ])('with %j, bodies visible %s: sees all routines %s', (grants, bodyVisible, sees) => {
    const privileges = account('GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `shop`.*', ...grants);

    const missing = missingForDump(privileges, needs({ routines: [{ name: 'p', bodyVisible }] }));

    expect(missing.length === 0).toBe(sees);
  });

  test.each<[string, Partial<DumpNeeds>, sees: boolean]>([
    ['MySQL', { flavour: 'mysql', serverVersion: '9.7.4' }, false],
    ['MariaDB since 11.3', { serverVersion: '11.8.6-MariaDB' }, true],
    ['older MariaDB', { serverVersion: '10.11.19-MariaDB' }, false],
  ])('%s: whether ALL PRIVILEGES on a database show the routines of others', (_server, changes, sees) => {
    const routines = [{ name: 'p', bodyVisible: false }];

    const missing = missingForDump(
      account('GRANT ALL PRIVILEGES ON `shop`.*'),
      needs({ ...changes, routines }),
    );

    expect(missing.length === 0).toBe(sees);
  });
});

describe('missingForRestore', () => {
  const brings = { tables: ['a'], views: ['v'], routines: ['procedure p'], triggers: ['t'], events: ['e'] };

  test('names each privilege once', () => {
    const plan = someRestorePlan({ brings });

    const missing = missingForRestore(account(), plan);

    expect(new Set(missing).size).toBe(missing.length);
    expect(missing).toEqual(
      expect.arrayContaining(['CREATE', 'DROP', 'INSERT', 'TRIGGER', 'EVENT', 'CREATE VIEW']),
    );
  });

  test('misses nothing with ALL PRIVILEGES on the target', () => {
    const plan = someRestorePlan({ brings });

    expect(missingForRestore(account('GRANT ALL PRIVILEGES ON `shop`.*'), plan)).toEqual([]);
  });

  test('asks only for what the backup brings and the target holds', () => {
    const target = { database: 'shop', endpoint: '127.0.0.1:3306', exists: true, holds: NOTHING };
    const plan = someRestorePlan({ target, createsDatabase: false, brings: { ...NOTHING, events: ['e'] } });

    expect(missingForRestore(account(), plan)).toEqual(['EVENT']);
  });

  test('asks for what clearing the target needs', () => {
    const holds = { ...NOTHING, views: ['v'], routines: ['function f'], events: ['e'] };
    const target = { database: 'shop', endpoint: '127.0.0.1:3306', exists: true, holds };
    const plan = someRestorePlan({ target, createsDatabase: false, brings: NOTHING });

    expect(missingForRestore(account(), plan)).toEqual(['DROP', 'ALTER ROUTINE', 'EVENT']);
  });
});

test.each([
  ['backup@%', "'backup'@'%'"],
  ['a@b@localhost', "'a@b'@'localhost'"],
  ["o'brien@%", String.raw`'o\'brien'@'%'`],
  [String.raw`back\slash@%`, String.raw`'back\\slash'@'%'`],
])('the account %s is quoted as %s', (name, quoted) => {
  expect(quoteAccount(name)).toBe(quoted);
});
