import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { tortureSql } from '../../fixtures/torture/torture-schema.ts';
import { backUp, expectSameDump, manifestOf, sqlOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../harness/describe-each-server.ts';
import { runInShell } from '../../harness/shell.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

const MORE_SQL = String.raw`
CREATE TABLE \`größe €\` (id INT PRIMARY KEY, name VARCHAR(20), full_name VARCHAR(60) AS (CONCAT(name, '; ', id)) STORED,
  doubled INT AS (id * 2) VIRTUAL) DEFAULT CHARSET = utf8mb4;
INSERT INTO \`größe €\` (id, name) VALUES (1, 'it''s; \n'), (2, 'Ærø 😀'), (3, NULL);
CREATE VIEW big_customers AS SELECT * FROM turnover WHERE orders > 1;
`.replaceAll('\\`', '`');

/** All that a table is, in text. */
async function tableOf(server: TestServer, database: string, table: string): Promise<readonly string[]> {
  const name = quoted(table);
  return Promise.all(
    [
      `SHOW CREATE TABLE ${name}`,
      `SELECT * FROM ${name} ORDER BY 1`,
      `CHECKSUM TABLE ${name} EXTENDED`,
      `SELECT TRIGGER_NAME, EVENT_MANIPULATION, ACTION_TIMING, ACTION_STATEMENT, SQL_MODE, DEFINER, CHARACTER_SET_CLIENT
        FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = '${table}' ORDER BY 1`,
    ].map(async (question) => (await server.query(question, database)).replaceAll(database, 'db')),
  );
}

describeEachFlavour('an extract', (server, servers) => {
  // What is read is the same whatever it is compressed with.
  test.each(['gzip', 'none', 'zstd'].filter((method) => isTurnOf(method, server, servers)))(
    'of a table is taken by the stock client, and the table is what it was, %s',
    async (compress) => {
      const database = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4', sql: SHOP_SQL + MORE_SQL });
      const path = await backUp(server, database, ['--compress', compress]);

      for (const table of ['customers', 'orders', 'größe €']) {
        const other = await freshDatabase(server, {
          as: 'CHARACTER SET utf8mb4',
          sql: 'CREATE TABLE own (id INT);',
        });
        const { stdout } = await succeeds(['extract', path, '--table', table]);
        await server.stockLoad(stdout, other);

        expect(await tableOf(server, other, table)).toEqual(await tableOf(server, database, table));
        expect(await server.countRows(other, 'own')).toBe(0);
      }
    },
  );

  test('of every table of the torture schema is what the table was', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const path = await backUp(server, database);
    const tables = (await manifestOf(path)).tables.map(({ name }) => name);
    const charset = (await manifestOf(path)).charset;
    const other = await freshDatabase(server, { as: `CHARACTER SET ${charset}` });
    const { stdout } = await succeeds([
      'extract',
      path,
      ...tables.flatMap((name) => [`--table=${name}`]),
      '--output',
      'x.sql',
    ]);
    await server.sql(await readFile(stdout.trim()), other); // with --comments: those of triggers stay

    const views = Object.keys((await manifestOf(path)).programs ?? {})
      .filter((object) => object.startsWith('view '))
      .map((object) => `--ignore-table=${database}.${object.slice('view '.length)}`);
    const only = ['--skip-routines', '--skip-events'];
    expectSameDump(await server.dump(other, only), await server.dump(database, [...only, ...views]));
  });

  test('of views that are named has them all, whatever they need of each other', async () => {
    const database = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4', sql: SHOP_SQL + MORE_SQL });
    const path = await backUp(server, database);
    const { stdout } = await succeeds([
      ...['extract', path, '--table', 'big_customers', '--table', 'turnover', '--table', 'orders'],
    ]);
    await server.sql(`DROP VIEW big_customers; DROP VIEW turnover; DROP TABLE orders;`, database);
    await server.stockLoad(stdout, database);

    expect(await server.countRows(database, 'big_customers')).toBe(0);
    expect(await server.countRows(database, 'turnover')).toBe(2);
  });

  test('of everything, or of schema and data one after the other, is the database', async () => {
    const database = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4', sql: SHOP_SQL + MORE_SQL });
    const before = await server.dump(database);
    const path = await backUp(server, database);
    const { folder } = await workspace();

    const whole = await succeeds(['extract', path, '--output', 'whole.sql']);
    expect(whole.stdout).toBe(`${join(folder, 'whole.sql')}\n`);
    expect((await readFile(join(folder, 'whole.sql'))).equals(await sqlOf(path))).toBe(true);
    await runInShell(
      'dbbackup extract latest --schema-only > schema.sql && dbbackup extract latest --data-only > data.sql',
      server,
    );
    const data = await readFile(join(folder, 'data.sql'), 'utf8');
    expect(data).not.toMatch(/^(?:CREATE|DROP|\/\*!5\d{4} CREATE)/m);

    for (const files of [['whole.sql'], ['schema.sql', 'data.sql']]) {
      await server.sql(`DROP DATABASE ${database}; CREATE DATABASE ${database} CHARACTER SET utf8mb4;`);
      // Triggers of the schema would run for the rows of the data.
      if (files.length > 1) await server.stockLoad(await readFile(join(folder, 'schema.sql')), database);
      if (files.length > 1) await server.sql('DROP TRIGGER orders_note;', database);
      await server.stockLoad(await readFile(join(folder, files.at(-1)!)), database);
      if (files.length > 1) continue;
      expectSameDump(await server.dump(database), before);
    }
    expect(await server.countRows(database, 'orders')).toBe(2);
  });

  test('of a dump of the stock tool, without a manifest, has a table of it', async () => {
    const database = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4', sql: SHOP_SQL });
    const { folder } = await workspace();
    const dump = await server.stockDump(database, ['--databases']);
    await execa('gzip', ['-c'], { input: dump, stdout: { file: join(folder, 'stock.sql.gz') } });
    const { stdout, stderr } = await succeeds(['extract', './stock.sql.gz', '--table', 'orders']);

    expect(stderr).toContain('There is no manifest');
    const other = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4' });
    await server.stockLoad(stdout, other);
    expect(await server.countRows(other, 'orders')).toBe(2);
  });
});

describeOneServer('a large backup', (server) => {
  test.each(['gzip', 'none'])('is read only where the table is, %s', async (compress) => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE a_small (id INT PRIMARY KEY, v TEXT); INSERT INTO a_small VALUES (1, 'x');
        CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(200));
        CREATE TABLE zz_last (id INT PRIMARY KEY, v VARCHAR(200));
        SET SESSION group_concat_max_len = 1000000;
        ${Array.from({ length: 60 }, (_, n) => insertOf('large', n)).join('')}
        ${Array.from({ length: 40 }, (_, n) => insertOf('zz_last', n)).join('')}`,
    });
    const path = await backUp(server, database, ['--compress', compress]);
    const { size } = await stat(path);
    const bytesRead = async (args: readonly string[]): Promise<number> => {
      const { stdout } = await runInShell(
        `dbbackup extract ${path} ${args.join(' ')} | wc -c; strace -f -o trace -e trace=openat,pread64 dbbackup extract ${path} ${args.join(' ')} > out.sql; awk '/pread64/ { n += $NF } END { print n }' trace`,
        server,
      );
      return Number(stdout.trim().split('\n').at(-1));
    };

    expect(size).toBeGreaterThan(2_000_000);
    const whole = await bytesRead([]);
    expect(whole).toBeGreaterThanOrEqual(size);
    expect(await bytesRead(['--table', 'a_small'])).toBeLessThan(whole / 10);
    expect(await bytesRead(['--schema-only'])).toBeLessThan(whole / 2);
  });

  test('ends quietly when its reader has enough', async () => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(200)); ${Array.from({ length: 20 }, (_, n) => insertOf('large', n)).join('')}`,
    });
    await backUp(server, database);
    const { stdout, stderr } = await runInShell('dbbackup extract latest -q | head -1', server);

    expect(stdout).toMatch(/^(?:-- M|\/\*M!)/);
    expect(stderr).toBe('');
  });

  test('is not found among others, and the file is not there', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await backUp(server, database);

    expect(
      await runDbbackup(['extract', 'latest', '--table', 'order', '--output', 'x.sql'], { server }),
    ).toMatchObject({
      exitCode: 10,
      stderr: expect.stringContaining('Did you mean orders?'),
    });
  });
});

/** A thousand rows that do not compress well. */
function insertOf(table: string, n: number): string {
  const rows = Array.from({ length: 1000 }, (_, row) => {
    const id = n * 1000 + row;
    return `(${id},'${noise(id)}')`;
  });
  return `INSERT INTO ${table} VALUES ${rows.join(',')};\n`;
}

function noise(seed: number): string {
  let [text, state] = ['', seed + 1];
  for (let index = 0; index < 14; index++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state.toString(36);
  }
  return text;
}
