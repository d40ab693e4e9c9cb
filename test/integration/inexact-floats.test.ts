import { expect, test } from 'vitest';
import { manifestOf, restore, succeeds } from '../harness/backup.ts';
import { freshDatabase } from '../harness/database.ts';
import { runDbbackup } from '../harness/dbbackup.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';

const SQL = `
  CREATE TABLE prices (
    id INT PRIMARY KEY, net FLOAT, few_digits FLOAT UNSIGNED, decimals FLOAT(10,3), d DOUBLE,
    twice FLOAT GENERATED ALWAYS AS (net * 2) STORED);
  INSERT INTO prices (id, net, few_digits, decimals, d) VALUES
    (1, 1234567.875, 0.1, 1234567.875, 1234567.875), (2, NULL, 123456, NULL, NULL), (3, 1.5, 1e-30, 0.5, 0.1);
  CREATE TABLE empty_one (f FLOAT);
  CREATE VIEW all_prices AS SELECT * FROM prices;`;

describeEachServer('a FLOAT column with more digits than a dump has', (server) => {
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
