import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { beginDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { comesTo } from '../../../harness/swap-journal.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

// That no staging schema is left, the leak guard looks after.
describeEachFlavour('a restore through a staging schema', (server) => {
  test('fills a database that it makes, and one that is there without tables', async () => {
    const source = await freshDatabase(server, { as: 'CHARACTER SET latin1', sql: SHOP_SQL });
    const before = await server.dump(source, ['--databases']);
    const backup = await backUp(server, source);
    const made = databaseToBeMade(server);
    const empty = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' });

    for (const target of [made, empty]) {
      const { stdout } = await succeeds(['restore', backup, '--to', target, '--json'], { server });
      expect(JSON.parse(stdout)).toMatchObject({ restored: { database: target, method: 'staging' } });
      const after = (await server.dump(target, ['--databases'])).toString().replaceAll(target, source);
      expectSameDump(Buffer.from(after), before);
    }
  });

  test('keeps with --keep-extra what the backup does not hold, also what its views and triggers need', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    await server.sql(
      `CREATE TABLE extra (id INT PRIMARY KEY, n INT); INSERT INTO extra VALUES (1, 1);
       CREATE TRIGGER tr_extra BEFORE INSERT ON extra FOR EACH ROW SET NEW.n = twice(NEW.n);
       CREATE VIEW extra_view AS SELECT extra.id, customers.name FROM extra JOIN customers USING (id);
       CREATE PROCEDURE extra_procedure() SELECT 1;`,
      database,
    );
    const before = await server.dump(database);
    await server.sql(
      "UPDATE customers SET name = 'since then'; DROP FUNCTION twice; DROP VIEW turnover;",
      database,
    );
    const changed = await server.dump(database);

    const undo = await restore(server, backup, database, ['--keep-extra']);
    expectSameDump(await server.dump(database), before);
    await server.sql('INSERT INTO extra VALUES (2, 2);', database);
    expect(await server.query('SELECT n FROM extra WHERE id = 2', database)).toBe('4');

    await succeeds(undo.split(' ').slice(1), { server });
    expectSameDump(await server.dump(database), changed);
  });

  test('makes views that read each other, whatever their order in the dump', async () => {
    const path = join((await workspace()).folder, 'views.sql');
    const lines = [
      'CREATE TABLE t (id INT PRIMARY KEY);',
      'INSERT INTO t VALUES (1);',
      'CREATE VIEW a AS SELECT * FROM b;',
      'CREATE VIEW b AS SELECT * FROM c;',
      'CREATE VIEW c AS SELECT * FROM t;',
      '-- Dump completed',
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    // The one that is there reads a table that goes.
    const target = await freshDatabase(server, {
      sql: 'CREATE TABLE gone (id INT); CREATE VIEW b AS SELECT id AS other FROM gone; CREATE VIEW c AS SELECT * FROM b;',
    });

    await restore(server, path, target, ['--to', target]);

    expect(await server.query('SELECT id FROM a', target)).toBe('1');
    expect(await server.query('SHOW TABLES', target)).toBe('a\nb\nc\nt');
  });

  test('runs no event before it is in its place', async () => {
    expect(await server.query('SELECT @@GLOBAL.event_scheduler')).toBe('ON');
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE runs (id INT AUTO_INCREMENT PRIMARY KEY, place VARCHAR(64));
        CREATE TABLE held (id INT);
        CREATE EVENT ticks ON SCHEDULE EVERY 1 SECOND STARTS '2020-01-01' ENABLE DO INSERT INTO runs (place) VALUES (DATABASE());`,
    });
    const backup = await backUp(server, database);
    const release = await holdTable(server, database, 'held');
    const args = ['restore', backup, '--confirm', database, '--no-safety-backup'];
    const run = beginDbbackup(args, { server });
    // Everything is made in the staging schema by now, and stays there for some ticks.
    expect(await comesTo('swapping', run)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await release();
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);

    const places = () => server.query('SELECT DISTINCT place FROM runs', database);
    await waitFor('the event to run', async () => (await places()) !== '');
    expect(await places()).toBe(database);
  });
});
