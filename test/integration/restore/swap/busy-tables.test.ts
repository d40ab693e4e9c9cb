import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, restore } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { beginDbbackup, runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../../harness/describe-each-server.ts';
import { hammer } from '../../../harness/hammer.ts';
import { holdTable, leaveWaiting, waitingConnection } from '../../../harness/held-table.ts';
import { comesTo, unsettledJobs } from '../../../harness/swap-journal.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

const ROWS = 500;
const VISITS = 'CREATE TABLE visits (id INT AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20));';
const SQL = `${manyRowsSql(ROWS)} ${VISITS}`;

/** Engines of the server whose tables have rows. */
async function enginesOf(server: TestServer): Promise<readonly string[]> {
  const there = await server.query(
    `SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT <> 'NO' AND ENGINE IN
      ('InnoDB', 'MyISAM', 'Aria', 'ARCHIVE', 'CSV', 'MEMORY')`,
  );
  return there.split('\n');
}

describeEachFlavour('a restore of tables that others use', (server, servers) => {
  test('waits with the swap for a session that holds a table, and lets others and the triggers of the target get on meanwhile; then the triggers of the new tables are at work while a session holds a function', async () => {
    const database = await freshDatabase(server, {
      sql: `${SQL}
        CREATE TRIGGER tr_a BEFORE INSERT ON many_rows FOR EACH ROW SET NEW.note = CONCAT(NEW.note, ' a');
        CREATE TRIGGER tr_b BEFORE INSERT ON many_rows FOR EACH ROW SET NEW.note = CONCAT(NEW.note, ' b');
        CREATE TRIGGER tr_visits BEFORE INSERT ON visits FOR EACH ROW SET NEW.word = UPPER(NEW.word);
        CREATE FUNCTION f() RETURNS INT DETERMINISTIC NO SQL RETURN 1;`,
    });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    const release = await holdTable(server, database, 'visits');
    const reader = await leaveWaiting(server, `SELECT ${quoted(database)}.f(), SLEEP(1000)`);
    const args = ['restore', backup, '--confirm', database, '--no-safety-backup', '--verbose'];
    const run = beginDbbackup(args, { server });
    expect(await comesTo('swapping', run)).toBe(true);

    // Longer than one try, so that a reader gets in between two.
    await sleep(2_000);
    expect(await server.countRows(database, 'many_rows')).toBe(ROWS);
    for (let id = 1; id <= 8; id += 1)
      await server.sql(`INSERT INTO many_rows (id, note) VALUES (${10 * ROWS + id}, 'x')`, database);
    const notes = await server.query(`SELECT DISTINCT note FROM many_rows WHERE id > ${10 * ROWS}`, database);
    await release();

    const waits = `SELECT COUNT(*) FROM ${server.processlist} WHERE INFO LIKE 'DROP FUNCTION%${database}%'`;
    await waitFor('the drop of the function', async () => (await server.query(waits)) === '1');
    await server.sql("INSERT INTO visits (word) VALUES ('late')", database);
    expect(await server.query('SELECT word FROM visits', database)).toBe('LATE');
    await server.sql('DELETE FROM visits; ALTER TABLE visits AUTO_INCREMENT = 1;', database);
    await reader.end();

    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    expect(notes).toBe('x a b');
    expect(stderr).toContain(`Other sessions are using tables of ${database}; retrying.`);
    expectSameDump(await server.dump(database), before);
  });

  // Both ask the server in the same words.
  const ways = [
    { where: 'through the staging schema', flags: [] },
    { where: 'in place', flags: ['--in-place'] },
  ].filter(({ flags }) => flags.length === 0 || isTurnOf('in place', server, servers));
  test.each(ways)('tells what others wrote after the safety backup had begun, $where', async ({ flags }) => {
    // A table of files, with a trigger, so that the swap locks it: that must not count as a write.
    const quiet =
      'CREATE TABLE quiet (id INT) ENGINE=MyISAM; INSERT INTO quiet VALUES (1); CREATE TRIGGER tr BEFORE INSERT ON quiet FOR EACH ROW SET NEW.id = 2;';
    const database = await freshDatabase(server, { sql: `${SQL} ${quiet}` });
    const backup = await backUp(server, database);
    const release = await holdTable(server, database, 'visits'); // the dump waits for it
    const run = await startDbbackup(['restore', backup, '--confirm', database, '--json', ...flags], {
      server,
    });
    const partial = (name: string) => name.includes('pre-restore') && name.endsWith('.partial');
    const folder = join((await workspace()).backups, database);
    await waitFor('the safety backup', () => readdirSync(folder).some(partial));
    // Its snapshot is taken by then: what is written later is not in it.
    await waitFor('the dump to wait', () => waitingConnection(server, database));
    run.signal('SIGSTOP');
    await release();
    await sleep(1_100); // the server tells the second, no more
    await server.sql("INSERT INTO visits (word) VALUES ('late')", database);
    run.signal('SIGCONT');

    const { exitCode, stdout, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    const { warnings, lateWrites } = JSON.parse(stdout) as Record<
      'warnings' | 'lateWrites',
      readonly string[]
    >;
    if (flags.length === 0) {
      expect(stderr).toContain(
        `Z Other sessions wrote to ${database} after its safety backup had begun: visits. The restored tables do not have these changes; the safety backup has them.`,
      );
      expect(lateWrites).toEqual(['visits']);
      expect(warnings.join('\n')).not.toContain('Other sessions wrote');
    } else {
      const warning = `Other sessions wrote to ${database} after its safety backup had started: visits.`;
      expect(stderr).toContain(warning);
      expect(lateWrites).toEqual([]);
      expect(warnings.join('\n')).toContain(warning);
    }
  });

  test('tells of no writes when there were none since the safety backup began, whatever the engine', async () => {
    const engines = await enginesOf(server);
    const tables = engines.map(
      (engine) => `CREATE TABLE in_${engine} (id INT NOT NULL) ENGINE=${engine};
        CREATE TRIGGER tr_${engine} BEFORE INSERT ON in_${engine} FOR EACH ROW SET NEW.id = NEW.id + 1;
        INSERT INTO in_${engine} VALUES (1), (2);`,
    );
    const database = await freshDatabase(server, { sql: tables.join('') });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    for (const { flags } of ways) {
      // Some engines date a table when it is closed for the first time after a write.
      await server.sql(engines.map((engine) => `INSERT INTO in_${engine} VALUES (3);`).join(''), database);
      const release = await holdTable(server, database, 'in_InnoDB'); // the safety backup waits for it
      const run = beginDbbackup(['restore', backup, '--confirm', database, '--json', ...flags], { server });
      await waitFor('the safety backup', () => waitingConnection(server, database));
      await sleep(1_100); // the server tells the second, no more
      await release();

      const { exitCode, stdout, stderr } = await run.finished;
      expect(exitCode, stderr).toBe(0);
      expect(stderr + stdout).not.toContain('Other sessions wrote');
      expectSameDump(await server.dump(database), before);
    }
  });

  test('shows a reader and a writer whole tables at every moment', async () => {
    const rows = 10_000; // so that the load takes as long as some answers
    const database = await freshDatabase(server, { sql: `${manyRowsSql(rows)} ${VISITS}` });
    const backup = await backUp(server, database);
    const reader = await hammer(server, database, 'SELECT COUNT(*) FROM many_rows;');
    const writer = await hammer(
      server,
      database,
      "INSERT INTO visits (word) VALUES ('here');SELECT ROW_COUNT();",
    );
    await restore(server, backup, database, ['--no-safety-backup']);
    for (const { stop, expected } of [
      { stop: reader, expected: String(rows) },
      { stop: writer, expected: '1' },
    ]) {
      const { answers, errors } = await stop();
      expect(errors).toBe('');
      expect(answers.length).toBeGreaterThan(10);
      expect([...new Set(answers)]).toEqual([expected]);
    }
  });
});

describeOneServer('a restore of tables that others do not let go of', (server) => {
  test('is not settled by a --resume that has waited for its end', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    const release = await holdTable(server, database, 'visits');
    const run = await startDbbackup(
      ['restore', backup, '--confirm', database, '--no-safety-backup', '--json'],
      { server },
    );
    expect(await comesTo('swapping', run)).toBe(true);
    const [{ id } = { id: '' }] = await unsettledJobs();
    const resume = await startDbbackup(['restore', '--resume', id, '--lock-wait', '1m', '--json'], {
      server,
    });
    await sleep(1_000); // so that it has read the job, and waits for the lock
    await release();

    expect((await run.finished).exitCode).toBe(0);
    const { exitCode, stdout } = await resume.finished;
    expect({ exitCode, ...(JSON.parse(stdout) as object) }).toMatchObject({
      exitCode: 0,
      resumed: { job: id, outcome: 'nothing' },
    });
    const { stdout: status } = await runDbbackup(['status', id, '--json']);
    expect(JSON.parse(status)).toMatchObject({ job: { state: 'succeeded' } });
  });

  test('gives up in the end, with the target as it was', async () => {
    const database = await freshDatabase(server, {
      sql: `${SQL} CREATE TRIGGER tr BEFORE INSERT ON visits FOR EACH ROW SET NEW.word = UPPER(NEW.word);
        SET NAMES latin1;
        CREATE TRIGGER tr_latin1 BEFORE UPDATE ON visits FOR EACH ROW SET NEW.word = '€';
        SET NAMES utf8mb4;`,
    });
    const backup = await backUp(server, database);
    await server.sql('DELETE FROM many_rows WHERE id > 10', database);
    const before = await server.dump(database);
    const release = await holdTable(server, database, 'visits');

    const args = ['restore', backup, '--confirm', database, '--no-safety-backup'];
    const result = await runDbbackup(args, { server, busyPatienceMs: 3_000 });
    await release();

    expect(result).toMatchObject({ exitCode: 20 });
    expect(result.stderr).toContain(`Other sessions have held tables of ${database} for 3 seconds`);
    expect(result.stderr).toContain(`${database} is unchanged.`);
    expectSameDump(await server.dump(database), before);
  });
});
