import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, beginDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeEachServer, isTurnOf } from '../../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../../harness/failure.ts';
import { leaveWaiting } from '../../../harness/held-table.ts';
import { plant } from '../../../harness/planted-backup.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

/** A backup with a table of an engine that no server has. A dump's own sql_mode lets servers take another one. */
async function withUnknownEngine(server: TestServer): Promise<{ database: string; path: string }> {
  const database = await freshDatabase(server, {
    sql: 'CREATE TABLE a (id INT) ENGINE=InnoDB; CREATE TABLE b (id INT) ENGINE=MyISAM; INSERT INTO b VALUES (1);',
  });
  const path = await backUp(server, database, ['--compress', 'none']);
  await plant(path, (sql) => sql.replace('ENGINE=MyISAM', 'ENGINE=NoSuch'));
  return { database, path };
}

function bothTexts(stderr: string): void {
  expect(stderr).toContain('After loading, the table b differs from its definition in the backup:');
  expect(stderr).toMatch(/the backup says: {2}\) ENGINE=NoSuch .*\n\s*the server says: {2}\) ENGINE=InnoDB /);
  expect(stderr).not.toMatch(/says: +CREATE TABLE/); // of the lines that are the same
}

describeEachFlavour('a table that the server makes otherwise than the backup says', (server, servers) => {
  test('ends the restore with the target as it was, and is a warning in place, each with both texts', async () => {
    const { database, path } = await withUnknownEngine(server);
    const before = await server.dump(database);

    const args = ['restore', path, '--confirm', database, '--allow-outside', '--no-safety-backup'];
    const { exitCode, stderr } = await runDbbackup(args, { server });

    expect(exitCode).toBe(20);
    bothTexts(stderr);
    expect(stderr).toContain(`${database} is unchanged.`);
    expect(stderr).toContain('restore with --in-place, where a difference is only a warning');
    expectSameDump(await server.dump(database), before);

    const inPlace = await succeeds([...args, '--in-place', '--json'], { server });

    bothTexts(inPlace.stderr);
    const { warnings } = JSON.parse(inPlace.stdout) as { warnings: readonly string[] };
    expect(warnings.join('\n')).toContain('the table b differs from its definition in the backup');
    expect(await server.query('SELECT id FROM b', database)).toBe('1');

    // Also of a dump from elsewhere; and nothing of the comparison stays.
    if (isTurnOf('from elsewhere', server, servers)) {
      const options = ['--to', database, '--confirm', database, '--in-place', '--allow-outside'];
      const fromElsewhere = await succeeds(['restore', '-', ...options, '--no-safety-backup'], {
        server,
        input: await readFile(path),
      });

      bothTexts(fromElsewhere.stderr);
    }
    expect(await server.query('SHOW TABLES', database)).toBe('a\nb');
  });
});

describeEachFlavour('tables that another session alters and drops as soon as they are in place', (server) => {
  test('end the restore with what differs, and the command that brings the old ones back', async () => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, word VARCHAR(20));
        CREATE FUNCTION f() RETURNS INT DETERMINISTIC NO SQL RETURN 1;`,
    });
    const backup = await backUp(server, database);
    await server.sql("INSERT INTO b VALUES (1, 'since then');", database);
    const before = await server.dump(database);
    // Who uses the function keeps the restore between the swap of the tables and the second comparison.
    const user = await leaveWaiting(server, `SELECT ${quoted(database)}.f(), SLEEP(1000)`);
    const run = beginDbbackup(['restore', backup, '--confirm', database, '--json'], { server });
    const waits = `SELECT COUNT(*) FROM ${server.processlist} WHERE INFO LIKE 'DROP FUNCTION%${database}%'`;
    await waitFor('the drop of the function', async () => (await server.query(waits)) === '1');
    await server.sql('DROP TABLE a; ALTER TABLE b MODIFY word VARCHAR(30);', database);
    await user.end();

    const { hint } = expectToldInJson(await run.finished, {
      code: 'restore-incomplete',
      message: [
        `In ${database}, the table a is missing.`,
        `In ${database}, the table b differs from its definition in the backup:`,
        /the backup says: `word` varchar\(20\) .* the server says: `word` varchar\(30\) /,
      ],
      hint: `Everything else in the backup is in ${database}. To bring back its previous contents: dbbackup restore ${database}/pre-restore_`,
    });
    const [, undo = ''] = /contents: dbbackup (.*)$/.exec(hint) ?? [];
    await succeeds(undo.split(' '), { server });
    expectSameDump(await server.dump(database), before);
  });
});

/** Tables whose columns have the charset and collation that they have in many ways. */
const COLLATIONS = `
  CREATE TABLE imported (a VARCHAR(10) NOT NULL DEFAULT 'x', b TEXT, c CHAR(2) CHARACTER SET latin1, d ENUM('a,b', 'COLLATE', 'it''s'),
    e VARCHAR(10) COLLATE utf8mb4_unicode_ci COMMENT 'COLLATE utf8mb4_bin') DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
  CREATE TABLE unicode (a VARCHAR(10), b LONGTEXT, KEY (a)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC STATS_PERSISTENT=1;
  CREATE TABLE converted (a VARCHAR(10), b TEXT) DEFAULT CHARSET=latin1;
  ALTER TABLE converted CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  CREATE TABLE renamed (a VARCHAR(10), b TEXT) DEFAULT CHARSET=latin1;
  ALTER TABLE renamed DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;
  CREATE TABLE moved (a VARCHAR(10), b SET('x')) DEFAULT CHARSET=utf8mb4;
  ALTER TABLE moved DEFAULT COLLATE utf8mb4_bin;
  ALTER TABLE moved MODIFY a VARCHAR(20) COLLATE utf8mb4_bin;
  CREATE TABLE spelled (a VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, j JSON) DEFAULT CHARSET=latin1 COLLATE=latin1_bin;
  ALTER TABLE spelled DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin;
  INSERT INTO imported (b) VALUES ('ä'), ('Ä'), ('😀');
`;

/** What servers say of each text column, whichever words they print it in. */
async function collationsOf(server: TestServer, database: string): Promise<string> {
  return server.query(
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, COLUMN_DEFAULT, COLUMN_COMMENT
      FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${database}' ORDER BY 1, ORDINAL_POSITION`,
  );
}

describeEachServer('tables with a collation that is not the default of its charset', (server) => {
  test('come back from a backup, from an undo, and from a stock dump, without a word', async () => {
    const database = await freshDatabase(server, {
      as: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
      sql: COLLATIONS,
    });
    const before = await collationsOf(server, database);
    const file = join((await workspace()).folder, 'stock.sql');
    await writeFile(file, await server.dump(database));
    const backup = await backUp(server, database);

    const args = ['restore', backup, '--confirm', database];
    const isForAllWays = isTurnOf('in other ways', server); // what is compared is the same
    const restored = await succeeds([...args, ...(isForAllWays ? [] : ['--no-safety-backup'])], { server });
    expect(restored.stderr).not.toMatch(/differently from the backup|differs from its definition/);
    expect(await collationsOf(server, database)).toBe(before);

    if (isForAllWays) {
      await succeeds(restored.stdout.trim().split(' ').slice(1), { server });
      expect(await collationsOf(server, database)).toBe(before);
      const rehearsed = await succeeds(['verify', '--rehearse', backup, '--json'], { server });
      expect(rehearsed.stderr).not.toMatch(/differently from the backup|differs from its definition/);
      const inPlace = await succeeds([...args, '--in-place', '--no-safety-backup', '--json'], { server });
      expect(inPlace.stderr).not.toContain('differs from its definition');
      expect(await collationsOf(server, database)).toBe(before);
    }

    // Whose database has another default.
    await server.sql(`ALTER DATABASE ${quoted(database)} COLLATE utf8mb4_unicode_ci`);
    await succeeds(['restore', file, '--to', database, '--confirm', database, '--no-safety-backup'], {
      server,
    });
    expect(await collationsOf(server, database)).toBe(before);
  });
});

/** By hand: no name in quotes, and most with capitals. The rows make a large table of it. */
const UNQUOTED = `
CREATE TABLE Parent (Id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (Id)) ENGINE=InnoDB;
INSERT INTO Parent (Id) VALUES (1);
CREATE TABLE Child (
  Id INT NOT NULL,
  P INT,
  Word VARCHAR(1000),
  PRIMARY KEY (Id),
  KEY ByWord (Word(10)),
  CONSTRAINT Zz FOREIGN KEY (P) REFERENCES Parent (Id) ON DELETE CASCADE,
  CONSTRAINT Aa FOREIGN KEY (P) REFERENCES Parent (Id),
  CONSTRAINT Positive CHECK (Id >= 0)
) ENGINE=InnoDB;
CREATE TABLE Small (
  Id INT,
  P INT,
  CONSTRAINT Z2 FOREIGN KEY (P) REFERENCES Parent (Id),
  CONSTRAINT FOREIGN KEY (Id) REFERENCES Parent (Id),
  CONSTRAINT A2 FOREIGN KEY Named (P) REFERENCES Parent (Id),
  KEY Kk (P, Id),
  CONSTRAINT UNIQUE Uu (Id, P)
) ENGINE=InnoDB;
${[0, 1, 2].map((part) => `INSERT INTO Child VALUES ${Array.from({ length: 500 }, (_, n) => `(${part * 500 + n}, 1, '${'x'.repeat(900)}')`).join()};`).join('\n')}
CREATE TABLE Late (Id INT, When_ DATETIME, KEY ById (Id)) ENGINE=InnoDB;
ALTER TABLE Late ADD CONSTRAINT Fk FOREIGN KEY (Id) REFERENCES Parent (Id);
CREATE INDEX Oo ON Late (When_);
CREATE TRIGGER Before_ BEFORE INSERT ON Late FOR EACH ROW SET NEW.Id = 1;
CREATE VIEW Vv AS SELECT Id FROM Child;
-- Dump completed
`;

describeEachFlavour('a dump without quotes around names', (server, servers) => {
  // What is compared in place is the same.
  const ways = [[], ['--in-place']].filter(
    (args) => args.length === 0 || isTurnOf('in place', server, servers),
  );
  test.each(ways)('comes out as the stock client makes it: %j', async (...args) => {
    const expected = await freshDatabase(server, { sql: UNQUOTED });
    const target = databaseToBeMade(server);

    const { stderr } = await succeeds(['restore', '-', '--to', target, ...args], { server, input: UNQUOTED });

    expect(stderr).not.toMatch(/differently from the backup|differs from its definition/);
    expectSameDump(await server.dump(target), await server.dump(expected));
  });

  test('may have the moment among its rows', async () => {
    const target = databaseToBeMade(server);
    const input =
      'CREATE TABLE t (a DATETIME, b DATE, c DATETIME);\nINSERT INTO t VALUES (now(), CURRENT_DATE, DATE_ADD(NOW(), INTERVAL 1 DAY));\n-- Dump completed\n';

    await succeeds(['restore', '-', '--to', target], { server, input });

    expect(await server.query('SELECT a > NOW() - INTERVAL 1 HOUR, DATEDIFF(c, b) FROM t', target)).toBe(
      '1\t1',
    );
  });
});

describeEachFlavour('a dump in words that no server uses', (server, servers) => {
  test('is compared by what it means, in its own charset', async () => {
    const made = databaseToBeMade(server);
    const file = join((await workspace()).folder, 'by-hand.sql');
    const sql = [
      'SET NAMES latin1;',
      'create table parents(id integer primary key, constraint positive check (id > 0)) engine InnoDB;',
      "create table if not exists children(id integer primary key, name varchar(20) default 'ä' comment 'Grüße', p integer,",
      '  key byname(name), constraint kept foreign key (p) references parents(id) on delete cascade) engine=innodb default charset=latin1;',
      "insert into children(id, name) values (1, 'ö');",
      '-- Dump completed',
    ];
    await writeFile(file, Buffer.from(sql.join('\n'), 'latin1'));

    await succeeds(['restore', file, '--to', made], { server });

    const table = await server.query('SHOW CREATE TABLE children', made);
    expect(table).toContain("COMMENT 'Grüße'");
    expect(table).toContain("DEFAULT 'ä'");
    expect(await server.query('SELECT name FROM children', made)).toBe('ö');

    if (!isTurnOf('in place', server, servers)) return; // what is compared is the same
    const args = ['restore', file, '--to', made, '--confirm', made, '--in-place', '--no-safety-backup'];
    const again = await succeeds(args, { server });
    expect(again.stderr).not.toMatch(/differently from the backup|differs from its definition/);
    expect(await server.query('SHOW CREATE TABLE children', made)).toBe(table);
    expect(await server.query('SHOW TABLES', made)).toBe('children\nparents');
  });
});
