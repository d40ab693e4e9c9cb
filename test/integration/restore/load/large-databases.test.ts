import { expect, test } from 'vitest';
import { hugeRowsSql, manyTablesSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, manifestOf, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';

/** The campaign does it with 3,000: `many-tables`. */
const TABLES = 120;
const ROW_BYTES = 16 * 2 ** 20;

describeOneServer('create and restore', (server) => {
  test(`take ${TABLES} tables`, async () => {
    const database = await freshDatabase(server, { sql: [...manyTablesSql(TABLES)].join('') });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    expect((await manifestOf(path)).tables).toHaveLength(TABLES);
    await server.sql(
      'SET foreign_key_checks = 0; DROP TABLE table_00000, table_00001; DELETE FROM table_00010;',
      database,
    );

    await restore(server, path, database);

    expectSameDump(await server.dump(database), before);
  });

  test('take rows of 16 MB', async () => {
    const database = await freshDatabase(server, { sql: hugeRowsSql(2, ROW_BYTES) });
    const checksum =
      'SELECT id, LENGTH(words), LENGTH(raw), SHA2(words, 256), SHA2(raw, 256) FROM huge_rows ORDER BY id';
    const before = await server.query(checksum, database);
    expect(before.split('\n')).toHaveLength(4);
    const copy = databaseToBeMade(server);

    const path = await backUp(server, database);
    await restore(server, path, copy, ['--to', copy]);

    expect(await server.query(checksum, copy)).toBe(before);
    expect((await manifestOf(path)).longestStatementBytes).toBeGreaterThan(2 * ROW_BYTES); // hexadecimal
  });

  test('take empty tables', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 42; CREATE TABLE b (id INT);',
    });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    await server.sql('DROP TABLE a; INSERT INTO b VALUES (1);', database);

    await restore(server, path, database);

    expectSameDump(await server.dump(database), before);
  });

  test('take an empty database only when that is said to be right', async () => {
    const database = await freshDatabase(server, { as: 'CHARACTER SET latin1' });

    const { exitCode, stderr } = await runDbbackup(['create', database], { server });
    expect(exitCode).toBe(12);
    expect(stderr).toContain(`cannot see any table in ${database}.`);
    expect(stderr).toContain('If that is expected, add --allow-empty');

    const path = await backUp(server, database, ['--allow-empty']);
    expect((await manifestOf(path)).tables).toEqual([]);
    await server.sql('CREATE TABLE t (id INT);', database);
    await restore(server, path, database);
    expect(await server.query('SHOW TABLES', database)).toBe('');
    await server.sql(`DROP DATABASE ${database};`);
    await succeeds(['restore', path], { server });
    expect(await server.query(`SHOW CREATE DATABASE ${database}`)).toContain('latin1');
  });
});
