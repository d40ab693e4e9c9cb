import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, isTurnOf, testServers } from '../../../harness/describe-each-server.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { quoted } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

const EXTRA_SQL = String.raw`
CREATE TABLE extra (id INT PRIMARY KEY, customer INT, FOREIGN KEY (customer) REFERENCES customers (id));
INSERT INTO extra VALUES (1, 1);
CREATE VIEW extra_view AS SELECT * FROM extra;
CREATE PROCEDURE extra_procedure() SELECT 1;
CREATE TRIGGER extra_trigger AFTER DELETE ON orders FOR EACH ROW SET @extra = 1;
CREATE EVENT extra_event ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' DISABLE DO SET @extra = 1;
`;

describeEachFlavour('restore', (server, servers) => {
  test('makes a missing database, with the character set and collation of the manifest', async () => {
    const collation = server.flavour === 'mysql' ? 'utf8mb4_da_0900_ai_ci' : 'utf8mb4_danish_ci';
    const source = await freshDatabase(server, {
      as: `CHARACTER SET utf8mb4 COLLATE ${collation}`,
      sql: SHOP_SQL,
    });
    const target = databaseToBeMade(server);
    await backUp(server, source);

    const { stdout, stderr } = await succeeds(['restore', `${source}/latest`, '--to', target], { server });

    expect(stdout).toBe(''); // nothing to undo
    expect(stderr).toContain(`${target} restored from ${source}/manual_`);
    expectSameDump(await server.dump(target), await server.dump(source));
    expect(await defaultsOf(target)).toBe(await defaultsOf(source));
    expect(await defaultsOf(target)).toContain(collation);
  });

  test('removes what the backup does not hold, after the plan has named it', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const before = await server.dump(database);
    await backUp(server, database);
    await server.sql(EXTRA_SQL, database);

    const { stderr } = await succeeds(['restore', 'latest', '--confirm', database], { server });

    expect(stderr).toMatch(
      /removes +1 table \(extra\), 1 view \(extra_view\), 1 routine \(procedure extra_procedure\), 1 trigger \(extra_trigger\), 1 event \(extra_event\), which the backup does not hold/,
    );
    expectSameDump(await server.dump(database), before);
  });

  if (!isTurnOf('restore', server, servers)) return;

  test('brings back a database that was dropped, without --to and without a question', async () => {
    const database = await freshDatabase(server, { as: 'CHARACTER SET latin1', sql: SHOP_SQL });
    const [before, defaults] = [await server.dump(database), await defaultsOf(database)];
    await backUp(server, database);
    await server.sql(`DROP DATABASE ${database};`);

    await succeeds(['restore', 'latest'], { server });

    expectSameDump(await server.dump(database), before);
    expect(await defaultsOf(database)).toBe(defaults);
  });

  test('fills an empty database without a question, and gives it the defaults of the manifest', async () => {
    const source = await freshDatabase(server, { as: 'CHARACTER SET latin1', sql: SHOP_SQL });
    const target = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4' });
    await backUp(server, source);

    const { stderr } = await succeeds(['restore', `${source}/latest`, '--to', target, '--dry-run'], {
      server,
    });
    expect(stderr).not.toContain('error');
    await succeeds(['restore', `${source}/latest`, '--to', target], { server });

    expect(await defaultsOf(target)).toBe(await defaultsOf(source));
    expectSameDump(await server.dump(target), await server.dump(source));
  });

  test('--keep-extra keeps it', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await backUp(server, database);
    await server.sql(EXTRA_SQL, database);
    const withExtra = await server.dump(database);
    await server.sql('DELETE FROM orders; DROP VIEW turnover; DROP FUNCTION twice;', database);

    const { stderr } = await succeeds(['restore', 'latest', '--confirm', database, '--keep-extra'], {
      server,
    });

    expect(stderr).toMatch(/keeps +1 table \(extra\), 1 view \(extra_view\)/);
    const after = (await server.dump(database)).toString('latin1');
    // A trigger goes with its table, and the backup holds the table: it is not among what can be kept.
    expect(after).toContain('CREATE TABLE `extra`');
    expect(after).toContain('`extra_event`');
    expect(after).toContain('`extra_procedure`');
    expect(await server.query('SELECT COUNT(*) FROM extra_view JOIN turnover', database)).toBe('2');
    expect(after.includes('extra_trigger')).toBe(
      withExtra.includes('extra_trigger') && !stderr.includes('1 trigger'),
    );
  });

  function defaultsOf(database: string) {
    return server.query(
      `SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = '${database}'`,
    );
  }
});

const server = testServers()[0]!;

test('restore --to leaves the database alone that the backup came from', async () => {
  const source = await freshDatabase(server, { sql: SHOP_SQL });
  const target = await freshDatabase(server, { sql: 'CREATE TABLE old (id INT);' });
  await backUp(server, source);
  await server.sql('DELETE FROM orders;', source);
  const changed = await server.dump(source);

  const undo = await restore(server, `${source}/latest`, target, ['--to', target]);

  expectSameDump(await server.dump(source), changed);
  expect(await server.countRows(target, 'orders')).toBe(2);
  expect(undo).toMatch(new RegExp(`^dbbackup undo \\w+ --confirm ${target} `));
});

test('restore --dry-run shows the plan and does nothing', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  await backUp(server, database);
  await server.sql('DROP TABLE orders; CREATE TABLE extra (id INT); DROP VIEW turnover;', database);
  const before = await server.dump(database);
  const { backups } = await workspace();
  const files = await readdir(join(backups, database));

  const { stdout } = await succeeds(['restore', 'latest', '--dry-run'], { server });
  const json = await succeeds(['restore', 'latest', '--dry-run', '--json'], { server });

  expect(stdout).toContain(`Restore ${database}/manual_`);
  expect(stdout).toMatch(/replaces +1 table \(customers\)/);
  expect(stdout).toMatch(/adds +1 table \(orders\), 1 view \(turnover\)/);
  expect(stdout).toMatch(/removes +1 table \(extra\), which the backup does not hold/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    dryRun: true,
    plan: { removes: { tables: ['extra'] }, needsConfirmation: true },
  });
  expectSameDump(await server.dump(database), before);
  expect(await readdir(join(backups, database))).toEqual(files);
});

test('a trigger of the target with the name of one in the backup, but on a table that stays, is replaced', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  await backUp(server, database);
  await server.sql(
    'DROP TRIGGER orders_note; CREATE TABLE extra (id INT); CREATE TRIGGER orders_note BEFORE INSERT ON extra FOR EACH ROW SET @a = 1;',
    database,
  );

  await restore(server, 'latest', database, ['--keep-extra']);

  const table = await server.query(
    `SELECT event_object_table FROM information_schema.triggers WHERE trigger_schema = '${database}'`,
  );
  expect(table).toBe('orders');
});

test('a target that others have foreign keys into is not touched when they keep it from being replaced', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const other = await freshDatabase(server);
  await server.sql(
    `CREATE TABLE child (customer INT, FOREIGN KEY (customer) REFERENCES ${quoted(database)}.customers (id)); INSERT INTO child VALUES (1);`,
    other,
  );
  const before = await server.dump(database);
  await backUp(server, database);
  await server.sql("UPDATE customers SET name = 'changed';", database);

  await restore(server, 'latest', database);

  expectSameDump(await server.dump(database), before);
  const refused = await runDbbackup(['restore', 'latest', '--to', 'mysql', '--confirm', 'mysql'], { server });
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('mysql is a system schema; nothing can be restored into it.');
});

test('a view that the damage has broken keeps the safety backup from being made; the message says which, and the way out', async () => {
  const database = await freshDatabase(server, { sql: SHOP_SQL });
  const before = await server.dump(database);
  await backUp(server, database);
  await server.sql('DROP TABLE orders;', database); // `turnover` reads it

  // Before anybody is asked: without --confirm it would be 13.
  for (const further of [[], ['--dry-run'], ['--confirm', database]]) {
    const { exitCode, stderr } = await runDbbackup(['restore', 'latest', ...further], { server });
    expect(exitCode).toBe(18);
    expect(stderr).toContain('the server cannot open the view turnover (');
    expect(stderr).toContain('references invalid table(s)');
    expect(stderr).toContain('--no-safety-backup');
    expect(stderr).toMatch(/^ +dbbackup restore \S+ .*--skip-broken/m);
  }
  await server.sql('DROP VIEW turnover;', database);
  await restore(server, 'latest', database);
  expectSameDump(await server.dump(database), before);
});

// MySQL takes the setting only when its folder is made.
for (const shared of testServers().filter(({ flavour }) => flavour === 'mariadb')) {
  test(`a server that keeps names in lower case is told before anything is touched (${shared.name})`, async () => {
    const source = await freshDatabase(shared, { sql: 'CREATE TABLE Orders (id INT);' });
    const backup = await backUp(shared, source);
    await using own = await ownServer(shared, ['--lower-case-table-names=1']);
    const { server } = own;

    const upper = await runDbbackup(['restore', backup, '--to', 'Shop'], { server });
    expect(upper.exitCode, upper.stderr).toBe(2);
    expect(upper.stderr).toContain('so Shop cannot exist on it. Nothing was touched.');
    expect(upper.stderr).toContain('--to shop');

    const { exitCode, stderr } = await runDbbackup(['restore', backup, '--to', 'shop'], { server });
    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain('the table Orders of the backup would become orders. Nothing was touched.');
    expect(await server.query("SHOW DATABASES LIKE '%shop%'")).toBe('');
  });
}
