import { expect, test } from 'vitest';
import { expectSameDump, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import type { TestServer } from '../../../harness/test-server.ts';

/** No comments in bodies: MariaDB's client leaves them out, unless it is told not to. */
const SQL = `
CREATE TABLE parents (id INT PRIMARY KEY, word VARCHAR(50) COMMENT 'two
lines', KEY (word));
INSERT INTO parents VALUES (1, 'a
b'), (2, 'c\\r\\nd;
'), (3, 'e\rf');
CREATE TABLE children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id));
INSERT INTO children VALUES (1, 1);
DELIMITER ;;
CREATE PROCEDURE p(n INT)
BEGIN
  IF n > 0 THEN
    SELECT 'x
y', n;
  END IF;
END ;;
CREATE FUNCTION f() RETURNS VARCHAR(20) DETERMINISTIC
RETURN 'g
h' ;;
CREATE TRIGGER t BEFORE INSERT ON children FOR EACH ROW
BEGIN
  SET NEW.parent = 1;
END ;;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO
BEGIN
  DELETE FROM children;
END ;;
DELIMITER ;
CREATE VIEW v AS SELECT f() AS f,
  word FROM parents;
`;

/** Leaves the dump to the stock client. */
/** Which then makes what stands in it besides tables, too. */
const OWN_ACCOUNT = ['--load-account', 'off'];
const FOR_CLIENT = 'CREATE TABLE u (a INT, b INT);\nINSERT INTO u VALUES (1, 2);\nTRUNCATE TABLE u;\n';

function withCarriageReturns(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** None of these has the dump tool's last line. */
const WHOLE = '--allow-incomplete';

/** Loads it both ways and compares; `args` say how we do it. */
async function expectAsTheStockClient(
  server: TestServer,
  dump: string | Buffer,
  args: readonly string[] = [],
) {
  const expected = await freshDatabase(server);
  await server.stockLoad(dump, expected);
  const target = databaseToBeMade(server);

  const { stderr } = await succeeds(['restore', '-', '--to', target, WHOLE, ...args], {
    server,
    input: dump,
  });

  expectSameDump(await server.dump(target), await server.dump(expected));
  return stderr;
}

const HOW = [
  { how: 'beside the target', args: [] },
  { how: 'in place', args: ['--in-place'] },
];

describeEachFlavour('a dump whose lines end in CR LF', (server, servers) => {
  const ways = HOW.filter(({ args }) => args.length === 0 || isTurnOf('in place', server, servers));
  test.each(ways)('by hand comes out $how as the stock client makes it', async ({ args }) => {
    const stderr = await expectAsTheStockClient(server, withCarriageReturns(SQL), args);
    expect(stderr).not.toContain('stock client');
  });

  test('by the dump tool comes out as the stock client makes it', async () => {
    const source = await freshDatabase(server);
    await server.stockLoad(SQL, source);
    const dump = withCarriageReturns((await server.dump(source)).toString('latin1'));

    const stderr = await expectAsTheStockClient(server, Buffer.from(dump, 'latin1'));
    expect(stderr).not.toContain('in place');
  });

  test('comes out as the stock client makes it when only that can load it', async () => {
    const dump = SQL + FOR_CLIENT;
    await expectAsTheStockClient(server, withCarriageReturns(dump), OWN_ACCOUNT);
  });
});

describeEachFlavour('a dump whose lines end in LF', (server) => {
  test('keeps each CR in data and bodies, and on single lines', async () => {
    const target = databaseToBeMade(server);
    const dump = `CREATE TABLE t (id INT PRIMARY KEY, w TEXT);\r
INSERT INTO t VALUES (1, 'a\r\nb');\r
INSERT INTO t VALUES (2, 'c\r');
DELIMITER ;;
CREATE FUNCTION f() RETURNS TEXT DETERMINISTIC RETURN 'd\r\ne' ;;
DELIMITER ;
`;
    await succeeds(['restore', '-', '--to', target, WHOLE], { server, input: `-- x\n${dump}` });

    const hex = 'SELECT HEX(w) FROM t ORDER BY id; SELECT HEX(f());';
    expect(await server.sql(hex, target)).toBe('610D0A62\n630D\n640D0A65');
  });
});

/** As SQLyog writes it, and in a file that begins with it. */
const DELIMITER_FIRST = `DELIMITER $$
CREATE FUNCTION first() RETURNS INT DETERMINISTIC RETURN 1$$
DELIMITER ;
CREATE TABLE t (id INT PRIMARY KEY);
/* Trigger structure for
   table t; it's */

DELIMITER $$

/*!50003 CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN
  SET NEW.id = 2;
END */$$

/* Procedure */
DELIMITER ;
`;

describeEachFlavour(
  'a dump that begins with DELIMITER, and has comments in front of others',
  (server, servers) => {
    const dumps = [
      { how: 'in parts', dump: DELIMITER_FIRST, args: [] },
      { how: 'in parts, with CR LF', dump: withCarriageReturns(DELIMITER_FIRST), args: [] },
      { how: 'through the stock client', dump: DELIMITER_FIRST + FOR_CLIENT, args: OWN_ACCOUNT },
    ];
    test.each(dumps.filter(({ how }) => !how.includes('CR LF') || isTurnOf(how, server, servers)))(
      'is loaded $how as the stock client does it',
      async ({ dump, args }) => {
        await expectAsTheStockClient(server, dump, args);
      },
    );

    test('has the lines of its file in what is said of it', async () => {
      const target = databaseToBeMade(server);
      const dump = `${DELIMITER_FIRST}${FOR_CLIENT}INSERT INTO u VALUES (1);\n`;
      const line = dump.split('\n').findLastIndex((each) => each.startsWith('INSERT')) + 1;

      await expectFailure(
        ['restore', '-', '--to', target, WHOLE, '--in-place', ...OWN_ACCOUNT],
        { server, input: dump },
        {
          code: 'restore-failed',
          message: [`Loading failed at line ${line} of`],
          hint: undefined,
        },
      );
    });
  },
);
