import { describe, expect, test } from 'vitest';
import { missingForOrphans, missingForStoredObjects } from '../../../../src/server/privileges/definers.ts';
import type { StoredObjectNeeds } from '../../../../src/server/privileges/definers.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { Privileges } from '../../../../src/server/privileges/privileges.ts';
import type { Flavour } from '../../../../src/server/connect/flavour.ts';
import { NOTHING } from '../../../../src/sql/definitions/object-names.ts';

describe('the accounts that a dump names as DEFINER', () => {
  test.each([
    {
      title: 'of a view, over three version comments',
      sql: '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`app`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS SELECT 1 AS `one` */;\n',
      definers: ['app@%'],
    },
    {
      title: 'of a trigger and a procedure',
      sql: 'CREATE TABLE `t` (`id` int);\nDELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER x BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1 */;;\nCREATE DEFINER=`app`@`10.0.0.%` PROCEDURE `p`()\nSELECT 1 ;;\nDELIMITER ;\n',
      definers: ['app@10.0.0.%', 'root@localhost'],
    },
    { title: 'of whoever loads it', sql: 'CREATE DEFINER=CURRENT_USER VIEW v AS SELECT 1;\n', definers: [] },
    { title: 'nowhere', sql: "CREATE TABLE t (note varchar(99) DEFAULT 'DEFINER=`x`@`y`');\n", definers: [] },
  ])('are found: $title', ({ sql, definers }) => {
    const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
    reader.push(Buffer.from(`${sql}-- Dump completed\n`));

    expect(reader.finish().definers).toEqual(definers);
  });
});

describe('what an account lacks for views, routines, triggers and events', () => {
  test.each<{ title: string; grants: string[]; needs: Partial<StoredObjectNeeds>; remedies: string[] }>([
    { title: 'nothing for its own', grants: [], needs: { definers: ['app@%'] }, remedies: [] },
    {
      title: 'the right to make what belongs to others',
      grants: [],
      needs: { definers: ['root@localhost'] },
      remedies: ["GRANT SET USER ON *.* TO 'app'@'%';"],
    },
    {
      title: 'SUPER, before MariaDB 10.5',
      grants: [],
      needs: { definers: ['root@localhost'], serverVersion: '10.4.30-MariaDB' },
      remedies: ["GRANT SUPER ON *.* TO 'app'@'%';"],
    },
    {
      title: 'SET_ANY_DEFINER, on MySQL',
      grants: [],
      needs: { definers: ['root@localhost'], flavour: 'mysql', serverVersion: '9.7.4' },
      remedies: ["GRANT SET_ANY_DEFINER ON *.* TO 'app'@'%';"],
    },
    {
      title: 'SET_USER_ID, before MySQL 8.2',
      grants: [],
      needs: { definers: ['root@localhost'], flavour: 'mysql', serverVersion: '8.0.40' },
      remedies: ["GRANT SET_USER_ID ON *.* TO 'app'@'%';"],
    },
    {
      title: 'nothing with SUPER',
      grants: ['GRANT SUPER ON *.* TO `app`@`%`'],
      needs: {
        definers: ['root@localhost'],
        distrustsFunctions: true,
        brings: { ...NOTHING, triggers: ['x'] },
      },
      remedies: [],
    },
    {
      title: 'SYSTEM_USER for what belongs to a system user',
      grants: ['GRANT SET_ANY_DEFINER ON *.* TO `app`@`%`'],
      needs: { systemUsers: ['root@localhost'], flavour: 'mysql', serverVersion: '9.7.4' },
      remedies: ["GRANT SYSTEM_USER ON *.* TO 'app'@'%';"],
    },
    {
      title: 'trust for a trigger where a binary log is written',
      grants: [],
      needs: { distrustsFunctions: true, brings: { ...NOTHING, triggers: ['x'] } },
      remedies: ['SET GLOBAL log_bin_trust_function_creators = 1;'],
    },
    {
      title: 'trust for a function where a binary log is written',
      grants: [],
      needs: { distrustsFunctions: true, brings: { ...NOTHING, routines: ['function f'] } },
      remedies: ['SET GLOBAL log_bin_trust_function_creators = 1;'],
    },
    {
      title: 'no trust for a procedure',
      grants: [],
      needs: { distrustsFunctions: true, brings: { ...NOTHING, routines: ['procedure p'] } },
      remedies: [],
    },
  ])('is $title', ({ grants, needs, remedies }) => {
    const missing = missingForStoredObjects(new Privileges(grants), { ...someNeeds(), ...needs });

    expect(missing.map(({ remedy }) => remedy)).toEqual(remedies);
  });
});

test.each<{ grants: string[]; flavour: Flavour; serverVersion: string; lacks: string | undefined }>([
  { grants: [], flavour: 'mariadb', serverVersion: '11.8.6-MariaDB', lacks: undefined },
  { grants: [], flavour: 'mysql', serverVersion: '8.0.43', lacks: undefined },
  { grants: [], flavour: 'mysql', serverVersion: '9.7.4', lacks: 'ALLOW_NONEXISTENT_DEFINER' },
  {
    grants: ['GRANT ALLOW_NONEXISTENT_DEFINER ON *.* TO `app`@`%`'],
    flavour: 'mysql',
    serverVersion: '9.7.4',
    lacks: undefined,
  },
])('with $grants on $flavour $serverVersion, $lacks is missing for owners that do not exist', (row) => {
  expect(missingForOrphans(new Privileges(row.grants), row)).toBe(row.lacks);
});

/** Of an account on MariaDB whose backup holds tables only. */
function someNeeds(): StoredObjectNeeds {
  return {
    flavour: 'mariadb',
    serverVersion: '10.11.19-MariaDB',
    account: 'app@%',
    brings: NOTHING,
    definers: [],
    systemUsers: [],
    distrustsFunctions: false,
  };
}
