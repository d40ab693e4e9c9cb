import { describe, expect, test } from 'vitest';
import {
  missingForDump,
  missingForRestore,
  quoteAccount,
} from '../../../../src/server/privileges/missing-privileges.ts';
import { Privileges } from '../../../../src/server/privileges/privileges.ts';
import type { DumpNeeds } from '../../../../src/server/privileges/missing-privileges.ts';
import { NOTHING } from '../../../../src/sql/definitions/object-names.ts';
import { someRestorePlan } from '../../cli/render/some-plans.ts';

const to = (grant: string) => `${grant} TO \`backup\`@\`%\``;
const account = (...grants: string[]) => new Privileges(['GRANT USAGE ON *.*', ...grants].map(to));

function needs(changes: Partial<DumpNeeds> = {}): DumpNeeds {
  return {
    database: 'shop',
    flavour: 'mariadb',
    serverVersion: '11.8.6-MariaDB',
    account: 'backup@%',
    tables: ['customers', 'orders'],
    views: ['totals'],
    routines: [],
    unreadableTriggers: [],
    skip: { routines: false, events: false, triggers: false },
    ...changes,
  };
}

const ENOUGH = 'GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, SHOW CREATE ROUTINE ON `shop`.*';

describe('missingForDump', () => {
  test('misses nothing with exactly what the documentation names', () => {
    expect(missingForDump(account(ENOUGH), needs())).toEqual([]);
  });

  test.each<[without: string, problem: string, grant: string, option: string | undefined]>([
    ['SHOW VIEW', 'may not read view definitions of shop', 'GRANT SHOW VIEW ON `shop`.*', undefined],
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
      'may read only single tables of shop, so others would be missing without notice',
    );
  });

  test.each<[string, Partial<DumpNeeds>, string]>([
    ['MySQL since 8.0.20', { flavour: 'mysql', serverVersion: '9.7.4' }, 'GRANT SHOW_ROUTINE ON *.*'],
    ['MySQL 8 before that', { flavour: 'mysql', serverVersion: '8.0.19' }, 'GRANT SELECT ON *.*'],
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
    ['MySQL 8, which has no mysql.proc', { flavour: 'mysql', serverVersion: '9.7.4' }, false],
    ['MySQL 5.7', { flavour: 'mysql', serverVersion: '5.7.44' }, true],
    ['MariaDB', { serverVersion: '10.11.19-MariaDB' }, true],
  ])('%s: whether a pattern that matches mysql, too, shows routines', (_server, changes, sees) => {
    const routines = [{ name: 'p', bodyVisible: false }];

    const missing = missingForDump(
      account('GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `%`.*'),
      needs({ ...changes, routines }),
    );

    expect(missing.length === 0).toBe(sees);
  });

  test('is content with what holds on each table, where all of them are seen', () => {
    const tables = needs().tables.map((table) => `GRANT TRIGGER ON \`shop\`.\`${table}\``);
    const views = needs().views.map((view) => `GRANT SHOW VIEW ON \`shop\`.\`${view}\``);
    const database = 'GRANT SELECT, EVENT, SHOW CREATE ROUTINE ON `shop`.*';

    expect(missingForDump(account(database, ...tables, ...views), needs())).toEqual([]);
    expect(missingForDump(account(database, ...tables.slice(1), ...views), needs())).toHaveLength(1);
  });

  test('believes no grant while the server hides the body of a trigger', () => {
    const missing = missingForDump(account(ENOUGH), needs({ unreadableTriggers: ['t'] }));

    expect(missing.map(({ problem }) => problem)).toEqual(['cannot see the triggers of shop']);
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
    const target = { database: 'shop', endpoint: '127.0.0.1:3306', server: {}, exists: true, holds: NOTHING };
    const plan = someRestorePlan({ target, createsDatabase: false, brings: { ...NOTHING, events: ['e'] } });

    expect(missingForRestore(account(), plan)).toEqual(['EVENT']);
  });

  test('asks for what clearing the target needs', () => {
    const holds = { ...NOTHING, views: ['v'], routines: ['function f'], events: ['e'] };
    const target = { database: 'shop', endpoint: '127.0.0.1:3306', server: {}, exists: true, holds };
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
