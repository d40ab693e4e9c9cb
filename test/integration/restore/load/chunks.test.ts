import { copyFile, open, readFile, writeFile } from 'node:fs/promises';
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
import { expectToldInJson, expectToldInText } from '../../../harness/failure.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { plant } from '../../../harness/planted-backup.ts';
import { expectNoRowData } from '../../../harness/row-data.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';

/** In rows of about 850 bytes. */
const wideRowsSql = (rows: number): string => manyRowsSql(rows, 12);

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
${'INSERT INTO odd (tiny, exact, raw, flag, place, words, doc, at, kind) SELECT tiny, exact, raw, flag, place, words, doc, at, kind FROM odd;\n'.repeat(12)}`;

const TRIGGER_SQL =
  'CREATE TRIGGER many_rows_note BEFORE INSERT ON many_rows FOR EACH ROW SET NEW.note = UPPER(NEW.note);';

describeEachFlavour('a restore of tables that are large enough for chunks', (server) => {
  test('brings every row back, in its order, once', async () => {
    const database = await freshDatabase(server, {
      sql: `${wideRowsSql(12_000)}\n${LOOSE_SQL}\n${ODD_SQL}\n${TRIGGER_SQL}\nCREATE TABLE small (id INT PRIMARY KEY); INSERT INTO small VALUES (1);`,
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
  });
});

interface ChunkedBackup {
  readonly database: string;
  readonly path: string;
  /** Where the last chunk begins. */
  readonly lastAt: number;
  /** Takes back what was planted. */
  readonly renew: () => Promise<void>;
}

/** A backup with a table of several chunks, not compressed. */
async function chunked(server: TestServer, sql = wideRowsSql(20_000)): Promise<ChunkedBackup> {
  const database = await freshDatabase(server, { sql });
  const path = await backUp(server, database, ['--compress', 'none']);
  const [table] = (await manifestOf(path)).tables;
  expect(table?.chunks?.length).toBeGreaterThan(1);
  const files = [path, path.replace(/\.sql$/, '.json')];
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return {
    ...{ database, path, lastAt: table?.chunks?.at(-1)?.offsetBytes ?? 0 },
    renew: async () => {
      for (const [index, file] of files.entries()) await writeFile(file, contents[index] ?? '');
    },
  };
}

describeOneServer('what only the server or the guard knows of a chunk', (server) => {
  test('a statement is refused without a word of its rows, 20, and rows in other quotes are loaded', async () => {
    const { database, path, lastAt, renew } = await chunked(server);
    let statement = 0;
    let note = '';
    await plant(path, (sql) => {
      const at = sql.indexOf('(19998,');
      statement = sql.slice(0, at).split('INSERT INTO').length - 1;
      note = /'[^']*','([^']*)'/.exec(sql.slice(at))?.[1] ?? '';
      return `${sql.slice(0, at)}(19997,${sql.slice(at + '(19998,'.length)}`;
    });
    const before = await server.dump(database);

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
    expectSameDump(await server.dump(database), before);

    await renew();
    // A row with another kind of quotes, which no dump tool writes: the guard has to read all of the file.
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
        `CREATE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(2000)) ENGINE = ${engine};
       INSERT INTO ${name} (note) VALUES (REPEAT('x', 1500));
       ${`INSERT INTO ${name} (note) SELECT note FROM ${name};\n`.repeat(doublings)}`;
      const database = 'engines';
      await server.sql(`CREATE DATABASE ${database};`);
      await server.sql(
        `${large('a_inno', 'InnoDB', 13)} ${large('m_my', 'MyISAM', 11)} ${large('z_my', 'MyISAM', 10)}`,
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
    test('when it holds more than rows, before that is sent, 19, and in place before anything is touched', async () => {
      const { database, path, lastAt, renew } = await chunked(server);
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

      const args = ['restore', path, '--confirm', database];
      expectToldInText(await runDbbackup(args, { server }), {
        code: 'unsafe',
        message: [
          'contains statements that reach outside the target database',
          'DROP TABLE',
          `${database} is unchanged.`,
        ],
        hint: 'please report this as a bug',
      });
      expect(await contentOf(server, database)).toBe(before);

      // What the hint says to do finds the place.
      const copy = join(await temporaryFolder(), 'copy.sql');
      await copyFile(path, copy);
      const ofCopy = ['restore', copy, '--to', database, '--confirm', database, '--json'];
      expectToldInJson(await runDbbackup(ofCopy, { server }), {
        code: 'unsafe',
        message: `drops`,
        hint: 'Nothing was touched.',
      });
      expect(await server.query('SELECT * FROM t', other)).toBe('7');

      await renew();
      await plant(path, (sql) => {
        const at = sql.indexOf("'", lastAt + 1000);
        return `${sql.slice(0, at)},${sql.slice(at + 1)}`;
      });
      const inPlace = await runDbbackup([...args, '--in-place'], { server });

      expect(inPlace.stderr).toContain('Nothing was touched.');
      expect(await contentOf(server, database)).toBe(before);
    });

    test('when it changes while it is loaded: 20, and the target as it was', async () => {
      const { database, path, lastAt } = await chunked(server, manyRowsSql(150_000)); // so many rows that there is time
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
  });
});
