import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { manifestOf, sqlOf } from '../../../harness/backup.ts';
import { madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { pathWith, programNames } from '../../../harness/fake-programs.ts';
import { holdTable, waitingConnection } from '../../../harness/held-table.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { descendantsOf, signalProcess } from '../../../harness/processes.ts';
import { makeClientOnly } from '../../../harness/planted-backup.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

const ROWS = 12_000;
const SQL = `${manyRowsSql(ROWS)}CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(20));
  INSERT INTO small VALUES (1, 'one'), (2, 'two');
  CREATE VIEW seen AS SELECT id, v FROM small;
  CREATE TRIGGER tr BEFORE INSERT ON small FOR EACH ROW SET NEW.v = UPPER(NEW.v);\n`;

// At named steps; at any moment, and often, in the campaign: `kills-create`, `server-deaths-create`, `kills-restore`.
describeOneServer('kill -9', (server) => {
  test('of dbbackup in its dump: only whole backups are seen, and the next create succeeds', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await createSucceeds(server, database);
    const run = await startDbbackup(['create', database], { server });
    await waitFor('the dump', async () =>
      (await filesOf(database)).some((name) => name.endsWith('.partial')),
    );
    run.signal('SIGKILL');
    await run.finished;

    await expectWholeBackups(database);
    await createSucceeds(server, database);
    await expectNothingElse(database);
  });

  test('of the dump tool: the run says so, and the next create succeeds', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const release = await holdTable(server, database, 'many_rows'); // the dump waits for it
    const run = await startDbbackup(['create', database], { server });
    await waitFor('the dump to wait', () => waitingConnection(server, database));
    const { pid } = descendantsOf(run.pid).find(({ command }) => DUMPING.test(command))!;
    signalProcess(pid, 'SIGKILL');
    await release();
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(22);
    expect(stderr).toMatch(/error: \S+ was killed \(SIGKILL\) while it dumped .*\n.*No backup was made/);

    await expectNothingElse(database);
    await createSucceeds(server, database);
  });

  test('of the server in create: only whole backups are seen, and the next create succeeds', async () => {
    const database = 'crashing';
    await using own = await ownServer(server);
    await own.server.sql(`CREATE DATABASE ${database};`);
    await own.server.sql(SQL, database);
    const run = await startDbbackup(['create', database], { server: own.server });
    await waitFor('the dump', async () =>
      (await filesOf(database)).some((name) => name.endsWith('.partial')),
    );
    await own.kill();

    const { exitCode, stderr } = await run.finished;
    expect([0, 14], stderr).toContain(exitCode);
    if (exitCode !== 0)
      expect(stderr).toMatch(
        /^error: [^]*([Ll]ost|gone away|No server answers|No connection|Can't connect|[Rr]eset|unexpected eof|SSL connection error|TLS\/SSL error)/m,
      );
    await expectNothingElse(database);
    const down = await runDbbackup(['create', database], { server: own.server });
    expect(down).toMatchObject({ exitCode: 14, stderr: expect.stringContaining('No server answers at ') });

    await own.startAgain();
    await createSucceeds(own.server, database);
    await expectNothingElse(database);
  });

  test.each([{ victim: 'dbbackup' }, { victim: 'the client' }] as const)(
    'of $victim in the load of a restore in place: no half statement counts, and the undo command brings everything back',
    async ({ victim }) => {
      const database = await freshDatabase(server, { sql: SQL });
      const backup = await madeBackup(server, database, ['--compress=none']);
      await makeClientOnly(backup);
      const wholeCounts = rowsAfterEachInsert(await readFile(backup, 'utf8'));
      await server.sql(
        `DELETE FROM many_rows WHERE id % 2 = 0; UPDATE small SET v = 'changed'; CREATE TABLE extra (id INT);`,
        database,
      );
      const before = await server.dump(database);
      const { PATH } = await pathWith(server, { client: 'client-that-pauses.sh' });
      const client = join(PATH.split(':')[0]!, programNames(server).client);
      await writeFile(`${client}.bytes`, String(Math.floor((await stat(backup)).size / 2))); // in the middle of a row
      const name = basename(backup, '.sql');
      const args = ['restore', name, '--confirm', database, '--in-place', '--load-account', 'off'];
      const run = await startDbbackup(args, { server, env: { PATH } });
      await waitFor('the client to pause', () => existsSync(`${client}.paused`));
      const idle = `SELECT COUNT(*) FROM ${server.processlist} WHERE db = '${database}' AND command = 'Sleep'`;
      await waitFor('the client to have sent that', async () => (await server.query(idle)) !== '0');
      const family = descendantsOf(run.pid);
      const victims =
        victim === 'dbbackup' ? [run] : family.filter(({ command }) => command.includes(LOADING));
      for (const { pid } of victims) signalProcess(pid, 'SIGKILL');
      const result = await run.finished;
      for (const { pid } of family) signalProcess(pid, 'SIGKILL'); // the rest of the fake
      await serverIsDone(server, database);

      await expectWholeBackups(database);
      expect(wholeCounts).toContain(await server.countRows(database, 'many_rows'));
      const { jobs } = JSON.parse((await runDbbackup(['status', '--json'])).stdout) as {
        readonly jobs: readonly { readonly id: string; readonly state: string }[];
      };
      if (victim === 'dbbackup') expect(jobs[0]!.state).toBe('interrupted');
      else
        expect(result).toMatchObject({
          exitCode: 21,
          stderr: expect.stringMatching(/Loading failed: \S+ was killed \(SIGKILL\)/),
        });
      const { stdout: log } = await runDbbackup(['status', jobs[0]!.id, '--log']);
      const [, undo = ''] =
        new RegExp(`To bring back the previous contents of ${database}: dbbackup (.*)`).exec(log) ?? [];
      const undone = await runDbbackup(undo.split(' '), { server });
      expect(undone.exitCode, undone.stderr).toBe(0);
      expect((await server.dump(database)).equals(before)).toBe(true);
    },
  );
});

const DUMPING = /dump.* --defaults-file=\/dev\/fd\/3/;
const LOADING = ' --defaults-file=/dev/fd/3 --batch ';

async function createSucceeds(server: TestServer, database: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runDbbackup(['create', database], { server });
  expect(exitCode, stderr).toBe(0);
  await expectWholeBackups(database);
  return stdout.trim();
}

const wholeOnes = new Set<string>();

/** Every backup that `list` shows is what was written, to its end. */
async function expectWholeBackups(database: string): Promise<void> {
  const { stdout } = await runDbbackup(['list', '--json']);
  const { backups } = JSON.parse(stdout) as {
    backups: readonly { path: string; state: string; manifest: Manifest }[];
  };
  expect(backups.map(({ path }) => basename(path)).sort()).toEqual(
    (await filesOf(database)).filter((name) => /^[^.].*\.sql(\.gz|\.zst)?$/.test(name)).sort(),
  );
  for (const { path, state } of backups) {
    if (wholeOnes.has(path)) continue;
    const bytes = await readFile(path);
    const manifest = await manifestOf(path);
    expect({ state, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual({
      state: 'complete',
      sha256: manifest.file.sha256,
    });
    const sql = await sqlOf(path);
    expect(sql.toString('latin1', sql.length - 60)).toMatch(/^-- Dump completed on .*\n$/m);
    wholeOnes.add(path);
  }
}

/** Nothing lies in the database's folder but backups and their manifests. */
async function expectNothingElse(database: string): Promise<void> {
  const names = await filesOf(database);
  const backups = names.filter((name) => /^[a-z-]+_[\d_-]+\.sql\.gz$/.test(name));
  expect(names.toSorted()).toEqual(
    backups.flatMap((name) => [name.replace('.sql.gz', '.json'), name]).toSorted(),
  );
}

async function filesOf(database: string): Promise<readonly string[]> {
  return readdir(join((await workspace()).backups, database)).catch(() => []); // not made yet
}

/** A killed client's session goes on for a moment: until it has ended, nothing is settled. */
async function serverIsDone(server: TestServer, database: string): Promise<void> {
  const sessions = `SELECT COUNT(*) FROM ${server.processlist} WHERE db = '${database}'`;
  await waitFor('the sessions to end', async () => Number(await server.query(sessions)) === 0, {
    deadlineMs: 30_000,
  });
}

/** How many rows `many_rows` has after each of the dump's INSERT statements. */
function rowsAfterEachInsert(sql: string): number[] {
  const statements = sql.match(/^INSERT INTO `many_rows` VALUES[^;]*;$/gm) ?? [];
  let rows = 0;
  const counts = [0, ...statements.map((statement) => (rows += statement.match(/\(\d+,/g)!.length))];
  expect(rows).toBe(ROWS);
  return counts;
}
