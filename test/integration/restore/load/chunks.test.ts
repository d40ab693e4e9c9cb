import { copyFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, manifestOf, restore } from '../../../harness/backup.ts';
import { contentOf } from '../../../harness/backups.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeOneServer,
  testServers,
} from '../../../harness/describe-each-server.ts';
import { expectFailure, expectToldInText } from '../../../harness/failure.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { plant } from '../../../harness/planted-backup.ts';
import { expectNoRowData } from '../../../harness/row-data.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';

/** Doubled until the table is large; rows come back in the order in which they went in. */
const LOOSE_SQL = `
CREATE TABLE loose (n INT, words TEXT) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
INSERT INTO loose VALUES (3, REPEAT('über ', 300)), (1, REPEAT('it''s', 300)), (2, NULL), (1, '');
${'INSERT INTO loose SELECT n + 7, words FROM loose;\n'.repeat(10)}`;

/** Every kind of value that dump tools write in a way of its own. */
const ODD_SQL = `
CREATE TABLE odd (
  id INT AUTO_INCREMENT PRIMARY KEY, tiny DECIMAL(30,10), exact DOUBLE, raw VARBINARY(200), flag BIT(3), place GEOMETRY,
  words LONGTEXT, doc JSON, at DATETIME(6), kind ENUM('a''b', 'c'), words_length INT GENERATED ALWAYS AS (CHAR_LENGTH(words)) STORED
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
INSERT INTO odd (tiny, exact, raw, flag, place, words, doc, at, kind) VALUES
  (-0.0000000001, 1e-300, 0x00275C0A0D1A, b'101', ST_GeomFromText('POINT(1 -2)'), CONCAT('\\\\', CHAR(0), '\\n\\r', CHAR(26), '"', '''', '😀', REPEAT('; ', 50)), '{"a": "\\\\"b"}', '2026-11-27 01:02:03.4', 'a''b'),
  (12345678901234567890.5, -1.7976931348623157e308, '', b'0', NULL, REPEAT('\\\\\\'', 80), '[]', NULL, NULL),
  (NULL, 0, NULL, NULL, NULL, ');\\nINSERT INTO \`odd\` VALUES (1', 'null', NULL, 'c');
${'INSERT INTO odd (tiny, exact, raw, flag, place, words, doc, at, kind) SELECT tiny, exact, raw, flag, place, words, doc, at, kind FROM odd;\n'.repeat(13)}`;

const TRIGGER_SQL =
  'CREATE TRIGGER many_rows_note BEFORE INSERT ON many_rows FOR EACH ROW SET NEW.note = UPPER(NEW.note);';

describeEachFlavour('a restore of tables that are large enough for chunks', (server) => {
  test('brings every row back, in its order, once', async () => {
    const database = await freshDatabase(server, {
      sql: `${manyRowsSql(100_000)}\n${LOOSE_SQL}\n${ODD_SQL}\n${TRIGGER_SQL}\nCREATE TABLE small (id INT PRIMARY KEY); INSERT INTO small VALUES (1);`,
    });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const { tables } = await manifestOf(path);
    const counts = tables.map(({ name, chunks = [] }) => [name, chunks.length > 0]);
    expect(Object.fromEntries(counts)).toEqual({ loose: true, many_rows: true, odd: true, small: false });

    const copy = databaseToBeMade(server);
    await restore(server, path, copy, ['--to', copy]);
    expectSameDump(await server.dump(copy), before);

    const single = databaseToBeMade(server);
    await restore(server, path, single, ['--to', single, '--table', 'odd', '--table', 'loose']);
    const checksum = async (name: string): Promise<string> =>
      (await server.query('CHECKSUM TABLE odd, loose', name)).replaceAll(name, '');
    expect(await checksum(single)).toBe(await checksum(database));
    expect((await server.query('SHOW TABLES', single)).split(/\s+/)).toEqual(['loose', 'odd']);
  }, 120_000);
});

/** A backup with a table of several chunks, not compressed. */
async function chunked(server: TestServer): Promise<{ database: string; path: string; lastAt: number }> {
  const database = await freshDatabase(server, { sql: manyRowsSql(150_000) });
  const path = await backUp(server, database, ['--compress', 'none']);
  const [table] = (await manifestOf(path)).tables;
  expect(table?.chunks?.length).toBeGreaterThan(1);
  return { database, path, lastAt: table?.chunks?.at(-1)?.offsetBytes ?? 0 };
}

describeOneServer('a statement of a chunk that the server refuses', (server) => {
  test('is told without its rows: 20, and the target as it was', async () => {
    const { database, path } = await chunked(server);
    let statement = 0;
    let note = '';
    await plant(path, (sql) => {
      const at = sql.indexOf('(149998,');
      statement = sql.slice(0, at).split('INSERT INTO').length - 1;
      note = /'[^']*','([^']*)'/.exec(sql.slice(at))?.[1] ?? '';
      return `${sql.slice(0, at)}(149997,${sql.slice(at + '(149998,'.length)}`;
    });
    const before = await contentOf(server, database);

    const result = await runDbbackup(['restore', path, '--confirm', database], { server });
    expectToldInText(result, {
      code: 'restore-failed',
      message: [
        `Loading failed at the table many_rows, statement ${statement}: ERROR 1062: Duplicate entry`,
        `${database} is unchanged.`,
      ],
      hint: undefined,
    });
    await expectNoRowData(note, result);
    expect(await contentOf(server, database)).toBe(before);
  });
});

describeOneServer('rows that only the guard knows', (server) => {
  test('are loaded all the same, when it has read all of the file', async () => {
    const { database, path, lastAt } = await chunked(server);
    const before = await server.dump(database);
    // A row with another kind of quotes, which no dump tool writes.
    await plant(path, (sql) => {
      const [first, behind] = [sql.slice(0, lastAt + 1000), sql.slice(lastAt + 1000)];
      return first + behind.replace(/\((\d+),'(\w+)',/, '($1,"$2",');
    });
    const copy = databaseToBeMade(server);
    await restore(server, path, copy, ['--to', copy]);

    expectSameDump(await server.dump(copy), before);
  });
});

describe('on a server with GTIDs', () => {
  const [mysql] = testServers().filter(({ flavour }) => flavour === 'mysql');

  test.runIf(mysql !== undefined)(
    'large tables of several engines do not meet in one transaction',
    async () => {
      await using own = await ownServer(mysql!, ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
      const { server } = own;
      const large = (name: string, engine: string, doublings: number): string =>
        `CREATE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(200)) ENGINE = ${engine};
       INSERT INTO ${name} (note) VALUES (REPEAT('x', 150));
       ${`INSERT INTO ${name} (note) SELECT note FROM ${name};\n`.repeat(doublings)}`;
      const database = 'engines';
      await server.sql(`CREATE DATABASE ${database};`);
      await server.sql(
        `${large('a_inno', 'InnoDB', 16)} ${large('m_my', 'MyISAM', 14)} ${large('z_my', 'MyISAM', 13)}`,
        database,
      );
      const path = await backUp(server, database);
      const before = await server.dump(database);
      for (const [jobs, account] of [
        ['1', 'auto'],
        ['2', 'off'],
        ['3', 'auto'],
      ] as const) {
        await server.sql('DROP DATABASE IF EXISTS copy;');
        await restore(server, path, 'copy', ['--to', 'copy', '--jobs', jobs, '--load-account', account]);
        expectSameDump(await server.dump('copy'), before);
      }
    },
    120_000,
  );
});

// That no schema of the run is left, the leak guard looks after.
describe('a chunk that is not what the manifest says', () => {
  describeOneServer('is refused', (server) => {
    test('when it holds more than rows, before that is sent: 19, and the target as it was', async () => {
      const { database, path, lastAt } = await chunked(server);
      const other = await freshDatabase(server, {
        sql: 'CREATE TABLE t (id INT); INSERT INTO t VALUES (7);',
      });
      const planted = `;\nDROP TABLE ${other}.t;\nINSERT INTO \`many_rows\` VALUES\n`;
      await plant(path, (sql) => {
        const at = sql.indexOf('),\n(', lastAt + 1000) + 1;
        const end = sql.indexOf('),\n(', at + planted.length) + ',\n'.length + 1;
        const room = end - at - planted.length;
        return `${sql.slice(0, at)}${planted}${' '.repeat(room)}${sql.slice(end)}`;
      });
      await server.sql("UPDATE many_rows SET note = 'since then' LIMIT 10", database);
      const before = await contentOf(server, database);

      await expectFailure(
        ['restore', path, '--confirm', database],
        { server },
        {
          code: 'unsafe',
          message: [
            'contains statements that reach outside the target database',
            'DROP TABLE',
            `${database} is unchanged.`,
          ],
          hint: 'please report this as a bug',
        },
      );
      expect(await contentOf(server, database)).toBe(before);

      // What the hint says to do finds the place.
      const copy = join(await temporaryFolder(), 'copy.sql');
      await copyFile(path, copy);
      await expectFailure(
        ['restore', copy, '--to', database, '--confirm', database],
        { server },
        {
          code: 'unsafe',
          message: `drops`,
          hint: 'Nothing was touched.',
        },
      );
      expect(await server.query('SELECT * FROM t', other)).toBe('7');
    });

    test('when it changes while it is loaded: 20, and the target as it was', async () => {
      const { database, path, lastAt } = await chunked(server);
      const before = await contentOf(server, database);
      const text = await readFile(path, 'latin1');
      const run = await startDbbackup(['restore', path, '--confirm', database], { server });
      let said = '';
      run.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await waitFor(
        'the load to begin',
        () => said.includes('Restoring database from backup...') || undefined,
      );
      // Another digit in a row: still rows, and nothing that any parser would find.
      const at = text.indexOf("'", text.indexOf('(', lastAt + 3_000_000)) + 1;
      const file = await open(path, 'r+');
      await file.write(text[at] === 'a' ? 'b' : 'a', at);
      await file.close();

      expectToldInText(await run.finished, {
        code: 'restore-failed',
        message: [`${path} was changed`, `${database} is unchanged.`],
        hint: undefined,
      });
      expect(await contentOf(server, database)).toBe(before);
    });

    test('and in place, all of the file is read before anything is touched', async () => {
      const { database, path, lastAt } = await chunked(server);
      await plant(path, (sql) => {
        const at = sql.indexOf("'", lastAt + 1000);
        return `${sql.slice(0, at)},${sql.slice(at + 1)}`;
      });
      const before = await contentOf(server, database);
      const result = await runDbbackup(['restore', path, '--confirm', database, '--in-place'], { server });

      expect(result.stderr).toContain('Nothing was touched.');
      expect(await contentOf(server, database)).toBe(before);
    });
  });
});
