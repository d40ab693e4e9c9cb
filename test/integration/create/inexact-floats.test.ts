import { expect, test } from 'vitest';
import { manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';

const SQL = `
  CREATE TABLE prices (
    id INT PRIMARY KEY, net FLOAT, few_digits FLOAT UNSIGNED, decimals FLOAT(10,3), d DOUBLE,
    twice FLOAT GENERATED ALWAYS AS (net * 2) STORED);
  INSERT INTO prices (id, net, few_digits, decimals, d) VALUES
    (1, 1234567.875, 0.1, 1234567.875, 1234567.875), (2, NULL, 123456, NULL, NULL), (3, 1.5, 1e-30, 0.5, 0.1);
  CREATE TABLE empty_one (f FLOAT);
  CREATE VIEW all_prices AS SELECT * FROM prices;`;

describeEachFlavour('a FLOAT column with more digits than a dump has', (server) => {
  test('is named by create, by the manifest and by doctor, and no other column is', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const values = 'SELECT few_digits, decimals, HEX(decimals * 1000), d + 0e0 FROM prices ORDER BY id';
    const before = await server.query(values, database);

    const { stdout, stderr } = await succeeds(['create', database], { server });

    const path = stdout.trim();
    const warning =
      'FLOAT values are rounded to six significant digits in the backup, because the dump tools print no more: prices.net.';
    expect(stderr).toContain(warning);
    expect(await manifestOf(path)).toMatchObject({
      inexactColumns: [{ table: 'prices', column: 'net' }],
      warnings: [warning],
    });
    const doctor = await runDbbackup(['doctor', database, '--json'], { server });
    const { findings } = JSON.parse(doctor.stdout) as { findings: { level: string; message: string }[] };
    expect(findings.filter(({ message }) => message.includes('six significant digits'))).toMatchObject([
      { level: 'warning', message: expect.stringContaining(': prices.net.') },
    ]);

    await restore(server, path, database);
    expect(await server.query(values, database)).toBe(before);
    expect(await server.query('SELECT net + 0e0, twice + 0e0 FROM prices WHERE id = 1', database)).toBe(
      '1234570\t2469140',
    );
  });

  test('is named with what may keep a restore from succeeding, where it is in a unique key or a check', async () => {
    const database = await freshDatabase(server, {
      sql: `
        CREATE TABLE unique_ones (id INT PRIMARY KEY, f FLOAT, UNIQUE KEY (f));
        INSERT INTO unique_ones VALUES (1, 1234567), (2, 1234568);
        CREATE TABLE through_another (
          id INT PRIMARY KEY, f FLOAT, twice FLOAT GENERATED ALWAYS AS (f * 2) STORED, UNIQUE KEY (twice));
        INSERT INTO through_another (id, f) VALUES (1, 1234567);
        CREATE TABLE checked (id INT PRIMARY KEY, f FLOAT, CHECK (f < 1234568));
        INSERT INTO checked VALUES (1, 1234567);
        CREATE TABLE free (id INT PRIMARY KEY, f FLOAT, KEY (f));
        INSERT INTO free VALUES (1, 1234567);`,
    });

    const { stdout, stderr } = await succeeds(['create', database], { server });

    const path = stdout.trim();
    const columns =
      'checked.f (in a check), through_another.f (in a unique key), unique_ones.f (in a unique key), free.f.';
    const consequence =
      'A restore may fail because of it: where rounded values are the same, or do not pass the check.';
    expect(stderr).toContain(`${columns} ${consequence}`);
    const { warnings, inexactColumns } = await manifestOf(path);
    expect(warnings).toEqual([expect.stringContaining(columns)]);
    expect(inexactColumns).toEqual([
      { table: 'checked', column: 'f', partOf: ['check'] },
      { table: 'free', column: 'f' },
      { table: 'through_another', column: 'f', partOf: ['unique key'] },
      { table: 'unique_ones', column: 'f', partOf: ['unique key'] },
    ]);
    const doctor = await runDbbackup(['doctor', database, '--json'], { server });
    const { findings } = JSON.parse(doctor.stdout) as { findings: { message: string; why?: string }[] };
    expect(findings.filter(({ message }) => message.includes('six significant digits'))).toMatchObject([
      { message: expect.stringContaining(columns), why: expect.stringContaining(consequence) },
    ]);

    await expectFailure(
      ['restore', path, '--confirm', database, '--no-safety-backup'],
      { server },
      { code: 'restore-failed', message: [/Duplicate entry|Check constraint/], hint: undefined },
    );
  });

  test('is not looked for where there is none', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (f FLOAT); INSERT INTO t VALUES (0.1), (-2.5e10), (3.40282e38), (0), (1e-45);',
    });

    const { stdout, stderr } = await succeeds(['create', database], { server });

    expect(stderr).not.toContain('FLOAT');
    const manifest = await manifestOf(stdout.trim());
    expect(manifest.warnings).toEqual([]);
    expect(manifest).not.toHaveProperty('inexactColumns');
  });
});
