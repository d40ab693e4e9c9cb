import { describe, expect, test } from 'vitest';
import { Privileges } from '../../../../src/server/privileges/privileges.ts';
import { grantsOfBackup } from '../../../../src/restore/routine-grants/grants-of-backup.ts';
import { grantStatement, grantText, listed } from '../../../../src/server/privileges/routine-grants.ts';
import {
  grantsOn,
  grantsWithout,
  mergedGrants,
  notGivable,
} from '../../../../src/server/privileges/routine-grants.ts';
import type { RoutineGrant } from '../../../../src/server/privileges/routine-grants.ts';
import { someManifest } from '../../cli/render/some-backups.ts';

function someGrant(changes: Partial<RoutineGrant> = {}): RoutineGrant {
  return { routine: 'procedure add_order', user: 'app', host: '%', privileges: ['EXECUTE'], ...changes };
}

describe('the statement that gives a privilege on a routine', () => {
  test.each<{ title: string; grant: RoutineGrant; statement: string }>([
    {
      title: 'names routine and account',
      grant: someGrant(),
      statement: "GRANT EXECUTE ON PROCEDURE `shop`.`add_order` TO 'app'@'%'",
    },
    {
      title: 'adds GRANT OPTION as it is written',
      grant: someGrant({ privileges: ['EXECUTE', 'ALTER ROUTINE', 'GRANT OPTION'] }),
      statement:
        "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `shop`.`add_order` TO 'app'@'%' WITH GRANT OPTION",
    },
    {
      title: 'gives GRANT OPTION alone',
      grant: someGrant({ routine: 'function total', privileges: ['GRANT OPTION'] }),
      statement: "GRANT USAGE ON FUNCTION `shop`.`total` TO 'app'@'%' WITH GRANT OPTION",
    },
    {
      title: 'names a role of MariaDB without a host',
      grant: someGrant({ user: 'clerks', host: '' }),
      statement: 'GRANT EXECUTE ON PROCEDURE `shop`.`add_order` TO `clerks`',
    },
    {
      title: 'names the body of a package, and quotes what is odd',
      grant: someGrant({ routine: 'package body a `b` c', user: "o'neil" }),
      statement: "GRANT EXECUTE ON PACKAGE BODY `shop`.`a ``b`` c` TO 'o\\'neil'@'%'",
    },
  ])('$title', ({ grant, statement }) => {
    expect(grantStatement('shop', grant)).toBe(statement);
  });

  test('is told in words', () => {
    expect(grantText(someGrant())).toBe("EXECUTE on procedure add_order for 'app'@'%'");
  });
});

test('grants are found by their routine in any case of letters, those on a body with its package', () => {
  const order = someGrant({ routine: 'procedure ADD_Order' });
  const body = someGrant({ routine: 'package body tools' });
  const other = someGrant({ routine: 'function add_order' });

  expect(grantsOn([order, body, other], ['procedure add_order', 'package tools'])).toEqual([order, body]);
});

test('grants to one account on one routine become one', () => {
  const merged = mergedGrants([
    someGrant(),
    someGrant({ user: 'other' }),
    someGrant({ privileges: ['EXECUTE', 'GRANT OPTION'] }),
  ]);

  expect(merged).toEqual([
    someGrant({ privileges: ['EXECUTE', 'GRANT OPTION'] }),
    someGrant({ user: 'other' }),
  ]);
});

test('what is given already is not given again', () => {
  const wanted = [someGrant({ privileges: ['EXECUTE', 'GRANT OPTION'] }), someGrant({ user: 'other' })];

  expect(grantsWithout(wanted, [someGrant(), someGrant({ user: 'other' })])).toEqual([
    someGrant({ privileges: ['GRANT OPTION'] }),
  ]);
});

test.each([
  { grants: ['GRANT EXECUTE ON `shop`.* TO `me`@`%` WITH GRANT OPTION'], may: true },
  { grants: ['GRANT EXECUTE ON `shop`.* TO `me`@`%`'], may: false },
  { grants: ['GRANT SELECT ON `shop`.* TO `me`@`%` WITH GRANT OPTION'], may: false },
  { grants: ['GRANT ALL PRIVILEGES ON *.* TO `me`@`%` WITH GRANT OPTION'], may: true },
])('$grants lets an account give EXECUTE: $may', ({ grants, may }) => {
  expect(notGivable([someGrant()], new Privileges(grants), 'shop')).toEqual(may ? [] : [someGrant()]);
});

describe('grants that a backup brings', () => {
  const routineGrants = [someGrant()];
  const server = { flavour: 'mariadb', version: '11.8.9-MariaDB', host: 'db', port: 3306 } as const;
  const manifest = someManifest({ database: 'shop', label: 'manual', server, routineGrants });
  const target = { database: 'shop', routines: [], server: { host: 'db', port: 3306 } };
  const known = { ...manifest, server: { ...server, identity: 'a' } };

  test.each([
    { title: 'are those on routines that the target lacks', manifest, target, brings: routineGrants },
    {
      title: 'are not those on routines that it has',
      manifest,
      target: { ...target, routines: ['procedure Add_Order'] },
      brings: [],
    },
    {
      title: 'are not given in another database',
      manifest,
      target: { ...target, database: 'other' },
      brings: [],
    },
    {
      title: 'are not given on a server that was reached in another way',
      manifest,
      target: { ...target, server: { host: 'test', port: 3306 } },
      brings: [],
    },
    {
      title: 'are given on the same server, in whatever way it was reached',
      manifest: known,
      target: { ...target, server: { host: '', port: 0, identity: 'a' } },
      brings: routineGrants,
    },
    {
      title: 'are not given on another server that is reached in the same way',
      manifest: known,
      target: { ...target, server: { ...target.server, identity: 'b' } },
      brings: [],
    },
    {
      title: 'are not given by a safety backup of another server',
      manifest: { ...known, label: 'pre-restore' },
      target: { ...target, server: { ...target.server, identity: 'b' } },
      brings: [],
    },
    {
      title: 'are given by a safety backup, however its server is called now',
      manifest: { ...manifest, label: 'pre-restore' },
      target: { ...target, server: { host: 'localhost', port: 3306 } },
      brings: routineGrants,
    },
    {
      title: 'are unknown of release 0.1.0',
      manifest: { ...manifest, routineGrants: undefined },
      target,
      brings: [],
    },
  ])('$title', ({ manifest, target, brings }) => {
    expect(grantsOfBackup(manifest, target)).toEqual(brings);
  });
});

test('a long list is cut', () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);

  expect(listed(names)).toBe('p0; p1; p2; p3; p4; p5; p6; p7; p8; p9; and 2 more');
});
