import { expect, test } from 'vitest';
import { manyTablesSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { beginDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../../harness/describe-each-server.ts';
import { expectToldInText } from '../../../harness/failure.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { unsettledJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';

/** More than are moved in one statement, and some that foreign keys tie to each other. */
const TABLES = 230;
/** Of the second statement. */
const HELD = 'table_00151';

const sql = [...manyTablesSql(TABLES)].join('');

/** Holds a table of the staging schema, as soon as it is there. */
async function holdStaged(server: TestServer): Promise<() => Promise<void>> {
  const schema = await waitFor('the table to be staged', async () => {
    const found = await server.query(
      `SELECT table_schema FROM information_schema.tables WHERE table_schema LIKE 'dbbackup%stage%' AND table_name = '${HELD}'`,
    );
    return found === '' ? undefined : found;
  });
  return holdTable(server, schema, HELD);
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
    const run = beginDbbackup(['restore', path, '--to', target], { server, busyPatienceMs: 2_500 });
    const release = await holdStaged(server);
    await waitFor('the first ones to move', async () => (await tablesOf(server, target)) >= 100);
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

  test('is completed when it was killed between', async () => {
    const database = await freshDatabase(server, { sql });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const target = await freshDatabase(server);
    const run = await startDbbackup(['restore', path, '--to', target], { server });
    const release = await holdStaged(server);
    await waitFor('the first ones to move', async () => (await tablesOf(server, target)) >= 100);
    run.signal('SIGKILL');
    await run.finished;
    await release();

    const [job] = await unsettledJobs();
    await succeeds(['restore', '--resume', job?.id ?? ''], { server });
    expectSameDump(await server.dump(target), before);
    expect(await unsettledJobs()).toEqual([]);
  });
});
