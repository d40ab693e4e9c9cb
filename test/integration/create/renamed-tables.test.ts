import { expect, test } from 'vitest';
import { newAccount, routinePrivilege } from '../../harness/accounts.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { beginDbbackup } from '../../harness/dbbackup.ts';
import type { RunOptions, RunResult } from '../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../harness/failure.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Made within one second and alike, so that the catalogue looks the same when they have changed places. */
const SQL = `
  CREATE TABLE a (id INT); INSERT INTO a VALUES (1);
  CREATE TABLE b (id INT);
  CREATE TABLE c (id INT); INSERT INTO c VALUES (3);
  CREATE TABLE p (id INT) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE);
`;
const SWAP = 'RENAME TABLE a TO t, c TO a, t TO c';
const BY_PROGRAM = `CREATE PROCEDURE swap() ${SWAP}; CALL swap(); CALL swap()`;

describeEachFlavour('a dump during which tables are renamed', (server) => {
  test('is a backup when they are of another database', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const other = await freshDatabase(server, { sql: SQL });
    const run = await createWhile(server, database, () =>
      server.query(`${SWAP}; ALTER TABLE a RENAME z; ALTER TABLE z ADD COLUMN more INT`, other),
    );

    expect(run.exitCode, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ backups: [{ warnings: [] }] });
  });

  // MariaDB ends a snapshot with an error at a renamed table: failures-changing-definitions.test.ts.
  if (server.flavour === 'mysql') countedRenames(server);
});

/** MySQL's snapshot goes on over renamed tables, which only the server's own counters tell. */
function countedRenames(server: TestServer): void {
  test.each([
    { title: 'two tables of the same second change places', ddl: SWAP },
    { title: 'two tables change places and back', ddl: `${SWAP}; ${SWAP}` },
    {
      title: 'a table is exchanged with a partition',
      ddl: 'ALTER TABLE p EXCHANGE PARTITION low WITH TABLE c',
    },
    { title: 'a table goes and comes by ALTER', ddl: 'ALTER TABLE c RENAME t; ALTER TABLE t RENAME c' },
  ])('is no backup: $title', async ({ ddl }) => {
    const database = await freshDatabase(server, { sql: SQL });

    expectToldInJson(await createWhile(server, database, () => server.query(ddl, database)), {
      code: 'dump-failed',
      message: 'changed during the dump',
      hint: 'when no migration is running',
    });
    expect(await filesOfBackups()).toEqual({});
    await madeBackup(server, database);
  });

  test('is no backup when a stored program did it, of which the server tells nothing', async () => {
    // Its own server: a test beside this one would be told the same.
    await using own = await ownServer(server);
    for (const database of ['shop', 'blog']) {
      await own.server.sql(`CREATE DATABASE ${database};`);
      await own.server.sql(SQL, database);
    }

    const run = await createWhile(own.server, 'shop', () => own.server.query(BY_PROGRAM, 'blog'));
    expectToldInJson(run, {
      code: 'dump-failed',
      message: 'its database could not be determined',
      hint: 'No backup was made. Try again when no migration is running on the server.',
    });
  });

  test('is no backup when the server has no room to remember where', async () => {
    await using own = await ownServer(server, ['--performance-schema-digests-size=20']);
    for (const database of ['shop', 'blog']) {
      await own.server.sql(`CREATE DATABASE ${database};`);
      await own.server.sql(SQL, database);
    }
    const swapTables = (): Promise<unknown> => own.server.query(SWAP, 'blog');

    const room = 'TRUNCATE TABLE performance_schema.events_statements_summary_by_digest;';
    expectToldInJson(await createWhile(own.server, 'shop', swapTables), {
      code: 'dump-failed',
      message: 'its database could not be determined',
      hint: `No backup was made. Try again when no migration is running on the server. The server remembers no further statements; make room: ${room}`,
    });
  });

  test('is no backup when the account may not see which they are, until it may', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const other = await freshDatabase(server, { sql: SQL });
    const account = await newAccount(server);
    await account.grant('SELECT, SHOW VIEW, TRIGGER, EVENT', `${database}.*`);
    await account.grant(...routinePrivilege(server, database));
    const { env } = account;
    const grant = `GRANT SELECT ON performance_schema.* TO ${account.sqlName}`;
    await server.sql(`REVOKE SELECT ON performance_schema.* FROM ${account.sqlName};`);

    expectToldInJson(await createWhile(server, database, () => server.query(SWAP, other), { env }), {
      code: 'dump-failed',
      message: 'its database could not be determined',
      hint: grant,
    });
    const unsure = await waitFor('a moment at which no other test renames a table', async () => {
      const alter = (): Promise<string> => server.query('ALTER TABLE a FORCE', other);
      const run = await createWhile(server, database, alter, { env });
      if (run.exitCode !== 0) expect(run.stdout).toContain('its database could not be determined');
      return run.exitCode === 0 && run;
    });
    expect(JSON.parse(unsure.stdout)).toMatchObject({
      backups: [{ warnings: [expect.stringContaining(grant)] }],
    });

    await server.sql(`${grant};`);
    const sure = await createWhile(
      server,
      database,
      () => server.query(`${SWAP}; ALTER TABLE a FORCE`, other),
      { env },
    );
    expect(sure.exitCode, sure.stderr).toBe(0);
    expect(JSON.parse(sure.stdout)).toMatchObject({ backups: [{ warnings: [] }] });
  });
}

/** Runs `create --json` and does something while it waits in the midst of its dump. */
async function createWhile(
  server: TestServer,
  database: string,
  act: () => Promise<unknown>,
  options: Pick<RunOptions, 'env'> = {},
): Promise<RunResult> {
  const release = await holdTable(server, database, 'b');
  const run = beginDbbackup(['create', database, '--json'], { server, ...options });
  await waitFor('the dump to wait', () => waitingConnection(server, database), { deadlineMs: 30_000 });
  await act();
  await release();
  return run.finished;
}
