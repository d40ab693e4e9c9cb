import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseManifest } from '../../../src/backups/record/manifest-schema.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { tortureSql } from '../../fixtures/torture/torture-schema.ts';
import { backUp, manifestOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachServer, describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import type { TestServer } from '../../harness/test-server.ts';

describeOneServer('the manifest', (server) => {
  test('knows the length of the longest statement', async () => {
    const long = 3_000_000;
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE t (id INT PRIMARY KEY, words LONGTEXT); INSERT INTO t VALUES (1, 'x'), (2, REPEAT('y', ${long})), (3, 'z');`,
    });

    const { longestStatementBytes } = await manifestOf(await backUp(server, database));

    expect(longestStatementBytes).toBeGreaterThan(long);
    expect(longestStatementBytes).toBeLessThan(long + 1000);
  });

  test("points at each table's gzip member, which begins with its heading and has its bytes", async () => {
    const database = await freshDatabase(server, { sql: `${tortureSql(server)}\n${manyRowsSql(20_000)}` });

    const path = await backUp(server, database);

    const file = await readFile(path);
    const { tables, file: stated, counts } = await manifestOf(path);
    const sql = gunzipSync(file);
    expect(stated.uncompressedBytes).toBe(sql.length);
    const { listed, ...listedCounts } = await catalogue(server, database);
    expect(tables.map(({ name }) => name).sort()).toEqual(listed);
    expect(counts).toEqual(listedCounts);
    expect(tables.find(({ name }) => name === 'many_rows')?.uncompressedBytes).toBeGreaterThan(2 ** 20);
    for (const { name, offsetBytes, uncompressedBytes } of tables) {
      // gunzip reads from the member's start to the file's end: a wrong offset is no member at all.
      const rest = gunzipSync(file.subarray(offsetBytes ?? Infinity));
      const section = rest.subarray(0, uncompressedBytes).toString('utf8');
      const heading = /^-- (?:Table structure for table|Sequence structure for) /.exec(section)?.[0] ?? '';
      const quoted = `\`${name.replaceAll('`', '``')}\``;
      expect(section.slice(heading.length).startsWith(`${quoted.replaceAll('\n', '\n-- ')}\n`), name).toBe(
        true,
      );
      const next = rest.subarray(uncompressedBytes).toString('utf8', 0, 200);
      expect(next, name).toMatch(
        /^-- (Table structure for table|Sequence structure for|Temporary|Final view|Dumping (events|routines) for database)|^\/\*!40103 SET TIME_ZONE/,
      );
    }
  });
});

describeEachServer('the manifest', (server) => {
  test('says what the backup holds, where it came from and how it was made', async () => {
    const database = await freshDatabase(server, {
      as: 'CHARACTER SET latin1 COLLATE latin1_german1_ci',
      sql: SHOP_SQL,
    });

    const { stdout } = await succeeds(['create', database, '--json', '--skip-events'], { server });
    const {
      backups: [told],
    } = JSON.parse(stdout) as { backups: [{ path: string }] };
    const manifest = await manifestOf(told.path);

    const { schema, ...fields } = manifest;
    expect(told).toEqual({ ...fields, path: told.path });
    expect(schema).toBe('dbbackup/manifest/1');
    expect(() => parseManifest(manifest)).not.toThrow();
    const file = await readFile(told.path);
    expect(manifest).toMatchObject({
      name: basename(told.path, '.sql.gz'),
      label: 'manual',
      database,
      charset: 'latin1',
      collation: 'latin1_german1_ci',
      file: {
        name: basename(told.path),
        sizeBytes: file.length,
        sha256: createHash('sha256').update(file).digest('hex'),
        compression: 'gzip',
        uncompressedBytes: gunzipSync(file).length,
      },
      server: { flavour: server.flavour, host: '127.0.0.1', port: server.port },
      tool: { program: basename(server.dumpTool) },
      tables: [
        { name: 'customers', engine: 'InnoDB' },
        { name: 'orders', engine: 'InnoDB' },
      ],
      counts: { views: 1, routines: 2, triggers: 1, events: 0 },
      options: { compress: 'gzip:6', routines: true, triggers: true, events: false },
      warnings: [],
    });
    expect(manifest.server.version).toContain(server.version);
    expect(Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt)).toBe(manifest.durationMs);
    const second = manifest.startedAt.slice(0, 19).replace('T', '_').replaceAll(':', '-');
    expect(manifest.name).toBe(`manual_${second}`);
  });

  test('warns of tables that are not in the snapshot, and of rows that lie elsewhere', async () => {
    const [rowless, engine] =
      server.flavour === 'mysql' ? ['BLACKHOLE', 'BLACKHOLE'] : ['MERGE UNION = (plain)', 'MRG_M(yI|YI)SAM'];
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE plain (id INT) ENGINE = MyISAM; CREATE TABLE rowless (id INT) ENGINE = ${rowless}; CREATE TABLE safe (id INT) ENGINE = InnoDB;`,
    });

    const { stdout, stderr } = await succeeds(['create', database], { server });

    const { warnings } = await manifestOf(stdout.trim());
    expect(warnings).toEqual([
      'Not in the snapshot, because their engine has no transactions: plain (MyISAM). Writes during the dump may be captured only in part.',
      expect.stringMatching(
        new RegExp(
          `^Only the definition is backed up, because their rows are stored elsewhere: rowless \\(${engine}\\)\\.`,
        ),
      ),
      // A MERGE table names the tables that it reads.
      ...(server.flavour === 'mysql'
        ? []
        : [
            expect.stringMatching(
              /^The backup can only be restored in place: the table rowless refers to its own database or to other tables/,
            ),
          ]),
    ]);
    for (const warning of warnings) expect(stderr).toContain(`warning: ${warning}`);
  });
});

test('tables of a .sql.zst that share a frame, and those of a .sql, can be found', async () => {
  const server = testServers()[0]!;
  const database = await freshDatabase(server, { sql: SHOP_SQL });

  const zstd = await manifestOf(await backUp(server, database, ['--compress', 'zstd']));
  const plainPath = await backUp(server, database, ['--compress', 'none']);
  const plain = await manifestOf(plainPath);

  const [first, second] = zstd.tables;
  expect(first!.offsetBytes).toBeGreaterThan(0);
  expect(first).not.toHaveProperty('skipBytes');
  expect(second).toMatchObject({ offsetBytes: first!.offsetBytes, skipBytes: first!.uncompressedBytes });
  const text = await readFile(plainPath);
  for (const { name, offsetBytes } of plain.tables) {
    expect(text.toString('utf8', offsetBytes ?? 0)).toMatch(
      new RegExp(`^-- Table structure for table \`${name}\``),
    );
  }
});

/** What the server lists, asked without any code of ours. */
async function catalogue(server: TestServer, database: string) {
  const select = (what: string, from: string, where: string) =>
    server.query(`SELECT ${what} FROM information_schema.${from} WHERE ${where} = '${database}'`);
  const hexNames = await server.query(
    `SELECT HEX(table_name) FROM information_schema.tables WHERE table_schema = '${database}' AND table_type <> 'VIEW'`,
  );
  return {
    listed: hexNames
      .split('\n')
      .map((hex) => Buffer.from(hex, 'hex').toString('utf8'))
      .sort(),
    views: Number(await select('COUNT(*)', 'views', 'table_schema')),
    routines: Number(await select('COUNT(*)', 'routines', 'routine_schema')),
    triggers: Number(await select('COUNT(*)', 'triggers', 'trigger_schema')),
    events: Number(await select('COUNT(*)', 'events', 'event_schema')),
  };
}
