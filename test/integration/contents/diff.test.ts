import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, manifestOf, restore, safetyBackupOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';

const CHANGES_SQL = `
CREATE TABLE invoices (id INT PRIMARY KEY);
ALTER TABLE customers ADD COLUMN phone VARCHAR(20), MODIFY name VARCHAR(120) NOT NULL;
INSERT INTO orders VALUES (3, 1, 'a longer note'), (4, 1, 'another one');
CREATE OR REPLACE VIEW turnover AS SELECT customer, COUNT(*) AS how_many FROM orders GROUP BY customer;
DROP FUNCTION twice;
CREATE TRIGGER orders_after AFTER INSERT ON orders FOR EACH ROW SET @x = 1;
DROP TABLE old;
`;

describeOneServer('diff', (server) => {
  test.each([
    ['gzip', 'gzip'],
    ['zstd', 'none'],
  ])('tells what DDL and new rows have changed, %s and %s', async (before, after) => {
    const sql = `${SHOP_SQL} CREATE TABLE old (id INT); CREATE TABLE same (id INT AUTO_INCREMENT PRIMARY KEY);`;
    const database = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4', sql });
    const from = await backUp(server, database, ['--compress', before]);
    const none = await succeeds(['diff', from, from, '--json']);
    expect(JSON.parse(none.stdout)).toMatchObject({ same: true });

    await server.sql(`${CHANGES_SQL} ALTER DATABASE ${database} CHARACTER SET latin1;`, database);
    const to = await backUp(server, database, ['--compress', after]);
    const { stdout } = await succeeds(['diff', from, to, '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      same: false,
      aspects: [{ what: 'charset', from: 'utf8mb4', to: 'latin1' }, { what: 'collation' }],
      tables: {
        added: [{ name: 'invoices', engine: 'InnoDB' }],
        removed: [{ name: 'old' }],
        changed: expect.toSatisfy((changed: readonly object[]) => changed.length === 2),
        sameSize: 1,
      },
      storedObjects: {
        added: ['trigger orders_after'],
        removed: ['function twice'],
        changed: ['view turnover'],
      },
    });
    const { tables } = JSON.parse(stdout) as { tables: { changed: readonly { name: string }[] } };
    expect(tables.changed.find(({ name }) => name === 'customers')).toMatchObject({
      definition: [
        {
          removed: [expect.stringContaining('varchar(100)')],
          added: [expect.stringContaining('varchar(120)'), expect.stringContaining('`phone` varchar(20)')],
        },
      ],
    });
    expect(tables.changed.find(({ name }) => name === 'orders')).not.toHaveProperty('definition');

    const text = await succeeds(['diff', from, to]);
    expect(text.stdout).toMatch(/^\+ table invoices /m);
    expect(text.stdout).toMatch(/^- function twice$/m);
    expect(text.stdout).toMatch(/^~ table orders .* \+[\d.]+ kB \(\+\d+ %\)$/m);
  });
});

describeOneServer('show', (server) => {
  test('says what the manifest says, and of a safety backup how to undo its restore', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database);
    const manifest = await manifestOf(path);
    const { schema: _, ...fields } = manifest;

    const { stdout } = await succeeds(['show', `${database}/latest`]);
    for (const { name, engine } of manifest.tables)
      expect(stdout).toMatch(new RegExp(`^  ${name} .* ${engine}$`, 'm'));
    for (const object of Object.keys(manifest.programs ?? {})) expect(stdout).toContain(`\n  ${object}\n`);
    expect(stdout).toContain(manifest.file.sha256);
    const document = await succeeds(['show', path, '--json']);
    expect(JSON.parse(document.stdout)).toEqual({
      ...{ schema: 'dbbackup/show/1', ok: true },
      backup: { ...fields, path, state: 'complete', sizeBytes: manifest.file.sizeBytes, compression: 'gzip' },
    });

    await succeeds(['pin', path, '--until', '2099-01-31', '--reason', 'before the upgrade']);
    const copy = { where: 'rclone:b2:shop', at: '2026-11-22T03:00:09.000Z' };
    const file = path.replace(/\.sql.*/, '.json');
    await writeFile(file, JSON.stringify({ ...(await manifestOf(path)), copies: [copy] }));
    const pinned = (await succeeds(['show', path])).stdout;
    expect(pinned).toMatch(/^ {2}pin +pinned until 2099-01-31: before the upgrade$/m);
    expect(pinned).toMatch(/^ {2}copy +rclone:b2:shop, 2026-11-22 03:00:09/m);

    const undo = await restore(server, path, database);
    const safety = await succeeds(['show', await safetyBackupOf(database)]);
    expect(safety.stdout).toContain(undo.split('\n').at(-1));
  });
});
