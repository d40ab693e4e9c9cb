import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { contentOf, filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import { beginDbbackup, runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../harness/describe-each-server.ts';
import { expectFailure, expectToldInJson } from '../../harness/failure.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { waitFor } from '../../harness/wait-for.ts';
import type { TestServer } from '../../harness/test-server.ts';

/** Read in this order by the dump tools, which a test stops at `b_1` and `d_2`. */
const FIRST_SQL = `
  CREATE TABLE a (id INT PRIMARY KEY, owner VARCHAR(10)); INSERT INTO a VALUES (1, 'a');
  CREATE TABLE b_1 (id INT);
`;
const REST_SQL = `
  CREATE TABLE c (id INT PRIMARY KEY, owner VARCHAR(10)); INSERT INTO c VALUES (1, 'c');
  CREATE TABLE d_2 (id INT);
  CREATE VIEW looked AS SELECT 1 AS one;
  CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO DELETE FROM a;
`;
const SQL = FIRST_SQL + REST_SQL;

/** The catalogue tells tables apart by the second they were made in, as real ones were; so `c` is younger than `a`. */
const OF_TWO_SECONDS_SQL = `${FIRST_SQL} DO SLEEP(1.1); ${REST_SQL}`;

const CHANGED =
  /changed (?:during the dump|repeatedly while it was being read)|1412|1054|1146|1109|1213|1684|Error in field count|Table definition has changed|doesn't exist|lacks \d+ of/;

describeEachFlavour('a dump during which definitions change', (server) => {
  test.each([
    { title: 'a column comes', ddl: 'ALTER TABLE c ADD COLUMN more INT' },
    { title: 'a table is renamed', ddl: 'RENAME TABLE a TO z' },
    { title: 'two tables change places', ddl: 'RENAME TABLE a TO t, c TO a, t TO c' },
    { title: 'a table is emptied', ddl: 'TRUNCATE TABLE c' },
    {
      title: 'a view runs with other rights',
      ddl: 'ALTER SQL SECURITY INVOKER VIEW looked AS SELECT 1 AS one',
    },
    {
      title: 'an event gets another schedule',
      ddl: "ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY STARTS '2037-01-01'",
    },
  ])('is no backup: $title', ({ ddl }) => expectNoBackup(server, ddl));

  test.each([
    { title: 'tables', ddl: 'RENAME TABLE a TO t, c TO a, t TO c' },
    {
      title: 'tables, by ALTER',
      ddl: 'ALTER TABLE a RENAME t; ALTER TABLE c RENAME a; ALTER TABLE t RENAME c',
    },
  ])('is no backup of two times in one, when $title change places and back', async ({ ddl }) => {
    const database = await freshDatabase(server, { sql: OF_TWO_SECONDS_SQL });
    const swap = () => server.query(ddl, database);
    const release = {
      first: await holdTable(server, database, 'b_1'),
      second: await holdTable(server, database, 'd_2'),
    };
    const run = beginDbbackup(['create', database], { server });
    await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
    await swap();
    await release.first();
    await waitFor(
      'the dump to wait again',
      async () => (await waitingTable(server, database)).includes('d_2'),
      { deadlineMs: 30_000 },
    );
    await swap();
    await release.second();

    await expectOneTime(server, await run.finished);
  });
});

describeOneServer('a dump during which definitions change', (server) => {
  // What comes and goes is a line more or less of the same lists.
  test.each([
    { title: 'a table goes', ddl: 'DROP TABLE c' },
    { title: 'a table comes', ddl: 'CREATE TABLE e (id INT)' },
    { title: 'an event is switched off', ddl: 'ALTER EVENT nightly DISABLE' },
    { title: 'a view comes', ddl: 'CREATE VIEW v AS SELECT 1 AS one' },
    { title: 'a routine comes', ddl: 'CREATE PROCEDURE p() SELECT 1' },
    {
      title: 'the first trigger comes',
      ddl: 'CREATE TRIGGER bi BEFORE INSERT ON c FOR EACH ROW SET NEW.id = 1',
    },
  ])('is no backup: $title', ({ ddl }) => expectNoBackup(server, ddl));

  // One change after the other, each of which is a case above.
  test('is a backup of one time, or none, while tables change places and columns and tables come and go in a loop', async () => {
    const ddl = [
      'ALTER TABLE c ADD COLUMN more INT',
      'ALTER TABLE c DROP COLUMN more',
      'CREATE TABLE e (id INT)',
      'RENAME TABLE a TO t, c TO a, t TO c',
      'DROP TABLE e',
    ];
    const database = await freshDatabase(server, { sql: OF_TWO_SECONDS_SQL });
    const migration = execa(server.client, [...server.clientOptions, `--database=${database}`, '--force'], {
      input: `${ddl.join(';\n')};\n`.repeat(5_000),
      reject: false,
      forceKillAfterDelay: 1_000,
    });
    onTestFinished(async () => {
      migration.kill();
      await migration;
    });
    await expectOneTime(server, await runDbbackup(['create', database], { server }));
  });
});

/** Changes something while the dump waits for a table. */
async function expectNoBackup(server: TestServer, ddl: string): Promise<void> {
  const database = await freshDatabase(server, { sql: ddl.startsWith('RENAME') ? OF_TWO_SECONDS_SQL : SQL });
  const release = await holdTable(server, database, 'b_1');
  const run = beginDbbackup(['create', database, '--json'], { server });
  await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
  await server.query(ddl, database);
  await release();

  expectToldInJson(await run.finished, {
    code: 'dump-failed',
    message: CHANGED,
    hint: 'when no migration is running',
  });
  expect(await filesOfBackups()).toEqual({});
}

/** Either no backup, for the reason that something changed; or one in which each table has its own row. */
async function expectOneTime(
  server: TestServer,
  run: Awaited<ReturnType<typeof runDbbackup>>,
): Promise<void> {
  if (run.exitCode !== 0) {
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({
      exitCode: 22,
      stderr: expect.stringMatching(CHANGED),
    });
    return;
  }
  const copy = databaseToBeMade(server);
  const { exitCode, stderr } = await runDbbackup(['restore', run.stdout.trim(), '--to', copy], { server });
  expect(exitCode, stderr).toBe(0);
  const owners = await server.query('SELECT owner FROM a UNION ALL SELECT owner FROM c', copy);
  expect(owners.split('\n').sort()).toEqual(['a', 'c']);
}

async function waitingTable(server: TestServer, database: string): Promise<string> {
  return server.query(
    `SELECT info FROM ${server.processlist} WHERE db = '${database}' AND state LIKE 'Waiting for table%'`,
  );
}

describeEachFlavour('a view', (server) => {
  test('whose table is gone is named, with what to do about it', async () => {
    const sql = 'CREATE TABLE gone (id INT); CREATE VIEW dead AS SELECT id FROM gone; DROP TABLE gone;';
    const database = await freshDatabase(server, { sql: `${SQL}${sql}` });

    await expectFailure(
      ['create', database],
      { server },
      {
        code: 'dump-failed',
        message: [/failed \(exit \d\)/, '1356', 'dead'],
        hint: [
          'No backup was made. The server cannot open the view dead (',
          'Repair or drop it, or skip it with --skip-broken.',
        ],
      },
    );
    expect(await filesOfBackups()).toEqual({});

    await server.sql('DROP VIEW dead;', database);
    await madeBackup(server, database);
  });

  test('whose definer is gone is backed up and comes back', async () => {
    const sql = "CREATE TABLE t (id INT); CREATE DEFINER = 'left'@'%' VIEW dead AS SELECT id FROM t;";
    const database = await freshDatabase(server, { sql });
    const before = await contentOf(server, database);
    const path = await madeBackup(server, database);
    await server.sql('DROP VIEW dead;', database);

    const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], { server });
    expect(exitCode, stderr).toBe(0);
    expect(await contentOf(server, database)).toBe(before);
  });
});
