import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, manifestOf, restore, sqlOf, succeeds } from '../../../harness/backup.ts';
import { REPOSITORY } from '../../../harness/build.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { beginDbbackup, runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
} from '../../../harness/describe-each-server.ts';
import { dumpToolWith, ofOldTables, ofSafetyBackup, runSql } from '../../../harness/dump-hooks.ts';
import { unsettledJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { mountedTmpfs } from '../../../harness/tmpfs.ts';
import { waitFor, within } from '../../../harness/wait-for.ts';
import { withoutOthers } from '../../../harness/warnings-of-others.ts';
import { workspace } from '../../../harness/workspace.ts';
import { writtenTablesSql } from '../../../harness/writers.ts';

const LATE = `INSERT INTO parents (id, note) VALUES (5000, 'late'); INSERT INTO children (id, parent, note) VALUES (5000, 1, 'late')`;
const LATE_IN_CHUNK = "UPDATE many_rows SET note = 'late' WHERE id = 1";

/** Names of the safety backups of a database. */
async function safetyBackups(database: string): Promise<readonly string[]> {
  const names = await readdir(join((await workspace()).backups, database));
  return names.filter((name) => /^pre-restore_.*\.sql/.test(name));
}

/** Everything in the folder is a backup or its manifest. */
async function expectNothingElse(database: string): Promise<void> {
  const names = await readdir(join((await workspace()).backups, database));
  expect(
    names.filter((name) => !/^(manual|pre-restore)_[\d_-]+\.(sql(\.gz|\.zst)?|json)$/.test(name)),
  ).toEqual([]);
  const bases = names.map((name) => name.replace(/\.(sql.*|json)$/, ''));
  expect(bases.length).toBe(2 * new Set(bases).size);
}

/** What was written at that time is older by any margin than whatever is open, also of other tests. */
async function untilOlderThanAnyTransaction(server: TestServer, time: string): Promise<void> {
  const isOlder = `SELECT NOW() > '${time}' + INTERVAL 3 SECOND AND NOT EXISTS (
    SELECT * FROM information_schema.INNODB_TRX WHERE trx_started <= '${time}' + INTERVAL 3 SECOND)`;
  await waitFor('older transactions to end', async () => (await server.query(isOlder)) === '1', {
    everyMs: 200,
  });
}

async function undo(server: TestServer, stdout: string): Promise<void> {
  await succeeds(stdout.trim().split(' ').slice(1), { server });
}

/** What others write late, to tables of each kind, and its undoing. */
function lateWrites({ flavour }: TestServer): { readonly sql: string; readonly undo: string } {
  const [set, reset] =
    flavour === 'mariadb'
      ? ['; SELECT SETVAL(numbers, 70000)', '; ALTER SEQUENCE numbers RESTART 200']
      : ['', ''];
  return {
    sql: `${LATE}; ${LATE_IN_CHUNK}${set}`,
    undo: `DELETE FROM parents WHERE id = 5000; DELETE FROM children WHERE id = 5000; UPDATE many_rows SET note = 'one' WHERE id = 1${reset}`,
  };
}

/** Restores while others write. @returns what the restore left: its undo command, and the safety backup. */
async function restoreWithLateWrites(
  server: TestServer,
  database: string,
  backup: string,
  args: readonly string[] = [],
): Promise<{ readonly undo: string; readonly path: string; readonly manifest: Manifest }> {
  const sql = runSql(server, database, lateWrites(server).sql);
  const env = await dumpToolWith(server, { then: ofSafetyBackup(`${sql} > /dev/null`) });

  const all = ['restore', backup, '--confirm', database, ...args];
  const { exitCode, stdout, stderr } = await runDbbackup(all, { server, env });

  expect(exitCode, stderr).toBe(0);
  const sequence = server.flavour === 'mariadb' ? 'numbers, ' : '';
  expect(stderr).toContain(
    `Other sessions wrote to ${database} after its safety backup had begun: ${sequence}children, many_rows, parents. The restored tables do not have these changes; the safety backup has them.`,
  );
  expect(stderr).not.toContain('warning: Other sessions');
  const [name = '', ...more] = await safetyBackups(database);
  expect(more).toEqual([]);
  expect(stdout).toMatch(/^dbbackup undo \w+ --confirm /);
  const path = join((await workspace()).backups, database, name);
  return { undo: stdout, path, manifest: await manifestOf(path) };
}

/** A database with a backup, and what an undo is to give it back as: the late writes are all that comes. */
async function databaseOfWriters(
  server: TestServer,
  rows: string,
): Promise<{ readonly database: string; readonly backup: string; readonly expected: Buffer }> {
  const database = await freshDatabase(server, { sql: `${writtenTablesSql(server)} ${rows}` });
  const backup = await backUp(server, database);
  const { sql, undo } = lateWrites(server);
  await server.sql(`UPDATE quiet SET note = 'changed'; ${sql}`, database);
  const expected = await server.dump(database);
  await server.sql(undo, database);
  return { database, backup, expected };
}

/** The SQL of the one safety backup of a database. */
async function safetySql(database: string): Promise<string> {
  const [name = '', ...more] = await safetyBackups(database);
  expect(more).toEqual([]);
  return (await sqlOf(join((await workspace()).backups, database, name))).toString();
}

describeEachServer('the safety backup of a restore', (server) => {
  test('has what others wrote after it had begun, with all else as it was', async () => {
    const { database, backup, expected } = await databaseOfWriters(server, manyRowsSql(500));

    const { undo: command, manifest } = await restoreWithLateWrites(server, database, backup);

    expect(manifest.options['compress']).toBe('zstd:1');
    await undo(server, command);
    expectSameDump(await server.dump(database), expected);
    if (server.flavour === 'mariadb')
      expect(Number(await server.query('SELECT NEXTVAL(numbers)', database))).toBeGreaterThan(70_000);
  });
});

describeEachFlavour('the safety backup of a restore', (server) => {
  test('has a transaction that began before it and was committed after; tables that prove to be unchanged are not dumped again', async () => {
    const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
    const written = await server.query('SELECT NOW()');
    const backup = await backUp(server, database);
    await untilOlderThanAnyTransaction(server, written);
    const { folder } = await workspace();
    const late = await createConnection({ socketPath: server.socket, user: 'root', database });
    onTestFinished(() => late.end());
    await late.query('START TRANSACTION');
    await late.query("INSERT INTO parents (id, note) VALUES (6000, 'of a long transaction')");
    await sleep(3_200); // longer than any margin
    const env = await dumpToolWith(server, {
      first: `echo "$*" >> '${folder}/dumps'`,
      then: ofSafetyBackup(`: > dumped; while [ ! -e go ]; do sleep 0.05; done`),
    });
    const run = beginDbbackup(['restore', backup, '--confirm', database], { server, env });
    await waitFor('the dump', () => existsSync(join(folder, 'dumped')));
    await late.query('COMMIT');
    await writeFile(join(folder, 'go'), '');

    const { exitCode, stdout, stderr } = await run.finished;

    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(`wrote to ${database} after its safety backup had begun: parents. The`);
    const dumps = (await readFile(join(folder, 'dumps'), 'utf8')).trim().split('\n');
    const again = dumps
      .at(-1)!
      .split(' ')
      .slice(dumps.at(-1)!.split(' ').indexOf('--') + 1);
    expect(again).toContain('parents');
    expect(again).toContain('loose'); // MyISAM does not tell
    expect(again).toContain('parted');
    expect(again).not.toContain('quiet');
    await undo(server, stdout);
    expect(await server.query('SELECT note FROM parents WHERE id = 6000', database)).toBe(
      'of a long transaction, noted',
    );
  });

  test('stays as it is when nobody wrote late, also where the server does not tell', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT); INSERT INTO a VALUES (1), (2); CREATE TABLE z (id INT) ENGINE = MyISAM; INSERT INTO z VALUES (1);',
    });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    const account = await server.sql(
      `CREATE USER low_${database}@'%' IDENTIFIED BY 'pw'; GRANT ALL ON ${database}.* TO low_${database}@'%'; GRANT ALL ON \`dbbackup\\_%\`.* TO low_${database}@'%'; SELECT 'made';`,
    );
    expect(account).toBe('made');
    onTestFinished(async () => {
      await server.sql(`DROP USER low_${database}@'%';`);
    });
    // Else it could not tell the tables that other tests rename from its own.
    if (server.flavour === 'mysql')
      await server.sql(`GRANT SELECT ON performance_schema.* TO low_${database}@'%';`);
    const env = { DBBACKUP_USER: `low_${database}`, DBBACKUP_PASSWORD: 'pw' };

    const { exitCode, stdout, stderr } = await runDbbackup(
      ['restore', backup, '--confirm', database, '--load-account', 'off', '--json'],
      { server, env },
    );

    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('Other sessions wrote');
    const { safetyBackup, lateWrites } = JSON.parse(stdout) as {
      safetyBackup: { path: string };
      lateWrites: readonly string[];
    };
    expect(lateWrites).toEqual([]);
    expect(await safetyBackups(database)).toEqual([basename(safetyBackup.path)]);
    await expectNothingElse(database);
    expectSameDump(await server.dump(database), before);
  });
});

/** For a run to which something happens at a certain file: see `test/fixtures/bin/faulty-files.js`. */
function faultyFiles(fault: Readonly<Partial<Record<'DIES_BEFORE_LINK' | 'FAILS_TO_WRITE', string>>>) {
  const path = join(REPOSITORY, 'test/fixtures/bin/faulty-files.js');
  return { ...fault, NODE_OPTIONS: `--import=${pathToFileURL(path).href}` };
}

describeOneServer('the safety backup of a restore', (server) => {
  // What is written late is asked of every server above: how its file is cut and compressed is none of their doing.
  test('has what others wrote after it had begun, also to large tables, however it is compressed', async () => {
    // Of two tables in chunks, one is written to late.
    const rows = `${manyRowsSql(30_000)} CREATE TABLE plenty LIKE many_rows; INSERT INTO plenty SELECT * FROM many_rows;`;
    const { database, backup, expected } = await databaseOfWriters(server, rows);
    for (const method of ['gzip:1', 'none']) {
      const args = ['--safety-compress', method];
      const { undo: command, path, manifest } = await restoreWithLateWrites(server, database, backup, args);

      expect(manifest.options['compress']).toBe(method);
      const chunked = manifest.tables.filter(({ chunks = [] }) => chunks.length > 0).map(({ name }) => name);
      expect(chunked).toEqual(['many_rows', 'plenty']);
      await succeeds(['verify', path], { server });
      // Tables of it can be read by their offsets.
      const other = await freshDatabase(server, { sql: 'CREATE TABLE children (id INT);' });
      await restore(server, path, other, ['--to', other, '--table', 'parents', '--table', 'children']);
      expect(await server.query('SELECT MAX(id) FROM children', other)).toBe('5000');
      await undo(server, command);
      expectSameDump(await server.dump(database), expected);
      // That of the restore, and that of its undo.
      for (const name of await safetyBackups(database)) {
        await rm(join(dirname(path), name));
        await rm(join(dirname(path), name.replace(/\.sql.*/, '.json')));
      }
      await server.sql(lateWrites(server).undo, database);
    }
  });

  test.each([
    ['at once', 'SIGINT', 130, {}],
    ['after a failure', 'SIGTERM', 143, { FAILS_TO_WRITE: '"step": "finishing"' }],
  ] as const)(
    'is not made anew when the run is told to end meanwhile: the restore stands, and how to save it (%s, by %s)',
    async (_, signal, status, fault) => {
      const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
      const backup = await backUp(server, database);
      const env = await dumpToolWith(server, {
        first: ofOldTables(`if [ ! -e mended ]; then : > saving; exec sleep 60; fi`),
        then: ofSafetyBackup(runSql(server, database, LATE)),
      });
      const { folder } = await workspace();
      const run = await startDbbackup(['restore', backup, '--confirm', database], {
        server,
        env: { ...env, ...faultyFiles(fault) },
      });
      await waitFor('the late writes to be saved', () => existsSync(join(folder, 'saving')));
      run.signal(signal);

      const { exitCode, stderr } = await within(20_000, 'Ending', run.finished);

      expect(exitCode, stderr).toBe(status);
      const [job] = await unsettledJobs();
      expect(job).toMatchObject({ state: 'cancelled', swap: { step: 'saving' } });
      expect(stderr).toContain(
        `error: Cancelled by ${signal}. ${database} is restored. What other sessions wrote to it after its safety backup had begun is not in that backup, but in the previous tables, which are kept in dbbackup_old_${job!.id}.`,
      );
      expect(stderr).toContain(`dbbackup restore --resume ${job!.id} `);
      expect(stderr).not.toMatch(/bug/i);
      expect(await server.query('SELECT COUNT(*) FROM children', database)).toBe('1');
      await writeFile(join(folder, 'mended'), '');
      await succeeds(['restore', '--resume', job!.id], { server, env });
      expect(await safetySql(database)).toContain(`(5000,1,'late'`);
    },
    60_000,
  );

  test('that would fail is seen before the load, and nothing is loaded', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    const backup = await backUp(server, database);
    await server.sql("CREATE EVENT endless ON SCHEDULE EVERY 1 YEAR DO SELECT ';;'", database);
    const before = await server.dump(database, ['--skip-events']);

    const { exitCode, stderr } = await runDbbackup(['restore', backup, '--confirm', database, '-v'], {
      server,
    });

    expect(exitCode, stderr).toBe(18);
    expect(stderr).toContain(`The safety backup of ${database} would fail, so nothing was restored: `);
    expect(withoutOthers(stderr)).not.toContain('dbbackup_stage_');
    expect(stderr).toContain(`${database} is unchanged.`);
    expectSameDump(await server.dump(database, ['--skip-events']), before);
    expect(await safetyBackups(database)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('for which there is no room is not begun', async () => {
    const disk = await mountedTmpfs('size=1m');
    const database = await freshDatabase(server, { sql: manyRowsSql(20_000) });
    await server.sql('ANALYZE TABLE many_rows', database); // so that its size is known
    const backup = await backUp(server, database);

    const args = ['restore', backup, '--confirm', database, '--dir', disk, '--safety-compress', 'none'];
    const { exitCode, stderr } = await runDbbackup(args, { server });

    expect(exitCode, stderr).toBe(18);
    expect(stderr).toMatch(
      /There is no room for a backup in \S+: it takes at least [\d.]+ MB, and [\d.]+ MB are free/,
    );
  });

  test('that fails after the load ends the restore with the target as it was', async () => {
    const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
    const backup = await backUp(server, database);
    await server.sql("UPDATE quiet SET note = 'changed'", database);
    const before = await server.dump(database);
    const env = await dumpToolWith(server, { first: `echo 'made up' >&2; exit 2` });

    const result = await runDbbackup(['restore', backup, '--confirm', database, '--json'], { server, env });

    expect(result.exitCode, result.stderr).toBe(18);
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string; hint: string } };
    expect(error.code).toBe('safety-backup-failed');
    expect(error.message).toContain('made up');
    expect(error.message).toContain(`${database} is unchanged.`);
    expect(error.hint).toContain('--no-safety-backup');
    expect(await unsettledJobs()).toEqual([]);
    expect(await safetyBackups(database)).toEqual([]);
    expectSameDump(await server.dump(database), before);
  });

  test('is not made by a run that is killed while it loads, and not looked for by the next one', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(60_000) });
    const backup = await backUp(server, database);
    await server.sql("UPDATE many_rows SET note = 'changed' WHERE id < 10", database);
    const before = await server.dump(database);
    const run = await startDbbackup(['restore', backup, '--confirm', database], { server });
    await waitFor('the load', async () => {
      const [job] = await unsettledJobs();
      if (job?.phase !== 'load') return false;
      const stage = `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE 'dbbackup\\_%\\_${job.id}' LIMIT 1`;
      return (await server.query(stage)) !== '';
    });
    run.signal('SIGKILL');
    await run.finished;

    const [job] = await unsettledJobs();
    expect(job!.swap).toMatchObject({ step: 'staging' });
    expect(job!.swap).not.toHaveProperty('returnCommand');
    expect(await safetyBackups(database)).toEqual([]);
    const { stderr } = await succeeds(['restore', '--resume', job!.id], { server });
    // A staging schema may have been removed by the run of another test, for which it is a stranger's.
    expect(stderr).toMatch(
      new RegExp(`has been rolled back; ${database} is unchanged|left nothing on the server`),
    );
    expect(await server.query(`SHOW DATABASES LIKE '%${job!.id}'`)).toBe('');
    expectSameDump(await server.dump(database), before);
  });

  test('is complete when a run is killed behind it, before the swap; the target is told as unchanged', async () => {
    const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
    const backup = await backUp(server, database);
    await server.sql("UPDATE quiet SET note = 'changed'", database);
    const before = await server.dump(database);
    const holder = await createConnection({ socketPath: server.socket, user: 'root', database });
    await holder.query('START TRANSACTION');
    await holder.query('SELECT * FROM quiet'); // the RENAME waits for it
    const run = await startDbbackup(['restore', backup, '--confirm', database], { server });
    await waitFor('the swap', async () =>
      (await unsettledJobs()).some(({ swap }) => swap?.step === 'swapping'),
    );
    run.signal('SIGKILL');
    await run.finished;
    await holder.end();

    const [name] = await safetyBackups(database);
    await succeeds(['verify', join((await workspace()).backups, database, name!)], { server });
    const [job] = await unsettledJobs();
    const { stderr } = await succeeds(['restore', '--resume', job!.id], { server });
    expect(stderr).toContain(`has been rolled back; ${database} is unchanged`);
    expectSameDump(await server.dump(database), before);
    expect(await safetyBackups(database)).toEqual([name]);
  });

  test('is older than a definition: the restore ends before the swap', async () => {
    const database = await freshDatabase(server, {
      sql: `${writtenTablesSql(server)} ${manyRowsSql(60_000)}`,
    });
    const backup = await backUp(server, database);
    const run = await startDbbackup(['restore', backup, '--confirm', database, '--safety-compress', 'none'], {
      server,
    });
    await waitFor('the safety backup to be verified', async () =>
      (await unsettledJobs()).some(({ step }) => step === 'Verifying the safety backup...'),
    );
    run.signal('SIGSTOP');
    await server.sql('ALTER TABLE quiet ADD COLUMN came_late INT', database);
    run.signal('SIGCONT');

    const { exitCode, stderr } = await run.finished;

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain(`A definition in ${database} has changed since its safety backup was made`);
    expect(stderr).toContain(`${database} is unchanged.`);
    expect(await server.query('SELECT came_late FROM quiet', database)).toBe('NULL');
  });

  // By the flag, and without one: see above.
  test('is compressed as the environment asks for', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT PRIMARY KEY);' });
    const backup = await backUp(server, database);
    const args = ['restore', backup, '--confirm', database, '--json'];
    const { stdout } = await succeeds(args, { server, env: { DBBACKUP_SAFETY_COMPRESS: 'gzip' } });
    const { safetyBackup } = JSON.parse(stdout) as { safetyBackup: { path: string } };

    expect((await manifestOf(safetyBackup.path)).options['compress']).toBe('gzip:6');
    const refused = await runDbbackup(['restore', backup, '--safety-compress', 'rar'], { server });
    expect(refused.exitCode, refused.stderr).toBe(2);
    expect(refused.stderr).toContain('none, gzip[:1-9] or zstd[:1-19]');
  });

  test('has late writes to a single table that is replaced, whose foreign key leads to one that stays', async () => {
    const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
    const backup = await backUp(server, database);
    const late = "INSERT INTO children (id, parent, note) VALUES (5000, 1, 'late')";
    await server.sql(late, database);
    const expected = await server.dump(database);
    await server.sql('DELETE FROM children WHERE id = 5000', database);
    const env = await dumpToolWith(server, { then: ofSafetyBackup(runSql(server, database, late)) });

    const args = ['restore', backup, '--confirm', database, '--table', 'children'];
    const { exitCode, stdout, stderr } = await runDbbackup(args, { server, env });

    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('had begun: children. The');
    await undo(server, stdout);
    expectSameDump(await server.dump(database), expected);
  });

  test('cannot be made anew, or the run is killed between its manifest and its file: the restore stands, the old tables stay, and the next run saves what is in them', async () => {
    const database = await freshDatabase(server, { sql: writtenTablesSql(server) });
    const backup = await backUp(server, database);
    const env = await dumpToolWith(server, {
      first: ofOldTables(`if [ ! -e mended ]; then echo 'made up' >&2; exit 2; fi`),
      then: ofSafetyBackup(runSql(server, database, LATE)),
    });

    const { exitCode, stdout, stderr } = await runDbbackup(['restore', backup, '--confirm', database], {
      server,
      env,
    });

    expect(exitCode, stderr).toBe(0);
    const [job] = await unsettledJobs();
    const { old, step } = job!.swap!;
    expect(step).toBe('saving');
    expect(stderr).toContain(
      `warning: ${database} is restored. What other sessions wrote to it after its safety backup had begun is not in that backup, but in the previous tables, which are kept in ${old}.`,
    );
    expect(stderr).toMatch(
      new RegExp(`made up.* DROP DATABASE .${old}.; To save it: dbbackup restore --resume ${job!.id} `),
    );
    expect(await server.query(`SELECT note FROM ${old}.children WHERE id = 5000`)).toBe('late');
    expect(await server.query('SELECT COUNT(*) FROM children', database)).toBe('1');
    const status = await succeeds(['status', job!.id], { server });
    expect(status.stdout).toContain(`${database} is restored; what others wrote to it late is`);
    const first = await safetyBackups(database);
    expect(stdout).toMatch(/^dbbackup undo \w+ --confirm /);

    const refused = await runDbbackup(['restore', '--resume', job!.id], { server, env });
    expect(refused.exitCode, refused.stderr).not.toBe(0);
    expect(refused.stderr).toContain(`which are kept in ${old}.`);
    const { folder, backups } = await workspace();
    await writeFile(join(folder, 'mended'), '');
    const dies = { ...env, ...faultyFiles({ DIES_BEFORE_LINK: '/pre-restore_[^/]*\\.sql' }) };
    const killed = await startDbbackup(['restore', '--resume', job!.id], { server, env: dies });
    expect(await killed.finished).toMatchObject({ signal: 'SIGKILL' });
    const left = await readdir(join(backups, database));
    expect(left.filter((name) => /^pre-restore_.*json$/.test(name))).toHaveLength(2);
    expect(await safetyBackups(database)).toEqual(first);

    const created = await succeeds(['create', database], { server, env });
    expect(created.stderr).toContain('Other sessions wrote to');
    expect(await unsettledJobs()).toEqual([]);
    expect(await server.query(`SHOW DATABASES LIKE '${old}'`)).toBe('');
    const now = await safetyBackups(database);
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(first);
    await expectNothingElse(database);
    await restore(server, `${database}/${now[0]!.replace(/\.sql.*/, '')}`, database);
    expect(await server.query('SELECT note FROM children WHERE id = 5000', database)).toBe('late');
  });

  // More moments are in the campaign: `late-writers`.
  test('saves nothing of a killed run twice, and loses nothing: kill -9 while late writes are saved', async () => {
    const database = await freshDatabase(server, {
      sql: `${writtenTablesSql(server)} ${manyRowsSql(4_000)}`,
    });
    const backup = await backUp(server, database);
    const sql = `INSERT INTO children (id, parent, note) VALUES (7000, 1, 'late'); UPDATE many_rows SET note = 'late'`;
    const env = await dumpToolWith(server, {
      first: ofOldTables(': > saving; sleep 2'),
      then: ofSafetyBackup(runSql(server, database, sql)),
    });
    const { folder, backups } = await workspace();
    const run = await startDbbackup(['restore', backup, '--confirm', database], { server, env });
    await waitFor('the late writes to be saved', () => existsSync(join(folder, 'saving')));
    run.signal('SIGKILL');
    await run.finished;
    const [job] = await unsettledJobs();
    expect(await safetyBackups(database)).toHaveLength(1);
    const { stdout } = await succeeds(['status', job!.id], { server });
    expect(stdout).toContain(`${database} is restored; `);
    const resumed = await succeeds(['restore', '--resume', job!.id], { server });
    expect(resumed.stderr).toContain('has been completed');
    expect(await server.query('SELECT COUNT(*) FROM children WHERE id >= 7000', database)).toBe('0');
    await succeeds(['create', database], { server }); // removes what the killed run has left
    await expectNothingElse(database);
    const [name = '', ...more] = await safetyBackups(database);
    expect(more).toEqual([]);
    const path = join(backups, database, name);
    await succeeds(['verify', path], { server });
    await restore(server, path, database, ['--no-safety-backup']);
    expect(await server.query('SELECT note FROM children WHERE id = 7000', database)).toBe('late');
    expect(await server.query('SELECT DISTINCT note FROM many_rows', database)).toBe('late');
  });
});
