import { describe, expect, test } from 'vitest';
import { DumpReader } from '../../../../src/sql/dump-reader.ts';
import type { DumpReport } from '../../../../src/sql/dump-report.ts';
import { TextEdits } from '../../../../src/sql/script/text-edits.ts';
import { statementsOf } from '../statements-of.ts';

const WRAPPED =
  '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW';
/** What mysqldump writes behind a routine or a trigger. */
const BEHIND = 'DELIMITER ;\n/*!50003 SET sql_mode              = @saved_sql_mode */ ;\n';

test('comments in front of a DELIMITER are left out for clients', () => {
  const dump =
    "/* a */\nUNLOCK TABLES;\n/* b;\n it's */ /* c */\n\nDELIMITER $$\n/* d */\nCREATE PROCEDURE p() SELECT 1$$\n/* e */\nDELIMITER ;\n";
  const { edits } = read(dump);

  expect(edits.map(({ start, end }) => dump.slice(start, end))).toEqual([
    "\n/* b;\n it's */ /* c */\n\n",
    '\n/* e */\n',
  ]);
  expect(read('UNLOCK TABLES;\n-- a\n\nDELIMITER ;\n').edits).toEqual([]);
  expect(read('\ufeff--x\n \t\nDELIMITER ;\n').edits).toMatchObject([{ start: 0, end: 10 }]);
});

describe('comments in the text of stored objects', () => {
  test.each([
    `${WRAPPED} /* one; it's */ BEGIN -- two; it's\n# three;\n/* of\n lines; */ SET NEW.a = '/*'; END */`,
    `${WRAPPED} SET NEW.a = (SELECT /*+ MAX_EXECUTION_TIME(1) */ 1) /*+ it's; */ */`,
    `${WRAPPED} SET NEW.a = 1 /* a /*! b */ + /* a /*M! b */ 2 /* /*/ */`,
    "CREATE PROCEDURE p() SELECT /*+ it's; */ 1 /* b; */",
    '/*!50106 CREATE*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE DO /* a; */ SELECT 1 # b\n */',
  ])('are told from text by us as by the servers: %s', (sql) => {
    const dump = `DELIMITER ;;\n${sql} ;;\nDELIMITER ;\nUNLOCK TABLES;\n`;

    expect(read(dump)).toMatchObject({ unsafe: [], malformed: undefined, statements: 2 });
    expect(statementsOf(Buffer.from(dump)).map(({ shape }) => shape)).toEqual(['code', 'plain']);
  });

  test.each([
    [`${WRAPPED} /* one */ SET NEW.a = 1 */`, 'a comment inside a version comment'],
    ['CREATE PROCEDURE p() SELECT /* a /*! b */ 1', 'a comment inside a comment'],
    ["CREATE PROCEDURE p() SELECT /*+ it's */ 1", 'an optimizer hint with quotes or delimiters in it'],
    ['CREATE PROCEDURE p() SELECT /*+ a; */ 1', 'an optimizer hint with quotes or delimiters in it'],
    ['CREATE PROCEDURE p() SELECT /* one */ 1', undefined],
    [`${WRAPPED}\n/* one */ SET NEW.a = 1 */`, undefined],
    ['CREATE PROCEDURE p() SELECT /*+ MAX_EXECUTION_TIME(1) */ 1', undefined],
  ])('are not for a client that may read them in another way: %s', (sql, why) => {
    expect(read(`DELIMITER ;;\n${sql} ;;\nDELIMITER ;\n`).unfitForClient).toBe(why);
  });

  test.each([
    '/*!80000 CREATE PROCEDURE p() SELECT /* a */ 1 */',
    '/*!50003 CREATE PROCEDURE p() SELECT /*!50003 1 */ */',
  ])('are refused where servers read them in different ways: %s', (sql) => {
    expect(read(`DELIMITER ;;\n${sql} ;;\nDELIMITER ;\n`).unsafe).not.toEqual([]);
  });
});

describe('dollar signs', () => {
  test.each(["CREATE PROCEDURE p() SET @$$ = '.', @a$$ = 1, @x = @$b$c", 'CREATE TABLE a$$ (x$y$ int)'])(
    'are a part of a name to all servers: %s',
    (sql) => {
      const dump = `${sql};\nUNLOCK TABLES;\n`;

      expect(read(dump)).toMatchObject({
        unsafe: [],
        statements: 2,
        unfitForClient: 'a name with dollar signs',
      });
      expect(inPieces(Buffer.from(dump))).toEqual(read(dump));
    },
  );

  test('are refused where they may be quotes of MySQL', () => {
    expect(read('CREATE PROCEDURE p() SELECT $$ a; $$;').unsafe[0]).toMatchObject({ text: '$$' });
    expect(read('CREATE PROCEDURE p() SELECT $a$ x; $a$;').unsafe[0]).toMatchObject({ text: '$$' });
  });
});

describe('a word like a command of the client at the start of a line', () => {
  test.each([
    'delimiter',
    'DELIMITER',
    'source',
    'quit',
    'use',
    'tee',
    'help',
    'status',
    'system',
    'edit',
    'go',
  ])('is a name inside a statement: %s', (word) => {
    for (const head of ['CREATE PROCEDURE p()', WRAPPED]) {
      const end = head === WRAPPED ? ' */' : '';
      const sql = `DELIMITER ;;\n${head} SELECT a,\n${word}\n, b AS\n  ${word} FROM t${end};;\nDELIMITER ;\n`;

      expect(read(sql)).toMatchObject({ unsafe: [], malformed: undefined, statements: 1 });
    }
  });

  test('is given to a client with a space in front where it would join the line to the next one', () => {
    const sql =
      'DELIMITER ;;\nCREATE PROCEDURE p() SELECT\ndelimiter\nFROM t WHERE\n delimiter = 1;;\nDELIMITER ;\n';
    const { edits } = read(sql);

    expect(edits).toMatchObject([{ told: 'by-client' }]);
    expect(Buffer.concat([...new TextEdits(edits).push(Buffer.from(sql))]).toString()).toBe(
      sql.replace('\ndelimiter\n', '\n delimiter\n'),
    );
  });

  test.each(['/*!50003 SELECT 1 */\nDELIMITER ;;\n', '/*!50003 SELECT */ /*!50003 1 */\ndelimiter ;;\n'])(
    'is refused where only some clients heed it: %s',
    (sql) => {
      expect(read(sql).unsafe.map(({ reason }) => reason)).toContain('a DELIMITER inside a statement');
    },
  );
});

describe("a body that ends in a line comment, with mysqldump's delimiter in it", () => {
  test.each([
    ['CREATE PROCEDURE p() SELECT 1 -- note', ' ;;\n', BEHIND],
    ['CREATE FUNCTION f() RETURNS int RETURN 1 #', ' ;;\n', BEHIND],
    ['CREATE PROCEDURE p() BEGIN SELECT 1; END -- it`s', ' ;;\n', BEHIND],
    [`CREATE PROCEDURE p() SELECT 1 -- ${'note '.repeat(100)}`, ' ;;\n', BEHIND],
    [`${WRAPPED} SET NEW.a = 1 -- note`, ' */;;\n', BEHIND],
    [
      '/*!50106 CREATE*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1 -- note',
      ' */ ;;\n',
      '/*!50003 SET time_zone             = @saved_time_zone */ ;;\nDELIMITER ;\n',
    ],
  ])('ends there: %s', (sql, delimiter, behind) => {
    const dump = Buffer.from(`DELIMITER ;;\n${sql}${delimiter}${behind}UNLOCK TABLES;\n`);
    const findings = read(dump);
    const [first] = statementsOf(dump);

    expect(findings).toMatchObject({ unsafe: [], malformed: undefined, statements: 3 });
    expect(findings.unfitForClient).toBe('a routine, trigger or event that ends in a comment');
    expect(dump.toString('utf8', first!.start, first!.textEnd)).toBe(
      delimiter.includes('*/') ? `${sql} */` : sql,
    );
    expect(inPieces(dump)).toEqual(findings);
  });

  test.each([
    'CREATE PROCEDURE p() BEGIN SELECT 1; -- note ;;\nDELIMITER ;\nEND ;;\nDELIMITER ;\n',
    'CREATE PROCEDURE p() SELECT 1 -- note ;;\nDROP TABLE t;\nDELIMITER ;\n',
    'CREATE PROCEDURE p() -- note ;;\nDELIMITER ;\nSELECT 1 ;;\nDELIMITER ;\n',
    'CREATE PROCEDURE p() BEGIN SELECT 1; END IF -- note ;;\nDELIMITER ;\nDROP TABLE t;\n',
  ])('goes on where that is not certain: %s', (sql) => {
    expect(statementsOf(Buffer.from(`DELIMITER ;;\n${sql}`)).length).toBe(1);
  });
});

const OF_SHOP = { sourceDatabase: 'shop', targetDatabase: 'shop' };

function read(dump: string | Buffer): DumpReport {
  const reader = new DumpReader(OF_SHOP);
  reader.push(Buffer.from(dump));
  return reader.finish();
}

function inPieces(dump: Buffer): DumpReport {
  const reader = new DumpReader(OF_SHOP);
  for (const byte of dump) reader.push(Buffer.from([byte]));
  return reader.finish();
}
