import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { tortureSql } from '../../fixtures/torture/torture-schema.ts';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { backUp, manifestOf, succeeds } from '../../harness/backup.ts';
import { filesOfBackups } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import { makeClientOnly, plant } from '../../harness/planted-backup.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

interface Result {
  readonly ok: boolean;
  readonly path: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly rehearsal?: { readonly ok: boolean; readonly tables: number; readonly rows: number };
  readonly proved?: readonly string[];
}

/** The results of `verify --json`, and its exit code. */
async function verify(
  args: readonly string[],
  server?: TestServer,
): Promise<{
  readonly exitCode: number | undefined;
  readonly results: readonly Result[];
  readonly stderr: string;
}> {
  const { exitCode, stdout, stderr } = await runDbbackup(
    ['verify', '--json', ...args],
    server === undefined ? {} : { server },
  );
  const { results } = JSON.parse(stdout) as { results: readonly Result[] };
  return { exitCode, results, stderr };
}

const scratchSchemas = (server: TestServer) =>
  server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_stage\_%'`);

// That no schema, process or lock is left, the leak guard looks after.
describe('verify', () => {
  test('proves backups without a server, tells damage by exit code, table and place, and reads the others', async () => {
    const [server] = testServers();
    const database = await freshDatabase(server!, { sql: SHOP_SQL });
    const [first, second] = [await backUp(server!, database), await backUp(server!, database)];
    const [before, manifest] = [await filesOfBackups(), await manifestOf(second)];

    const whole = await runDbbackup(['verify']);
    expect(whole, whole.stderr).toMatchObject({ exitCode: 0 });
    expect(whole.stdout).toContain(`OK  ${database}/${basename(second, '.sql.gz')}: `);
    expect(whole.stdout).toContain('the sha256 of the file matches the manifest');
    expect(whole.stdout).toContain('  not checked  whether a server accepts it: --rehearse\n');
    // What came of it is in the manifest, and nothing else is another.
    const { verification, ...rest } = await manifestOf(second);
    expect(verification).toEqual({ at: expect.any(String), ok: true });
    expect(rest).toEqual(manifest);
    const changed = `${database}/${basename(second, '.sql.gz')}.json`;
    expect({ ...(await filesOfBackups()), [changed]: before[changed] }).toEqual(before);

    const { tables } = await manifestOf(first);
    const bytes = readFileSync(first);
    bytes[tables[0]!.offsetBytes! + 40]! ^= 1;
    writeFileSync(first, bytes);
    const { exitCode, results, stderr } = await verify(['--all']);
    expect(exitCode).toBe(16);
    expect(results.map(({ path, ok }) => [path, ok])).toEqual([
      [second, true],
      [first, false],
    ]);
    expect(results[1]?.error?.message).toContain(` Damaged: the table ${tables[0]!.name} (bytes `);
    expect(stderr).toContain(first);
    expect((await manifestOf(first)).verification).toMatchObject({
      ok: false,
      problem: results[1]?.error?.message.split('\n')[0],
    });

    const quiet = await runDbbackup(['verify', '--quiet', `${database}/latest`]);
    expect(quiet).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('finds truncations and flipped bits', async () => {
    const [server] = testServers();
    const path = await backUp(server!, await freshDatabase(server!, { sql: SHOP_SQL }));
    const whole = await readFile(path);
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)]! ^= 4;
    for (const damaged of [flipped, whole.subarray(0, whole.length / 2)]) {
      await writeFile(path, damaged);
      expect(await runDbbackup(['verify', '-q', path])).toMatchObject({ exitCode: 16, stdout: '' });
    }
  });

  test('reads a dump on stdin, and says where one reaches outside of its database', async () => {
    const dump = 'CREATE TABLE t (id INT);\n-- Dump completed\n';

    expect(await runDbbackup(['verify', '-'], { input: dump })).toMatchObject({ exitCode: 0 });
    const unsafe = await runDbbackup(['verify', '-'], { input: `DROP DATABASE mysql;\n${dump}` });
    expect(unsafe).toMatchObject({ exitCode: 19, stdout: '' });
    expect(unsafe.stderr).toContain('line 1 ');
  });
});

describeOneServer('verify --rehearse', (server) => {
  test('loads, compares, drops, and records what came of it for list and status', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database);
    const content = await server.dump(database);

    const { stdout } = await succeeds(['verify', path, '--rehearse'], { server });

    expect(stdout).toContain(
      'it then has 2 tables, 1 view, 2 routines, 1 trigger, 1 event and 4 rows, like the dump',
    );
    const { rehearsal } = await manifestOf(path);
    expect(rehearsal).toMatchObject({ ok: true, tables: 2, rows: 4, server: { flavour: server.flavour } });
    expect(rehearsal?.durationMs).toBeGreaterThan(0);
    expect((await succeeds(['list'])).stdout).toMatch(/ {2}complete, rehearsed just now\n/);
    expect((await succeeds(['status'])).stdout).toMatch(/ {2}LAST REHEARSAL\n/);
    const listed = JSON.parse((await succeeds(['list', '--json'])).stdout) as { backups: object[] };
    expect(listed.backups[0]).toMatchObject({ rehearsal: { ok: true, rows: 4 } });
    const status = JSON.parse((await succeeds(['status', '--json'])).stdout) as object;
    expect(status).toMatchObject({
      databases: [{ database, lastRehearsal: { ok: true } }],
      jobs: [{ operation: 'verify', state: 'succeeded' }, { operation: 'create' }],
    });
    expect(await scratchSchemas(server)).not.toContain(rehearsal!.job);
    expect((await server.dump(database)).equals(content)).toBe(true);
    // It is as good a backup as before.
    await succeeds(['restore', path, '--confirm', database], { server });
    expect((await server.dump(database)).equals(content)).toBe(true);
  });

  test('has nothing against a dump of everything that a dump can stumble over', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const path = await backUp(server, database);

    const { results, stderr, exitCode } = await verify([path, '--rehearse'], server);

    expect(results[0]?.error, stderr).toBeUndefined();
    expect(exitCode).toBe(0);
    expect(results[0]?.rehearsal?.ok).toBe(true);
  });

  // Of each copy the sha256 and the sizes were made to fit.
  test.each<{ title: string; change: (sql: string) => string; exitCode: number; problem: string }>([
    {
      title: 'a table',
      change: (sql) =>
        sql.replace(
          /-- Table structure for table `orders`[\s\S]*?(?=\n--\n-- (?:Dumping|Temporary|Final))/,
          '',
        ),
      exitCode: 16,
      problem: 'orders',
    },
    {
      title: 'a row',
      change: (sql) => sql.replace(/(INSERT INTO `customers` VALUES\s+)\(1,.*?\),\s*/, '$1'),
      exitCode: 16,
      problem: 'the section of the table customers has ',
    },
    {
      title: 'what a function does',
      change: (sql) => sql.replace('RETURN 2 * n', 'RETURN 3 * n'),
      exitCode: 16,
      problem: 'has another function twice than the database had',
    },
    {
      title: 'what a view reads',
      change: (sql) => sql.replace(/(VIEW `turnover` AS .*)count\(0\)/i, '$1count(1)'),
      exitCode: 16,
      problem: 'has another view turnover than the database had',
    },
  ])('finds $title planted in a copy', async ({ change, exitCode, problem }) => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--compress', 'none']);
    const sql = await readFile(path, 'utf8');
    expect(change(sql)).not.toBe(sql);
    await plant(path, change);

    const found = await verify([path, '--rehearse'], server);

    expect(found.results[0]?.error?.message).toContain(problem);
    expect(found.exitCode).toBe(exitCode);
  });

  test('counts the rows of any INSERT', async () => {
    const database = await freshDatabase(server, {
      sql: "CREATE TABLE a (x INT PRIMARY KEY, y VARCHAR(20)); INSERT INTO a VALUES (1, 'one'), (2, '(),(');",
    });
    const path = await backUp(server, database, ['--compress', 'none']);
    await plant(path, (sql) => sql.replace('INSERT INTO `a` VALUES', 'REPLACE INTO `a` VALUES'));
    const manifest = await manifestOf(path);
    const tables = manifest.tables.map((table) => ({
      ...table,
      uncompressedBytes: table.uncompressedBytes + 1,
    }));
    await writeFile(path.replace(/\.sql$/, '.json'), JSON.stringify({ ...manifest, tables }));

    const { results, stderr, exitCode } = await verify([path, '--rehearse'], server);

    expect(results[0]?.error, stderr).toBeUndefined();
    expect(exitCode).toBe(0);
    expect(results[0]?.rehearsal).toMatchObject({ ok: true, rows: 2 });
  });

  test('finds that the server has fewer rows than the dump, and records it', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--compress', 'none']);
    const change = (sql: string) =>
      sql.replace(/INSERT INTO( `customers` VALUES\s+)\(1,/, 'INSERT IGNORE INTO$1(2,');
    await plant(path, change);
    const manifestPath = path.replace(/\.sql$/, '.json');
    const manifest = await manifestOf(path);
    const tables = manifest.tables.map((table) =>
      table.name === 'customers'
        ? { ...table, uncompressedBytes: table.uncompressedBytes + ' IGNORE'.length }
        : table,
    );
    await writeFile(manifestPath, JSON.stringify({ ...manifest, tables }));

    const { results, exitCode } = await verify([path, '--rehearse'], server);

    const problem = 'After loading, the table customers has 1 rows; the backup has 2.';
    expect(results[0]?.error).toMatchObject({ code: 'restore-failed', message: problem });
    expect(exitCode).toBe(20);
    expect((await manifestOf(path)).rehearsal).toMatchObject({ ok: false, problem });
    expect((await succeeds(['list'])).stdout).toContain(', rehearsal failed just now');
  });

  test('fails as a restore does where the server does not have the collation of the database', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--compress', 'none']);
    const manifest = await manifestOf(path);
    const changed = { ...manifest, collation: 'utf8mb4_1900_ai_ci' };
    await writeFile(path.replace(/\.sql$/, '.json'), JSON.stringify(changed));

    const { results, exitCode } = await verify([path, '--rehearse'], server);

    expect(results[0]?.error).toMatchObject({
      code: 'restore-failed',
      message: expect.stringContaining(
        'does not have the collation utf8mb4_1900_ai_ci. Nothing was changed.',
      ),
      hint: 'Restore to a server of the version that the backup came from, or newer.',
    });
    expect(exitCode).toBe(20);
    // It says nothing of the backup: another server has the collation.
    expect((await manifestOf(path)).rehearsal).toBeUndefined();
  });

  test('refuses a dump that can only be loaded as it stands', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--compress', 'none']);
    await makeClientOnly(path);
    const elsewhere = join((await workspace()).folder, 'copy', basename(path));
    await mkdir(dirname(elsewhere));
    await copyFile(path, elsewhere);

    const { results, exitCode } = await verify([elsewhere, '--rehearse'], server);

    expect(results[0]?.error?.message).toContain('cannot be rehearsed: line ');
    expect(exitCode).toBe(20);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('drops its schema when it ends by %s', async (signal) => {
    const database = await freshDatabase(server, { sql: manyRowsSql(100_000) });
    const path = await backUp(server, database);
    const run = await startDbbackup(['verify', path, '--rehearse'], { server });
    await waitForSchema(server, run);
    run.signal(signal);
    const { exitCode, stderr } = await run.finished;

    expect(exitCode, stderr).toBe(signal === 'SIGTERM' ? 143 : 130);
    expect((await manifestOf(path)).rehearsal).toBeUndefined();
  });

  test('that was killed leaves a schema that the next one removes; one that lives keeps its own', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(100_000) });
    const path = await backUp(server, database);
    const run = await startDbbackup(['verify', path, '--rehearse'], { server });
    const schema = await waitForSchema(server, run);
    run.signal('SIGSTOP');
    await backUp(server, database);
    await succeeds(['restore', path, '--confirm', database, '--no-safety-backup'], { server });
    expect(await scratchSchemas(server)).toContain(schema);
    run.signal('SIGKILL');
    await run.finished;

    // The server frees the dead run's lock a moment after its death.
    await waitFor('the removal', async () => {
      await succeeds(['verify', path, '--rehearse'], { server });
      return !(await scratchSchemas(server)).includes(schema);
    });
    expect((await succeeds(['status'])).stdout).toMatch(/ {2}verify +\S+ +interrupted /);
  });
});

/** @returns the name of the schema that a rehearsal fills. */
async function waitForSchema(server: TestServer, run: RunningDbbackup): Promise<string> {
  const folder = join((await workspace()).backups, '.jobs');
  return waitFor('the scratch schema', async () => {
    const jobs = readdirSync(folder)
      .filter((name) => /^\w+\.json$/.test(name))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Job);
    const job = jobs.find(({ process }) => process.pid === run.pid);
    const schemas = (await scratchSchemas(server)).split('\n');
    return job === undefined ? undefined : schemas.find((name) => name.endsWith(`_${job.id}`));
  });
}
