import { expect, test } from 'vitest';
import { manyTablesSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { beginDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../../harness/describe-each-server.ts';
import { expectToldInText } from '../../../harness/failure.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { unsettledJobs } from '../../../harness/swap-journal.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';

/** More than are moved in one statement, and some that foreign keys tie to each other. */
const TABLES = 230;
/** Without rows, and each near the beginning of another statement: MySQL shows no more of it. */
const HELD = ['table_00001', 'table_00102'] as const;
/** Those that move with one of them. */
const AT_ONCE = 100;

const sql = [...manyTablesSql(TABLES)].join('');

/** Holds tables of the staging schema, as soon as they are there. */
async function holdStaged(server: TestServer, tables: readonly string[]): Promise<() => Promise<void>> {
  const releases: (() => Promise<void>)[] = [];
  const stage = await waitFor('the staging schema', async () => (await unsettledJobs())[0]?.swap?.stage);
  for (const table of tables) {
    const schema = await waitFor('the table to be staged', async () => {
      const found = await server.query(
        `SELECT table_schema FROM information_schema.tables WHERE table_schema = '${stage}' AND table_name = '${table}'`,
      );
      return found === '' ? undefined : found;
    });
    releases.push(await holdTable(server, schema, table));
  }
  return async () => {
    for (const release of releases) await release();
  };
}

/** The session that waits to move a table that is held. */
function waitingSession(server: TestServer, target: string, table: string): Promise<string> {
  return waitFor('it to wait', async () => {
    const id = await server.query(
      `SELECT id FROM ${server.processlist} WHERE info LIKE 'RENAME TABLE%TO \`${target}\`.\`${table}\`%'`,
    );
    return id === '' ? undefined : id;
  });
}

const tablesOf = async (server: TestServer, database: string): Promise<number> =>
  Number(
    await server.query(`SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${database}'`),
  );

describeEachFlavour('a restore of many tables into a target without any', (server) => {
  test('brings them all, with their foreign keys', async () => {
    const database = await freshDatabase(server, { sql });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const [made, empty] = [databaseToBeMade(server), await freshDatabase(server)];
    for (const target of [made, empty]) {
      await restore(server, path, target, ['--to', target]);
      expectSameDump(await server.dump(target), before);
    }
    const keys = `SELECT COUNT(*), COUNT(DISTINCT unique_constraint_schema), MAX(unique_constraint_schema) = constraint_schema
      FROM information_schema.referential_constraints WHERE constraint_schema = `;
    expect(await server.query(`${keys} '${made}' GROUP BY constraint_schema`)).toBe('2\t1\t1');
  });
});

describeOneServer('a restore of many tables into a target without any', (server) => {
  test('leaves it empty when it cannot bring them all', async () => {
    const database = await freshDatabase(server, { sql });
    const path = await backUp(server, database);
    const target = await freshDatabase(server);
    const run = beginDbbackup(['restore', path, '--to', target], { server, busyPatienceMs: 8_000 });
    const release = await holdStaged(server, [HELD[1]]);
    const others = TABLES - AT_ONCE;
    await waitFor('all others to move', async () => (await tablesOf(server, target)) === others);
    await waitFor('them to move back', async () => (await tablesOf(server, target)) === 0);
    await release();

    expectToldInText(await run.finished, {
      code: 'restore-failed',
      message: ['Other sessions have held tables', `${target} is unchanged.`],
      hint: 'SHOW PROCESSLIST',
    });
    expect(await tablesOf(server, target)).toBe(0);
    await restore(server, path, target, ['--to', target]);
    expect(await tablesOf(server, target)).toBe(TABLES);
  });

  test('is completed by itself when a session is lost that moves them', async () => {
    const database = await freshDatabase(server, { sql });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const target = await freshDatabase(server);
    const run = beginDbbackup(['restore', path, '--to', target], { server });
    const release = await holdStaged(server, [HELD[1]]);
    await waitFor('the others to move', async () => (await tablesOf(server, target)) >= AT_ONCE);
    await server.query(`KILL ${await waitingSession(server, target, HELD[1])}`);
    await release();

    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('The restore completed despite this error');
    expectSameDump(await server.dump(target), before);
  });

  test('is completed by resume when it was killed while all its sessions waited', async () => {
    const database = await freshDatabase(server, { sql });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const target = await freshDatabase(server);
    const run = await startDbbackup(['restore', path, '--to', target], { server });
    const release = await holdStaged(server, HELD);
    const waiting = [];
    for (const table of HELD) waiting.push(await waitingSession(server, target, table));
    expect(new Set(waiting).size).toBe(2);
    run.signal('SIGKILL');
    await run.finished;
    const [job] = await unsettledJobs();
    const resumed = beginDbbackup(['restore', '--resume', job?.id ?? ''], { server });
    // They would go on, though their client is gone.
    const those = `SELECT COUNT(*) FROM ${server.processlist} WHERE id IN (${waiting.join(', ')})`;
    await waitFor('them to be ended', async () => (await server.query(those)) === '0');
    await release();

    const { exitCode, stderr } = await resumed.finished;
    expect(exitCode, stderr).toBe(0);
    expectSameDump(await server.dump(target), before);
    expect(await unsettledJobs()).toEqual([]);
  });

  test('is completed by resume when the server was killed', async () => {
    await using own = await ownServer(server);
    const database = 'crashing';
    const target = 'crashed';
    await own.server.sql(`CREATE DATABASE ${database}; CREATE DATABASE ${target};`);
    await own.server.sql(sql, database);
    const before = await own.server.dump(database);
    const path = await backUp(own.server, database);
    const run = await startDbbackup(['restore', path, '--to', target], { server: own.server });
    await holdStaged(own.server, [HELD[1]]);
    await waitFor('the first ones to move', async () => (await tablesOf(own.server, target)) > 0);
    await own.kill();
    expectToldInText(await run.finished, {
      code: 'restore-incomplete',
      message: `${target} may be partly restored.`,
      hint: 'restore --resume',
    });
    await own.startAgain();

    const [job] = await unsettledJobs();
    await succeeds(['restore', '--resume', job?.id ?? ''], { server: own.server });
    expectSameDump(await own.server.dump(target), before);
    expect(await unsettledJobs()).toEqual([]);
  });
});
