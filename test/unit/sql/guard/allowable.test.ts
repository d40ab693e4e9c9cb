import { describe, expect, test } from 'vitest';
import type { DumpReport } from '../../../../src/sql/dump-report.ts';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import { dumpWith, hostileDumps } from '../../../fixtures/hostile-corpus.ts';

/** Behind two tables, a view, a table with a trigger, and one that is named as another database is. */
const HEAD = `CREATE TABLE small (id int, v varchar(20));
CREATE TABLE goods (id int, v varchar(20));
CREATE TABLE watched (id int);
CREATE TABLE canary (id int);
CREATE VIEW shown AS SELECT 1 AS id;
CREATE TRIGGER tr AFTER INSERT ON watched FOR EACH ROW SET @a = 1;
`;

function read(sql: string, allowUnsafe: boolean): DumpReport {
  const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop', allowUnsafe });
  reader.push(Buffer.from(`${HEAD}${sql}\n-- Dump completed\n`));
  return reader.finish();
}

/** By the reason that the guard gives without the flag. */
const ALLOWABLE: Readonly<Record<string, readonly string[]>> = {
  'has more than plain values among its rows': [
    'INSERT INTO small VALUES (1*2, 3 DIV 2), (7%3, 1|2);',
    "INSERT INTO small (id, v) VALUES (1, CONCAT('a', UPPER('b')));",
    "INSERT INTO small VALUES (1, IF(1 > 2 AND NOT 3 <= 4, 'a', COALESCE(NULL, UUID())));",
    "INSERT INTO small VALUES (1, CASE WHEN 1 IN (1, 2) THEN 'a' ELSE SHA2('b', 256) END);",
    'INSERT INTO small (id) VALUES (id);',
    "INSERT INTO small VALUES (1, 'a') ON DUPLICATE KEY UPDATE v = v, id = id*2;",
    'INSERT INTO `shop`.`small` VALUES (1, HEX(2));',
    'REPLACE INTO small VALUES (FLOOR(1.5), NULL);',
  ],
  'writes rows that are not in the file': [
    'INSERT INTO small SELECT * FROM goods;',
    'INSERT INTO small (id, v) SELECT g.id, g.v FROM goods AS g WHERE g.id > 3 ORDER BY g.id, g.v LIMIT 1, 2;',
    'INSERT IGNORE INTO small SELECT COUNT(*), MAX(v) FROM goods GROUP BY v HAVING COUNT(*) > 1;',
    'INSERT INTO small SELECT s.id, g.v FROM small s, goods g WHERE s.id = g.id;',
    'INSERT INTO small SELECT s.id, g.v FROM small s LEFT JOIN goods g ON (s.id = g.id AND g.v IS NOT NULL);',
    'INSERT INTO small SELECT id, v FROM goods UNION ALL SELECT id, v FROM small;',
    'INSERT INTO small SELECT * FROM (SELECT id, v FROM goods) AS d WHERE d.id NOT IN (SELECT id FROM small);',
    "INSERT INTO small SELECT 1, 'a' FROM dual WHERE NOT EXISTS (SELECT * FROM small WHERE id = 1);",
    "INSERT INTO small SET id = 1+1, v = LOWER('A');",
    'INSERT INTO small TABLE goods;',
    'REPLACE small SELECT * FROM goods JOIN small USING (id);',
    'INSERT INTO small (SELECT id, v FROM goods);',
    'INSERT INTO small SELECT id, v FROM goods ON DUPLICATE KEY UPDATE v = goods.v, id = small.id*2;',
    'INSERT INTO small SELECT s.* FROM (small s, goods AS `g`) NATURAL JOIN goods x WHERE `g`.id = s.id;',
    'INSERT INTO small SELECT d.id, 1 FROM ((SELECT id FROM goods) AS d, small) ORDER BY d.id;',
    'INSERT INTO small SELECT 1, 2 FROM small INNER JOIN goods ON LEFT(small.v, 1) = goods.v LEFT OUTER JOIN goods g ON g.id = 1, small t;',
    "INSERT INTO small SELECT 1, GROUP_CONCAT(DISTINCT v ORDER BY id DESC SEPARATOR ',') FROM goods;",
    // A column, whatever else is called so.
    'INSERT INTO small SELECT mysql.id, 1 FROM goods AS mysql;',
    'INSERT INTO small SELECT canary.id, 1 FROM canary;',
  ],
  'changes existing rows': [
    'UPDATE small SET v = UPPER(v), id = id + 1 WHERE id > 3;',
    'UPDATE small, goods SET small.v = goods.v WHERE small.id = goods.id;',
    'UPDATE LOW_PRIORITY small AS s JOIN goods g ON s.id = g.id SET s.v = (SELECT MAX(v) FROM goods);',
  ],
  'is not of a form that dump programs write': [
    'DELETE FROM small WHERE id = 1;',
    'DELETE s FROM small AS s JOIN goods g ON s.id = g.id;',
    'DELETE s.*, goods FROM small AS s, goods WHERE s.id = goods.id;',
    'DELETE FROM s USING small AS s, goods AS g WHERE s.id = g.id;'.replace('FROM s ', 'FROM small '),
  ],
  'is not a statement that dump programs write': [
    'OPTIMIZE TABLE small, goods;',
    'REPAIR TABLE small QUICK;',
    'CHECK TABLE `small` EXTENDED;',
    'CHECKSUM TABLE small;',
  ],
  'runs a query, or functions': ["SELECT 'loading' AS info;", 'SELECT COUNT(*) FROM small;'],
};

/** Queries in which this table is one of those that are read, as some server or other sees it. */
function tablesBehind(other: string): readonly string[] {
  const before = [
    'small x,',
    'small `x`,',
    'small AS canary,',
    'small canary,',
    'canary,',
    'dual,',
    'DUAL x,',
    '(small, goods),',
    '((small)),',
    '(SELECT 1) x,',
    '(SELECT 1),',
    '(TABLE small) x,',
    '((SELECT 1) UNION (SELECT 2)) x,',
    'small JOIN goods ON small.id = goods.id,',
    'small JOIN goods y ON duplicate = 1,',
    'small JOIN goods ON duplicate,',
    'small JOIN goods ON (duplicate),',
    'small JOIN goods USING (id),',
    'small JOIN goods USING(id) JOIN',
    'small NATURAL JOIN',
    'small NATURAL LEFT JOIN',
    'small NATURAL INNER JOIN',
    'small CROSS JOIN',
    'small STRAIGHT_JOIN',
    'small LEFT OUTER JOIN',
    'small RIGHT JOIN',
    'small INNER JOIN',
    'small FULL OUTER JOIN',
    'small PARTITION (p),',
    'small PARTITION (p0, p1) x,',
    'small USE INDEX (i),',
    'small FORCE INDEX FOR JOIN (i),',
    'small TABLESAMPLE SYSTEM (1),',
    'small FOR SYSTEM_TIME ALL,',
    'small LEFT JOIN (goods,',
    '{ OJ small },',
    ...(
      'value values returning window duplicate key row rows offset except intersect minus union limit group order ' +
      'having where set on using left right natural inner cross outer with for procedure lock fetch qualify ' +
      'lateral ignore use force partition end as update'
    )
      .split(' ')
      .flatMap((word) => [`small ${word},`, `small AS ${word},`, `small x, goods ${word},`]),
  ];
  return before.flatMap((tables) => {
    const closing = tables.endsWith('(goods,') ? ')' : '';
    const from = `FROM ${tables} ${other}${closing}`;
    return [
      `INSERT INTO small SELECT 1, 2 ${from};`,
      `SELECT 1 ${from} WHERE 1 = 1;`,
      `UPDATE small SET id = (SELECT 1 ${from});`,
      `SELECT 1 FROM (SELECT 1 ${from}) q;`,
      `SELECT 1 FROM small WHERE EXISTS (SELECT 1 ${from});`,
      `SELECT 1 UNION SELECT 1 ${from};`,
      `UPDATE ${tables} ${other}${closing} SET x = 1;`,
      `DELETE small ${from};`,
      `DELETE FROM small USING ${tables} ${other}${closing};`,
    ];
  });
}

const NEVER: readonly string[] = [
  // Another database, however it is come by.
  'INSERT INTO small SELECT * FROM canary.small;',
  'INSERT INTO small SELECT * FROM small, canary.t;',
  'INSERT INTO small SELECT * FROM small s, canary.t;',
  'INSERT INTO small SELECT * FROM (small, canary.t);',
  'INSERT INTO small SELECT * FROM (SELECT 1) d, canary.t;',
  'INSERT INTO small SELECT * FROM small JOIN goods ON small.id = goods.id, canary.t;',
  'INSERT INTO small SELECT * FROM small NATURAL JOIN canary.t;',
  'INSERT INTO small SELECT * FROM small STRAIGHT_JOIN canary.t;',
  'INSERT INTO small SELECT id, (SELECT MAX(id) FROM canary.t) FROM goods;',
  'UPDATE small value, canary.t SET t.id = 1;',
  'UPDATE small AS canary, canary.t SET canary.id = 1;',
  'UPDATE small SET canary.t = 1;',
  'UPDATE small SET id = canary.t;',
  'UPDATE small SET id = (SELECT canary.t FROM goods);',
  'UPDATE small SET id = shop.small.id;',
  'DELETE canary.t FROM small, goods;',
  'DELETE t FROM small, goods;',
  'DELETE small FROM small, canary.t;',
  'DELETE small.id FROM small;',
  'DELETE FROM small USING small, canary.t;',
  'DELETE FROM canary.t USING small;',
  'DELETE FROM small ORDER BY canary.t;',
  'DELETE FROM small WHERE id = 1 RETURNING id;',
  'INSERT INTO small (canary.t) SELECT 1;',
  'INSERT INTO small SELECT 1, 2 FROM goods ON DUPLICATE KEY UPDATE id = canary.t;',
  'INSERT INTO small SELECT 1, 2 FROM goods ON DUPLICATE KEY UPDATE id = (SELECT 1 FROM goods, canary.t);',
  'INSERT INTO small SET id = (SELECT 1 FROM goods value, canary.t);',
  'CHECK VIEW canary.t;',
  'CHECK VIEW small;',
  'REPAIR VIEW canary.t;',
  'REPAIR NO_WRITE_TO_BINLOG VIEW canary.t;',
  'OPTIMIZE small, canary.t;',
  'OPTIMIZE TABLE small WAIT 1, canary.t;',
  'CHECKSUM TABLE small, `canary`.t QUICK;',
  // Deeper than anybody writes.
  `SELECT ${'('.repeat(60)}1${')'.repeat(60)};`,
  `SELECT ${'('.repeat(90_000)}1${')'.repeat(90_000)};`,
  'INSERT INTO small SELECT * FROM small WHERE id IN (TABLE canary.t);',
  'INSERT INTO small TABLE canary.t;',
  'INSERT INTO small SELECT canary.t.id FROM small;',
  'INSERT INTO small SELECT canary.f() FROM small;',
  'INSERT INTO small SELECT canary.`f`(1) FROM small;',
  'INSERT INTO small SELECT lower(id), `canary` . `f` () FROM small;',
  'INSERT INTO small SET id = canary.f();',
  'UPDATE small, canary.t SET t.id = 1;',
  'UPDATE canary.t SET id = 1;',
  'DELETE FROM canary.t WHERE id = 1;',
  'DELETE t FROM canary.t WHERE id = 1;',
  'DELETE FROM small, t USING small, canary.t;',
  'OPTIMIZE TABLE small, canary.t;',
  'CHECK TABLE mysql.user;',
  'SELECT * FROM canary.t;',
  'INSERT INTO small VALUES (1, canary.f());',
  'INSERT INTO small VALUES (1, small.id);',
  // Tables that the dump has not made, or whose rows lead elsewhere.
  'INSERT INTO small SELECT * FROM unknown;',
  'UPDATE unknown SET id = 1;',
  'INSERT INTO watched SELECT id FROM goods;',
  'DELETE FROM watched WHERE id = 1;',
  'INSERT INTO small SELECT id, 1 FROM shown;',
  'UPDATE shown SET id = 2;',
  'INSERT INTO watched VALUES (1*2);',
  'INSERT INTO shown VALUES (1*2);',
  // Calls of what the server does not bring, or in a spelling in which it may be another function.
  "INSERT INTO small VALUES (1, load_file('/etc/passwd'));",
  "INSERT INTO small VALUES (1, `load_file`('/etc/passwd'));",
  "INSERT INTO small VALUES (1, CONCAT(load_file('/etc/passwd'), 'a'));",
  "INSERT INTO small SET v = load_file('/etc/passwd');",
  "INSERT INTO small SELECT 1, `load_file`('/etc/passwd') FROM goods;",
  "INSERT INTO small VALUES (1, sys_exec('true'));",
  'INSERT INTO small VALUES (1, `concat`(1));',
  'INSERT INTO small VALUES (1, concat (1));',
  'INSERT INTO small VALUES (1, f());',
  "INSERT INTO small VALUES (1, GET_LOCK('a', 1));",
  // Of some servers, and names of routines on others.
  "INSERT INTO small VALUES (1, MD5('a'));",
  'INSERT INTO small VALUES (1, NVL(2, 3));',
  'UPDATE small SET v = is_uuid(v);',
  'UPDATE small SET v = signed (1);',
  'UPDATE small SET v = returning (1);',
  'SELECT CASE 1 WHEN 1 THEN 2 end (1);',
  'UPDATE small SET v = SLEEP(10);',
  'UPDATE small SET v = count (*);',
  'UPDATE small SET v = f(id);',
  'INSERT INTO small VALUES (1, USER());',
  'INSERT INTO small VALUES (1, CURRENT_USER);',
  'INSERT INTO small VALUES (LAST_INSERT_ID(), 1);',
  // Variables, which settings could be taken from; sequences; files; locks.
  "INSERT INTO small VALUES (1, @m := 'NO_BACKSLASH_ESCAPES');",
  'INSERT INTO small VALUES (1, @@datadir);',
  "UPDATE small SET v = (@m := 'NO_BACKSLASH_ESCAPES');",
  'SELECT 1 INTO @m;',
  "SELECT v FROM small INTO OUTFILE '/tmp/x';",
  "SELECT v INTO DUMPFILE '/tmp/x' FROM small;",
  'SELECT * FROM small FOR UPDATE;',
  'INSERT INTO small SELECT NEXT VALUE FOR canary.s, 1 FROM goods;',
  'INSERT INTO small VALUES (NEXT VALUE FOR s, 1);',
  'INSERT INTO small VALUES ((SELECT MAX(id) FROM goods), 1);',
  'INSERT INTO small VALUES ((TABLE goods), 1);',
  'INSERT INTO small WITH c AS (SELECT 1) SELECT * FROM c;',
  'REPAIR TABLE small USE_FRM;',
  'DO SLEEP(1);',
  "LOAD DATA INFILE '/etc/passwd' INTO TABLE small;",
  // Version comments, second statements.
  'UPDATE small SET id = 1 /*!99999 , v = 2 */;',
  'INSERT INTO small VALUES (1*2 /*!99999 + id */, 1);',
  'DELIMITER //\nUPDATE small SET id = 1; DROP TABLE canary.t //\nDELIMITER ;',
  'DELIMITER //\nINSERT INTO small VALUES (1*2, 1); DROP TABLE canary.t //\nDELIMITER ;',
  // Definitions and settings.
  'CREATE TABLE x AS SELECT * FROM small;',
  'CREATE TABLE x (id int DEFAULT (sleep(1)));',
  'CREATE TABLE x LIKE small;',
  'ALTER TABLE small RENAME TO other;',
  'RENAME TABLE small TO other;',
  'TRUNCATE small, goods;',
  'SET @a = (SELECT 1);',
  'SET sql_mode = @@old_mode;',
  'SET GLOBAL max_connections = 7;',
  "GRANT ALL ON *.* TO 'evil'@'%';",
  'DROP DATABASE canary;',
  'CREATE DATABASE canary;',
  'USE canary;',
  'CALL p();',
  'LOCK TABLES small WRITE CONCURRENT;',
  'system touch x',
];

describe('what --allow-unsafe takes', () => {
  const cases = Object.entries(ALLOWABLE).flatMap(([reason, texts]) => texts.map((sql) => ({ sql, reason })));

  test.each(cases)('$sql', ({ sql, reason }) => {
    const refused = read(sql, false);
    expect(refused).toMatchObject({ unsafe: [{ reason, line: 7, isAllowable: true }], isAllowable: true });
    expect(refused.allowedCount).toBe(0);

    const allowed = read(sql, true);
    expect(allowed).toMatchObject({ unsafe: [], allowed: [{ reason, line: 7 }], allowedCount: 1 });
    expect(allowed).toMatchObject({ outside: [], malformed: undefined, rowsWithoutTable: [] });
  });

  test.each(NEVER)('not %s', (sql) => {
    for (const allowUnsafe of [false, true]) {
      const { unsafe, isAllowable, allowed } = read(sql, allowUnsafe);
      expect(unsafe).not.toEqual([]);
      expect(isAllowable).toBe(false);
      expect(allowed).toEqual([]);
    }
  });

  test.each(['canary.t', '`canary`.`t`', 'canary . t AS x', 'canary.t, small'])(
    'not %s among the tables that are read, wherever',
    (other) => {
      const taken = tablesBehind(other).filter((sql) => {
        const { unsafe, isAllowable, allowed } = read(sql, true);
        return unsafe.length === 0 || isAllowable || allowed.length > 0;
      });
      expect(taken).toEqual([]);
    },
  );

  test('not one that names more than can be examined', () => {
    const { unsafe, isAllowable } = read(`UPDATE small SET id = 1${'+1'.repeat(100_000)};`, true);
    expect(unsafe).toMatchObject([{ reason: 'is too long to be examined' }]);
    expect(isAllowable).toBe(false);
  });

  test('is told apart beyond the remarks that are kept, and counted', () => {
    const many = 'INSERT INTO small VALUES (1*2, 1);\n'.repeat(30);
    expect(read(many, false)).toMatchObject({ isAllowable: true, allowedCount: 0 });
    expect(read(`${many}USE canary;`, false).isAllowable).toBe(false);
    const { allowed, allowedCount } = read(many, true);
    expect([allowed.length, allowedCount]).toEqual([20, 30]);
  });

  test('is loaded by rows where rows are all that it is, else by the stock client', () => {
    expect(read('INSERT INTO small VALUES (1*2, 1);', true).script).toMatchObject({
      tables: [{ name: 'small', rows: [{ statements: 1 }] }, {}, {}, {}],
    });
    for (const sql of [
      'UPDATE small SET id = 1;',
      'SELECT COUNT(*) FROM small;',
      'INSERT INTO small SET id = 1;',
    ])
      expect(read(sql, true).script).toEqual({ line: 7, reason: 'can only be run by the stock client' });
  });
});

/** They reach nothing: an identifier of the server's making, and a sum over the dump's own table. */
const HARMLESS = ['INSERT INTO `small` VALUES (7,UUID());', 'CHECKSUM TABLE small;'];

test.each(hostileDumps({ other: 'canary', secretFile: '/secret', canary: '/tmp/canary' }))(
  'of the hostile corpus: $kind: $sql',
  (dump) => {
    const reader = new DumpReader({ sourceDatabase: 'shop', targetDatabase: 'shop', allowUnsafe: true });
    reader.push(Buffer.from(dumpWith(dump)));
    const { unsafe, outside, malformed } = reader.finish();
    const stays = unsafe.length + outside.length > 0 || malformed !== undefined;
    expect(stays).toBe(!HARMLESS.includes(dump.sql));
  },
);
