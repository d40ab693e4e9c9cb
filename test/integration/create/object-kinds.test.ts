import { expect, test } from 'vitest';
import { OBJECT_KINDS } from '../../../src/server/catalog/object-kinds.ts';
import type { ObjectKindRow } from '../../../src/server/catalog/object-kinds.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../harness/backup.ts';
import { filesOfBackups } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { SqlError } from '../../harness/statements.ts';

const KINDS: readonly ObjectKindRow[] = OBJECT_KINDS;

/** Tables of the catalogue that say what a database holds; the kinds that they tell of are in `OBJECT_KINDS`. */
const CATALOGUE: ReadonlySet<string> = new Set(
  (
    'CHECK_CONSTRAINTS COLUMNS COLUMNS_EXTENSIONS COLUMN_PRIVILEGES EVENTS FILES GEOMETRY_COLUMNS INDEX_STATISTICS ' +
    'JSON_DUALITY_VIEWS JSON_DUALITY_VIEW_COLUMNS JSON_DUALITY_VIEW_LINKS JSON_DUALITY_VIEW_TABLES KEY_COLUMN_USAGE ' +
    'KEY_PERIOD_USAGE LIBRARIES PARAMETERS PARTITIONS PERIODS REFERENTIAL_CONSTRAINTS ROLE_COLUMN_GRANTS ' +
    'ROLE_ROUTINE_GRANTS ROLE_TABLE_GRANTS ROUTINES ROUTINE_LIBRARIES SCHEMA_PRIVILEGES SEQUENCES STATISTICS ' +
    'ST_GEOMETRY_COLUMNS TABLES TABLES_EXTENSIONS TABLE_CONSTRAINTS TABLE_CONSTRAINTS_EXTENSIONS TABLE_PRIVILEGES ' +
    'TABLE_STATISTICS TRIGGERS VIEWS VIEW_ROUTINE_USAGE VIEW_TABLE_USAGE'
  ).split(' '),
);

describeEachServer('the table of kinds', (server) => {
  test('has every statement with which the server makes something', async () => {
    const counters = (await server.query(String.raw`SHOW GLOBAL STATUS LIKE 'Com\_create\_%'`))
      .split('\n')
      .map((line) => line.split('\t')[0]!.replace('Com_create_', ''));
    expect(counters.length).toBeGreaterThan(10);

    const known = new Set(KINDS.map(({ counter }) => counter));
    expect(counters.filter((counter) => !known.has(counter))).toEqual([]);
  });

  test('has every kind of routine and of table that the catalogue can name', async () => {
    const types = await server.query(
      `SELECT COLUMN_TYPE FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'procs_priv' AND COLUMN_NAME = 'Routine_type'
       UNION SELECT COLUMN_TYPE FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = 'information_schema' AND COLUMN_NAME IN ('ROUTINE_TYPE', 'TABLE_TYPE')
       UNION SELECT CONCAT('''', TABLE_TYPE, '''') FROM information_schema.TABLES`,
    );
    const names = [...types.matchAll(/'([^']+)'/g)].map(([, name]) => name!);
    expect(names).toEqual(expect.arrayContaining(['FUNCTION', 'PROCEDURE', 'BASE TABLE']));

    const known = new Set(KINDS.map(({ type }) => type));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  test('was made with every table of the catalogue that tells what a database holds', async () => {
    const tables = await server.query(
      String.raw`SELECT DISTINCT TABLE_NAME FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = 'information_schema' AND COLUMN_NAME LIKE '%\_SCHEMA'`,
    );
    expect(tables.split('\n').filter((name) => !CATALOGUE.has(name))).toEqual([]);
  });
});

const REFUSED = [
  {
    kind: 'library',
    sql: "CREATE LIBRARY lib LANGUAGE JAVASCRIPT AS 'export function x() { return 1 }'",
    named: 'library lib',
    hint: 'Skip routines and libraries with --skip-routines',
  },
  {
    kind: 'routine in another language',
    sql: "CREATE FUNCTION js() RETURNS INT DETERMINISTIC LANGUAGE JAVASCRIPT AS 'return 1'",
    named: 'routine in another language than SQL js',
    hint: 'Skip routines and libraries with --skip-routines',
  },
  {
    kind: 'materialized view',
    sql: 'CREATE MATERIALIZED VIEW mv AS SELECT id FROM t',
    named: 'materialized view mv',
    hint: 'To back it up, use mysqldump',
  },
] as const;

describeEachServer('what a restore could not make again', (server) => {
  test.each(REFUSED)('is refused by create and told by doctor: a $kind', async ({ sql, named, hint }) => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    if (server.flavour === 'mariadb') {
      await expect(server.sql(sql, database)).rejects.toThrow(SqlError); // or it has learned what we must, too
      return;
    }
    await server.sql(sql, database);

    await expectFailure(
      ['create', database],
      { server },
      {
        code: 'dump-failed',
        message: `${database} contains objects that dbbackup cannot restore: ${named}.`,
        hint: ['No backup was made.', hint],
      },
    );
    expect(await filesOfBackups()).toEqual({});
    const doctor = await runDbbackup(['doctor', database, '--json'], { server });
    expect(doctor.exitCode, doctor.stderr).toBe(1);
    expect(doctor.stdout).toContain(`${database} contains objects that dbbackup cannot restore: ${named}.`);
  });

  test('is left out with --skip-routines, where it is among them', async () => {
    const sql = 'CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);';
    const database = await freshDatabase(server, { sql });
    if (server.flavour === 'mysql') await server.sql(`${REFUSED[0].sql}; ${REFUSED[1].sql}`, database);

    const backup = await backUp(server, database, ['--skip-routines']);

    await succeeds(['verify', backup, '--rehearse'], { server });
  });
});

describeEachServer('a JSON duality view', (server) => {
  test('comes back with a restore and its undo', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(10)); CREATE TABLE kid (id INT PRIMARY KEY, t_id INT);',
    });
    const sql = `CREATE JSON RELATIONAL DUALITY VIEW dv AS SELECT JSON_DUALITY_OBJECT(
      WITH (INSERT, UPDATE, DELETE) '_id': id, 'name': name, 'kids': (SELECT JSON_ARRAYAGG(
        JSON_DUALITY_OBJECT('id': id, 't_id': t_id)) FROM kid WHERE kid.t_id = t.id)) FROM t`;
    if (server.flavour === 'mariadb') {
      await expect(server.sql(sql, database)).rejects.toThrow(SqlError);
      return;
    }
    await server.sql(sql, database);
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    await succeeds(['verify', backup, '--rehearse'], { server });
    await server.sql('DROP VIEW dv; CREATE TABLE since (id INT)', database);
    const changed = await server.dump(database);

    const undo = await restore(server, backup, database);
    expectSameDump(await server.dump(database), before);
    await succeeds(undo.split(' ').slice(1), { server });
    expectSameDump(await server.dump(database), changed);
  });
});
