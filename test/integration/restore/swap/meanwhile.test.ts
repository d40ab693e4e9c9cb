import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import type { RunResult } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { comesTo } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';

const SQL = manyRowsSql(60_000); // so that a load can be stopped in its midst
const ORDERS = 'CREATE TABLE orders (id INT PRIMARY KEY); INSERT INTO orders VALUES (1), (2);';

/** A restore through a staging schema; others do something while it loads. */
async function restoreWhile(
  server: TestServer,
  backup: string,
  args: readonly string[],
  others: () => Promise<unknown>,
): Promise<RunResult> {
  const run = await startDbbackup(['restore', backup, ...args], { server });
  expect(await comesTo('staging', run)).toBe(true);
  run.signal('SIGSTOP');
  await others();
  run.signal('SIGCONT');
  return run.finished;
}

describeOneServer('what others do to the target while a restore loads', (server) => {
  test('keeps tables that came into an empty one', async () => {
    const backup = await backUp(server, await freshDatabase(server, { sql: SQL }));
    const target = await freshDatabase(server, { sql: '' });

    const { exitCode, stderr } = await restoreWhile(server, backup, ['--to', target], () =>
      server.sql(`${ORDERS} CREATE TABLE many_rows (id INT); INSERT INTO many_rows VALUES (7);`, target),
    );

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain(
      `Since the plan was made, other sessions have created 2 tables in ${target}, which would be lost: many_rows, orders. ${target} is unchanged.`,
    );
    expect(await server.query('SELECT id FROM orders UNION SELECT id FROM many_rows', target)).toBe(
      '1\n2\n7',
    );
  });

  test('keeps a routine that neither plan nor safety backup know', async () => {
    const target = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, target);
    const routine = 'CREATE PROCEDURE came_late() SELECT 1;';

    const { exitCode, stderr } = await restoreWhile(server, backup, ['--confirm', target], () =>
      server.sql(routine, target),
    );

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain(`created 1 routine in ${target}, which would be lost: procedure came_late.`);
    expect(await server.query('CALL came_late()', target)).toBe('1');
  });

  test('does not leave a foreign key that came meanwhile at the old table', async () => {
    const target = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, target);
    const before = await server.dump(target);
    const child = await freshDatabase(server, { sql: 'CREATE TABLE c (id INT);' });
    const column = await server.query(
      `SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${target}' AND TABLE_NAME = 'many_rows' AND COLUMN_NAME = 'id'`,
    );

    const { exitCode, stderr } = await restoreWhile(server, backup, ['--confirm', target], () =>
      server.sql(
        `ALTER TABLE c MODIFY id ${column}, ADD FOREIGN KEY (id) REFERENCES ${target}.many_rows (id);`,
        child,
      ),
    );

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain(`${child}.c, which is kept, now has a foreign key to many_rows.`);
    expectSameDump(await server.dump(target), before);
  });

  test('in place is not removed with a database that the restore made', async () => {
    const backup = await backUp(server, await freshDatabase(server, { sql: SQL }));
    const target = await freshDatabase(server, { sql: '' });
    await server.sql(`DROP DATABASE ${target};`);
    const run = await startDbbackup(['restore', backup, '--to', target, '--in-place'], { server });
    await waitFor('the first table', async () => {
      run.signal('SIGSTOP');
      if ((await server.query(`SHOW TABLES FROM ${target}`).catch(() => '')) !== '') return true;
      run.signal('SIGCONT');
      return false;
    });
    await server.sql(ORDERS, target);
    run.signal('SIGTERM');
    run.signal('SIGCONT');

    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(143);
    expect(stderr).toContain(
      `${target} no longer holds anything from the backup; what other sessions created in it is kept.`,
    );
    expect(await server.query('SHOW TABLES', target)).toBe('orders');
  });
});

describeOneServer('a database of the user’s own, named as a staging schema is', (server) => {
  test('is backed up with the others and removed by no restore', async () => {
    const own = 'dbbackup_stage_prod';
    await server.sql(`CREATE DATABASE ${own}; CREATE TABLE ${own}.t (id INT);`);
    try {
      const target = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
      const { exitCode, stderr } = await runDbbackup(
        ['restore', await backUp(server, target), '--confirm', target],
        { server },
      );
      expect(exitCode, stderr).toBe(0);
      expect(stderr).not.toContain(own);
      expect(await server.query(`SHOW TABLES FROM ${own}`)).toBe('t');
      await backUp(server, own);
    } finally {
      await server.sql(`DROP DATABASE ${own};`);
    }
  });
});
