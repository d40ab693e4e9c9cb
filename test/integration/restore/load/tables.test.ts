import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, expectSameDump, manifestOf, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../../harness/failure.ts';
import type { ExpectedFailure } from '../../../harness/failure.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const SQL = `
  CREATE TABLE parents (id INT PRIMARY KEY, v VARCHAR(20));
  INSERT INTO parents VALUES (1, 'one'), (2, 'two');
  CREATE TABLE children (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE);
  INSERT INTO children VALUES (1, 1), (2, 2), (3, NULL);
  CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20), KEY (v));
  INSERT INTO notes (v) VALUES ('one'), ('two');
  CREATE TRIGGER tr BEFORE INSERT ON notes FOR EACH ROW SET NEW.v = UPPER(NEW.v);
  CREATE TRIGGER tr_parents BEFORE INSERT ON parents FOR EACH ROW SET NEW.v = UPPER(NEW.v);
  CREATE VIEW seen AS SELECT v FROM notes;
`;
/** In tables that are not restored, so it stays. */
const ELSEWHERE =
  "CREATE TABLE extra (id INT); UPDATE parents SET v = 'since then'; CREATE VIEW later AS SELECT 1;";
const IN_NOTES = 'DELETE FROM notes; DROP TRIGGER tr; ALTER TABLE notes ADD COLUMN w INT;';

describeEachFlavour('restore --table', (server, servers) => {
  test('brings back one table with its trigger, and leaves all else as it is, from a file of any form', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const foreign = join((await workspace()).folder, 'foreign.sql');
    await writeFile(foreign, await server.dump(database));
    const backups = [await backUp(server, database), foreign];
    // Once it is decompressed, it is the same.
    if (isTurnOf('restore --table', server, servers))
      for (const method of ['none', 'zstd'])
        backups.push(await backUp(server, database, [`--compress=${method}`]));
    await server.sql(ELSEWHERE, database);
    const expected = await server.dump(database);

    for (const backup of backups) {
      await server.sql(IN_NOTES, database);
      await restore(server, backup, database, ['--table=notes', '--no-safety-backup', `--to=${database}`]);
      expectSameDump(await server.dump(database), expected);
    }
  });

  test('brings back several tables that refer to each other, and undoes it', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const original = await server.dump(database);
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM children; DELETE FROM parents; DROP TRIGGER tr_parents;', database);
    const emptied = await server.dump(database);

    const undo = await restore(server, backup, database, ['--table=parents', '--table', 'children']);
    expectSameDump(await server.dump(database), original);

    const { exitCode, stderr } = await runDbbackup(undo.split(' ').slice(1), { server });
    expect(exitCode, stderr).toBe(0);
    expectSameDump(await server.dump(database), emptied);
  });

  if (!isTurnOf('restore --table', server, servers)) return;

  test('is undone without what others wrote to other tables meanwhile', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO a VALUES (1);',
    });
    const backup = await backUp(server, database);
    await server.sql('INSERT INTO a VALUES (2);', database);
    const undo = await restore(server, backup, database, ['--table=a']);
    await server.sql('INSERT INTO b VALUES (3);', database);

    await succeeds(undo.split(' ').slice(1), { server });

    expect(await server.query('SELECT id FROM a UNION SELECT id FROM b ORDER BY 1', database)).toBe(
      '1\n2\n3',
    );
  });

  test('has nothing to undo when the target did not have the table', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY);',
    });
    const backup = await backUp(server, database);
    await server.sql('DROP TABLE a;', database);

    expect(await restore(server, backup, database, ['--table=a'])).toBe('');
    expect(await server.query('SHOW TABLES', database)).toBe('a\nb');
  });

  test('brings a table that refers to one that stays where that holds, and says where it does not', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const original = await server.dump(database);
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM children;', database);
    await restore(server, backup, database, ['--table=children', '--no-safety-backup']);
    expectSameDump(await server.dump(database), original);
    // The key is one of this database again, not of the schema that the rows were loaded into.
    await server.sql('DELETE FROM parents WHERE id = 2;', database);
    expect(await server.countRows(database, 'children')).toBe(2);

    await expectRefusal(server, database, [backup, '--table=children'], {
      code: 'restore-failed',
      message: [
        /^The foreign key .* of children would not hold: it has rows that refer to rows that are missing in parents as it is in/,
        `${database} is unchanged.`,
      ],
      hint: 'Restore both: --table=children --table=parents',
    });
  });

  test('refuses a table that one which stays refers to, and a name that the backup does not hold', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);

    await expectRefusal(server, database, [backup, '--table=parents'], {
      code: 'restore-failed',
      message:
        'children, which is kept, has a foreign key to parents, which may not hold with another parents. Nothing was touched.',
      hint: 'Restore both: --table=parents --table=children',
    });
    await expectRefusal(server, database, [backup, '--table=notes', '--table=parnets'], {
      code: 'not-found',
      message: `${backup} does not contain the table parnets. Nothing was touched.`,
      hint: 'Did you mean parents?',
    });
  });

  test("refuses a table one of whose constraints has the name of another table's that stays", async () => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE parents (id INT PRIMARY KEY);
        CREATE TABLE children (id INT PRIMARY KEY, CONSTRAINT Belongs FOREIGN KEY (id) REFERENCES parents (id));`,
    });
    const backup = await backUp(server, database);
    await server.sql('RENAME TABLE children TO cousins;', database);

    for (const kept of ['--table=children', '--keep-extra']) {
      await expectRefusal(server, database, [backup, kept], {
        code: 'restore-failed',
        message: `The foreign key name Belongs (of children) is already used by cousins, which stays in ${database}. Nothing was touched.`,
        hint: 'Rename the one of cousins, or restore into another database: --to <database>',
      });
    }
  });

  test('makes a database that is not there of the tables alone', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    const made = databaseToBeMade(server);

    await restore(server, backup, made, ['--table=notes', `--to=${made}`]);

    expect(await server.query('SHOW FULL TABLES', made)).toBe('notes\tBASE TABLE');
    expect(await server.query('SELECT v FROM notes ORDER BY id', made)).toBe('one\ntwo');
  });

  test('refuses a file of which another table is damaged', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    const { tables } = await manifestOf(backup);
    const { offsetBytes } = tables.find(({ name }) => name === 'parents')!;
    const file = await open(backup, 'r+');
    await file.write(Buffer.of(0xff), 0, 1, offsetBytes! + 60);
    await file.close();

    await expectRefusal(server, database, [backup, '--table=notes'], {
      code: 'damaged',
      message: `${backup} was changed: its sha256 differs from the manifest`,
      hint: /./,
    });
  });
});

/** The restore is refused or fails, and the database stays as it is. */
async function expectRefusal(
  server: TestServer,
  database: string,
  args: readonly string[],
  failure: ExpectedFailure,
): Promise<void> {
  const before = await server.dump(database);
  const result = await runDbbackup(
    ['restore', '--confirm', database, '--no-safety-backup', '--json', ...args],
    {
      server,
    },
  );
  expectToldInJson(result, failure);
  expectSameDump(await server.dump(database), before);
}
