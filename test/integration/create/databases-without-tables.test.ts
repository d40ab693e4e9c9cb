import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  backUp,
  expectSameDump,
  manifestOf,
  restore,
  safetyBackupOf,
  succeeds,
} from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../harness/describe-each-server.ts';
import { workspace } from '../../harness/workspace.ts';

const NONE = { views: 0, routines: 0, triggers: 0, events: 0 };

/** What a database may hold although it has no table. */
const WITHOUT_TABLES = [
  {
    holds: '1 procedure, 1 event',
    counts: { ...NONE, routines: 1, events: 1 },
    sql: () =>
      'CREATE PROCEDURE p1() SELECT 1; CREATE EVENT e1 ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;',
    changed: 'DROP PROCEDURE p1; CREATE PROCEDURE p2() SELECT 2; DROP EVENT e1;',
  },
  {
    holds: '1 view, 2 routines, 1 event',
    counts: { views: 1, routines: 2, triggers: 0, events: 1 },
    sql: (elsewhere: string) => `CREATE VIEW v1 AS SELECT id FROM ${elsewhere}.t;
      CREATE PROCEDURE p1() SELECT 1;
      CREATE FUNCTION f1() RETURNS INT DETERMINISTIC RETURN 1;
      CREATE EVENT e1 ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1;`,
    changed: 'DROP FUNCTION f1; DROP EVENT e1; CREATE TABLE new_one (id INT);',
  },
] as const;

describeEachFlavour('a database without tables', (server, servers) => {
  // The second has all that the first has.
  test.each(
    WITHOUT_TABLES.filter(({ counts: { views }, holds }) => views > 0 || isTurnOf(holds, server, servers)),
  )(
    'that holds $holds is backed up and comes back, and so does what replaced it',
    async ({ holds, counts, sql, changed }) => {
      const elsewhere = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
      const database = await freshDatabase(server, { sql: sql(elsewhere) });
      const before = await server.dump(database);

      const { stdout, stderr } = await succeeds(['create', database], { server });

      const path = stdout.trim();
      expect(stderr).toContain(`${database} backed up: no tables, ${holds}, `);
      expect(await manifestOf(path)).toMatchObject({ tables: [], counts, warnings: [] });
      expect((await succeeds(['list'])).stdout).toMatch(new RegExp(` 0  complete, ${holds}\n`));
      await succeeds(['verify', '--rehearse', path], { server });
      await succeeds(['doctor', database], { server });

      await server.sql(changed, database);
      const other = await server.dump(database);
      await restore(server, path, database);
      expectSameDump(await server.dump(database), before);
      await restore(server, await safetyBackupOf(database), database, ['--no-safety-backup']);
      expectSameDump(await server.dump(database), other);
      await restore(server, path, database, ['--in-place', '--no-safety-backup']);
      expectSameDump(await server.dump(database), before);
    },
  );
});

describeEachFlavour('a database without tables', (server) => {
  test('comes back from the dump of the stock tool', async () => {
    const elsewhere = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const database = await freshDatabase(server, { sql: WITHOUT_TABLES[1].sql(elsewhere) });
    const dump = await server.dump(database);
    const path = join((await workspace()).folder, 'stock.sql');
    await writeFile(path, dump);
    await server.sql(WITHOUT_TABLES[1].changed, database);

    const verified = await succeeds(['verify', '--rehearse', path], { server });
    expect(verified.stdout).not.toContain('of any use');
    await restore(server, path, database, [`--to=${database}`]);

    expectSameDump(await server.dump(database), dump);
  });
});

describeOneServer('a database without tables', (server) => {
  test('that holds nothing at all needs --allow-empty', async () => {
    const database = await freshDatabase(server);
    const path = await backUp(server, database, ['--allow-empty']);
    expect((await succeeds(['list'])).stdout).toMatch(/ 0 {2}complete\n/);
    await server.sql('CREATE PROCEDURE p1() SELECT 1;', database);
    const before = await server.dump(database);

    await restore(server, path, database);
    expect(
      await server.query(
        'SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()',
        database,
      ),
    ).toBe('0');
    await restore(server, await safetyBackupOf(database), database);

    expectSameDump(await server.dump(database), before);
  });
});
