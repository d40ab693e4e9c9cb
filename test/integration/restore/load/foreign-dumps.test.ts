import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { expectSameDump, succeeds } from '../../../harness/backup.ts';
import { REPOSITORY } from '../../../harness/build.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
  isWholeMatrix,
  testServers,
} from '../../../harness/describe-each-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

/** A dump by the server's own tool as its users make it, in a file of the workspace. */
async function stockDump(server: TestServer, options: readonly string[], databases: readonly string[]) {
  const { stdout } = await execa(
    server.dumpTool,
    [...server.clientOptions, '--routines', '--events', '--hex-blob', ...options, ...databases],
    { encoding: 'buffer', maxBuffer: 2 ** 28, stripFinalNewline: false },
  );
  const path = join((await workspace()).folder, 'stock.sql');
  await writeFile(path, stdout);
  return path;
}

// Of the torture schema: `round-trip/torture-schema.test.ts`.
describeOneServer("restore of the stock tool's own dump", (server) => {
  test('of several databases is refused, naming them', async () => {
    const [first, second] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: SHOP_SQL }),
    ];
    const path = await stockDump(server, ['--databases'], [first, second]);
    const target = await freshDatabase(server);

    const { exitCode, stderr } = await runDbbackup(['restore', path, '--to', target], { server });

    expect(exitCode).toBe(19);
    expect(stderr).toContain(`is a dump of several databases: ${first}, ${second}.`);
    expect(await server.query('SHOW TABLES', target)).toBe('');
  });
});

describeEachFlavour("restore of the stock tool's own dump", (server) => {
  test('made with --databases goes where the user says, and leaves CREATE DATABASE and USE out', async () => {
    const source = await freshDatabase(server, {
      as: 'CHARACTER SET latin1 COLLATE latin1_german1_ci',
      sql: SHOP_SQL,
    });
    const before = await server.dump(source);
    const target = databaseToBeMade(server);
    const path = await stockDump(server, ['--databases'], [source]);
    await server.sql('DELETE FROM orders;', source);
    const emptied = await server.dump(source);

    const args = ['restore', path, '--to', target, '-v', '--dry-run'];
    const { stdout: plan, stderr } = await succeeds(args, { server });
    expect(stderr).not.toContain('error:');
    expect(plan).toContain(`CREATE DATABASE \`${source}\``);
    expect(plan).toContain(`USE \`${source}\``);
    await succeeds(['restore', path, '--to', target], { server });

    expectSameDump(await server.dump(target), before);
    expectSameDump(await server.dump(source), emptied);
    expect(
      await server.query(
        `SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = '${target}'`,
      ),
    ).toBe('latin1_german1_ci');
  });

  test('changes the collation of the target alone while it makes routines', async () => {
    const source = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' });
    await server.sql('CREATE FUNCTION in_bin(t TEXT) RETURNS TEXT DETERMINISTIC RETURN t;', source);
    // From now on the dump sets the database's collation around the routine, and names the database.
    await server.sql(
      `ALTER DATABASE ${source} COLLATE utf8mb4_general_ci; CREATE TABLE ${source}.t (id INT);`,
    );
    const path = await stockDump(server, [], [source]);
    expect(await readFile(path, 'utf8')).toContain(`ALTER DATABASE \`${source}\``);
    const target = await freshDatabase(server, { as: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci' });
    await server.sql(`ALTER DATABASE ${source} COLLATE utf8mb4_german2_ci;`);

    await succeeds(['restore', path, '--to', target], { server });

    const collation = (database: string) =>
      server.query(
        `SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = '${database}'`,
      );
    expect(await collation(source)).toBe('utf8mb4_german2_ci');
    expect(
      await server.query(
        `SELECT database_collation FROM information_schema.routines WHERE routine_schema = '${target}' AND routine_name = 'in_bin'`,
      ),
    ).toBe('utf8mb4_bin');
  });
});

describeEachFlavour('restore of GTID lines', (server) => {
  test('leaves them out and says so', async () => {
    const mysql = testServers().find(({ flavour }) => flavour === 'mysql');
    const target = await freshDatabase(server);
    const path = join((await workspace()).folder, 'gtid.sql');
    const lines = [
      'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;',
      'SET @@SESSION.SQL_LOG_BIN= 0;',
      "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '72d22a1d-e6ea-11f1-ab60-02fc00000001:1-4626';",
      'CREATE TABLE t (id INT);',
      'INSERT INTO t VALUES (1);',
      'SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;',
      '-- Dump completed on 2026-01-01  0:00:00',
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    const purged = () => mysql?.query('SELECT @@GLOBAL.gtid_purged');
    const before = await purged();

    const { stdout } = await succeeds(['restore', path, '--to', target, '--dry-run'], { server });
    const { stderr } = await succeeds(['restore', path, '--to', target], { server });

    expect(stdout).toContain('GTID_PURGED');
    expect(stdout).toContain('SET sql_log_bin');
    for (const line of stdout.match(/^warning: .*/gm) ?? []) expect(stderr).toContain(line);
    expect(await server.countRows(target, 't')).toBe(1);
    expect(await purged()).toBe(before);
  });
});

/** Real dumps of the other makers, as far as their content exists on the server; of 10.11 one on each MariaDB. */
const DUMPS = [
  { dump: 'mariadb-10.11.sql', on: 'mariadb-11.8' },
  { dump: 'mariadb-10.11-databases.sql', on: 'mariadb-10.11' },
  { dump: 'mariadb-11.8.sql', on: 'mariadb-11.8' },
  { dump: 'mysql-9.7.sql', on: 'mysql' },
  { dump: 'mysql-9.7-databases.sql', on: 'mysql' },
];

describeEachServer('restore of a dump from elsewhere', (server) => {
  test.each(DUMPS.filter(({ on }) => server.name.startsWith(on)))(
    'takes $dump, whose views, triggers and keys reach into another database',
    async ({ dump }) => {
      // The dumps are of `shop` and lean on `stock`; here both get names that no other test has.
      const stock = await freshDatabase(server, {
        sql: 'CREATE TABLE o (id INT PRIMARY KEY, n INT); INSERT INTO o VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5);',
      });
      const target = databaseToBeMade(server);
      const original = await readFile(join(REPOSITORY, 'test/fixtures/dumps', dump), 'latin1'); // every byte as it is
      const text = original
        .replaceAll(/\bstock\b/g, stock)
        .replaceAll(/\bshop\b/g, target)
        // The dump locks the table without the sequence, and its own client fails at that as well.
        .replace(/ DEFAULT nextval\([^)]*\)/, ' DEFAULT 1');
      const tables = new Set(text.match(/^-- Table structure for table `.*`$/gm));
      const path = join((await workspace()).folder, dump);
      await writeFile(path, text, 'latin1');

      const args = ['restore', path, '--to', target];
      const refused = await runDbbackup(args, { server });
      expect(refused.exitCode, refused.stderr).toBe(19);
      expect(refused.stderr).toContain(`has a foreign key to a table in ${stock}`);
      expect(refused.stderr).toMatch(
        /If the database was like that:\n\s+dbbackup restore .* --allow-outside/,
      );
      await succeeds([...args, '--allow-outside'], { server });

      const made = await server.query(
        `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${target}' AND table_type NOT IN ('VIEW', 'SEQUENCE')`,
      );
      expect(Number(made)).toBe(tables.size);
      expect(Number(made)).toBeGreaterThan(1);
      expect(await server.countRows(stock, 'o')).toBe(5);
    },
  );
});

describeEachFlavour('restore through the stock client', (server) => {
  test('keeps what clients stumble over: escaped newlines and NULs, and comments without a space', async () => {
    const target = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'odd.sql');
    const lines = [
      '--x',
      '--\\! echo',
      'CREATE TABLE t (id INT PRIMARY KEY, v VARBINARY(50));',
      'INSERT INTO t VALUES (9, NULL);',
      'TRUNCATE TABLE t;', // leaves the dump to the client
      "INSERT INTO t VALUES (1, 'a\\\nb'), (2, '\\\n-- c'), (3, 'd\\\0e'), (4, 'f\0g\r\n');",
      "CREATE FUNCTION f() RETURNS VARBINARY(50) DETERMINISTIC RETURN 'h\\\ni';",
      '-- Dump completed on 2026-01-01  0:00:00',
    ];
    await writeFile(path, `${lines.join('\n')}\n`);

    await succeeds(['restore', path, '--to', target, '--load-account', 'off'], { server });

    const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();
    const held = await server.query(
      "SELECT GROUP_CONCAT(HEX(v) ORDER BY id SEPARATOR ' '), HEX(f()) FROM t",
      target,
    );
    expect(held).toBe(`${['a\nb', '\n-- c', 'd\0e', 'f\0g\r\n'].map(hex).join(' ')}\t${hex('h\ni')}`);
  });
});

/** Without what only one of the two knows: its default collation. */
const PORTABLE_SQL = `SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
${SHOP_SQL.replaceAll('utf8mb4;', 'utf8mb4 COLLATE utf8mb4_unicode_ci;')}`;

describeEachServer('a stock dump of another server', (to) => {
  const servers = testServers();
  // Its own does in round-trip/torture-schema, with all that a database may have.
  const sources = servers.filter(({ name }) => name !== to.name || servers.length === 1 || isWholeMatrix());
  test.each(sources.map((from) => ({ from, name: from.name })))('$name goes in', async ({ from }) => {
    const database = await freshDatabase(from, {
      as: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
      sql: PORTABLE_SQL,
    });
    const target = databaseToBeMade(to);
    const path = await stockDump(from, from.flavour === 'mysql' ? ['--set-gtid-purged=ON'] : [], [database]);

    const { stderr } = await succeeds(['restore', path, '--to', target], { server: to });

    const rows = 'SELECT * FROM customers; SELECT * FROM orders; SELECT * FROM turnover; SELECT twice(21);';
    expect(await to.sql(rows, target)).toBe(await from.sql(rows, database));
    // As it was made, but for the modes that the server does not have.
    const modes = (server: TestServer, schema: string): Promise<string> =>
      server.query(
        `SELECT 1, sql_mode FROM information_schema.triggers WHERE trigger_schema = '${schema}'
         UNION ALL SELECT 2, sql_mode FROM information_schema.routines WHERE routine_schema = '${schema}' ORDER BY 1`,
      );
    const expected = await modes(from, database);
    expect(expected).toContain('STRICT_TRANS_TABLES');
    const isLost = from.flavour === 'mariadb' && to.flavour === 'mysql';
    if (isLost)
      expect(stderr).toContain('sql_mode without NO_AUTO_CREATE_USER, which this server does not have');
    else expect(stderr).not.toContain('does not have');
    const sorted = (text: string): readonly string[] => text.split(/[\s,]/).sort();
    expect(sorted(await modes(to, target))).toEqual(
      sorted(isLost ? expected.replaceAll('NO_AUTO_CREATE_USER,', '') : expected),
    );
  });
});
