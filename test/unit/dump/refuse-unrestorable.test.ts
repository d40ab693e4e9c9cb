import { describe, expect, test } from 'vitest';
import type { DatabaseFacts } from '../../../src/server/catalog/database-facts.ts';
import { refuseUnrestorable } from '../../../src/dump/refuse-unrestorable.ts';
import { NOTHING_SKIPPED } from '../../../src/sql/definitions/skipped-objects.ts';
import type { Skip } from '../../../src/sql/definitions/skipped-objects.ts';
import { DumpReader } from '../../../src/sql/dump-reader.ts';
import { DumpOutline } from '../../../src/sql/outline/dump-outline.ts';
import { DbBackupError } from '../../../src/run/errors.ts';

const TABLE = '-- Table structure for table `t`\nCREATE TABLE `t` (`a` int);\n';
const VIEW = '-- Final view structure for view `v`\nCREATE VIEW `v` AS SELECT 1 AS `a`;\n';
const STAND_IN = 'CREATE VIEW `v` AS SELECT 1 AS `a`;\n';
const CODE = `DELIMITER ;;
CREATE PROCEDURE \`p\`() SELECT 1 ;;
CREATE PACKAGE \`k\` AS FUNCTION f RETURN INT; END ;;
CREATE PACKAGE BODY \`k\` AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END ;;
CREATE TRIGGER \`bi\` BEFORE INSERT ON \`t\` FOR EACH ROW SET @a = 1 ;;
CREATE EVENT \`e\` ON SCHEDULE EVERY 1 DAY ENABLE DO SELECT 1 ;;
DELIMITER ;
`;
const ORACLE = "SET SESSION sql_mode='ORACLE';\n";
const END = '-- Dump completed\n';
const WHOLE = ORACLE + TABLE + STAND_IN + CODE + VIEW + END;

const FACTS: DatabaseFacts = {
  database: 'shop',
  charset: 'utf8mb4',
  collation: 'utf8mb4_general_ci',
  tables: [
    {
      name: 't',
      engine: 'InnoDB',
      kind: 'table',
      dataBytes: 0,
      hasGeneratedColumns: false,
      floatColumns: [],
      strictRefusal: undefined,
    },
  ],
  views: ['v'],
  routines: (['procedure p', 'package k', 'package body k'] as const).map((routine) => {
    const at = routine.lastIndexOf(' ');
    return {
      type: routine.slice(0, at) as 'procedure',
      name: routine.slice(at + 1),
      bodyVisible: true,
    };
  }),
  triggers: ['bi'],
  unreadableTriggers: [],
  triggerTables: new Map([['bi', 't']]),
  events: ['e'],
  undumpableEvents: [],
  programs: [],
  fingerprint: '',
  settlesInMs: 0,
};

function refused(
  sql: string,
  { skip = NOTHING_SKIPPED, label = 'manual' }: { skip?: Skip; label?: string } = {},
): string | undefined {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop' });
  const outline = new DumpOutline();
  reader.push(Buffer.from(sql));
  outline.push(Buffer.from(sql));
  outline.finish();
  try {
    refuseUnrestorable({ database: 'shop', label, skip }, FACTS, { findings: reader.finish(), outline });
    return undefined;
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    expect(error.code).toBe('dump-failed');
    return `${error.message}\n${error.hint ?? ''}`;
  }
}

describe('refuseUnrestorable', () => {
  test('takes a dump that has everything that the server named', () => {
    expect(refused(WHOLE)).toBeUndefined();
  });

  test.each([
    ['a table', TABLE, '1 of 1 tables: t'],
    ['the heading of a table', '-- Table structure for table `t`\n', '1 of 1 tables: t'],
    ['what a view is, behind what stands in for it', VIEW, '1 of 1 views: v'],
    ['a procedure', 'CREATE PROCEDURE `p`() SELECT 1 ;;\n', '1 of 3 routines: procedure p'],
    ['the body of a package', /CREATE PACKAGE BODY.*\n/, '1 of 3 routines: package body k'],
    ['a trigger', /CREATE TRIGGER.*\n/, '1 of 1 triggers: bi'],
    ['an event', /CREATE EVENT.*\n/, '1 of 1 events: e'],
  ])('refuses a dump without %s', (_what, part, missing) => {
    expect(refused(WHOLE.replace(part, ''))).toContain(
      `The dump of shop lacks ${missing}.\nNo backup was made.`,
    );
  });

  test('misses nothing that was to be left out', () => {
    const skip = { routines: true, triggers: true, events: true };

    expect(refused(TABLE + STAND_IN + VIEW + END, { skip })).toBeUndefined();
  });

  test('cannot miss the body of a package in a dump that only the stock client loads', () => {
    const sql = WHOLE.replace(STAND_IN, `SET CHARACTER SET utf8mb4;\n${STAND_IN}`);

    expect(refused(sql)).toBeUndefined();
    expect(refused(sql.replace(/CREATE PACKAGE BODY.*\n/, ''))).toBeUndefined();
  });

  test('names the line, the object and the head of a statement that a restore refuses, and how to do without it', () => {
    const sql = WHOLE.replace('SELECT 1 ;;', 'SELECT 1; DROP DATABASE other ;;');
    const line = sql.slice(0, sql.indexOf('DROP DATABASE')).split('\n').length;

    const told = refused(sql);

    expect(told).toContain(
      `A restore would refuse this dump of shop:\n  line ${line}, procedure p: is followed by a second statement before its delimiter (CREATE PROCEDURE \`p\``,
    );
    expect(told).toContain('Check the definition of procedure p and rewrite it');
    expect(told).toMatch(/Or skip them: --skip-routines$/);
    expect(refused(sql, { label: 'pre-restore' })).not.toContain('--skip');
  });

  test('offers no option for what cannot be left out', () => {
    const sql = WHOLE.replace('AS SELECT 1 AS `a`;\n-- Dump', 'AS SELECT 1; GRANT ALL ON *.* TO x;\n-- Dump');

    expect(refused(sql)).not.toContain('--skip');
  });

  test.each([
    ['GRANT ALL ON *.* TO x;\n', 'line 14: grants privileges'],
    ["INSERT INTO `u` VALUES ('x;\n", 'line 14, table u: a quote opened here is never closed'],
    ['INSERT INTO `gone` VALUES (1);\n', 'table gone: has rows, but the dump does not create it'],
    ['system ls\n', 'line 14: a line that starts with "system" is a client command, not SQL'],
  ])('refuses %j', (statement, words) => {
    expect(refused(WHOLE.replace(END, statement + END))).toContain(words);
  });

  test('refuses what only the stock client could load, and cannot read', () => {
    const sql = `${TABLE}INSERT INTO \`t\` VALUES ('${'\\\n'.repeat(100_001)}');\nTRUNCATE TABLE \`t\`;\n`;

    expect(refused(sql)).toContain(
      'only the stock client can load it (empties a table that was filled before)',
    );
  });
});
