import { expect, onTestFinished, test } from 'vitest';
import { CHANGE_SQL, EVERYTHING_SQL } from '../../../fixtures/two-states.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { hammer } from '../../../harness/hammer.ts';
import { wordsOf } from '../../../harness/printed-commands.ts';
import type { TestServer } from '../../../harness/test-server.ts';

/** What the harness's databases lack: every kind of stored object, made with other settings than the server's. */
const ODD_OBJECTS_SQL = `
  CREATE TABLE \`odd \`\`name\` (id INT PRIMARY KEY, amount DECIMAL(10, 2) CHECK (amount > 0));
  SET NAMES latin1;
  SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES';
  CREATE PROCEDURE quoting() SELECT 'a\\b' AS "b";
  CREATE EVENT once_a_day ON SCHEDULE EVERY 1 DAY STARTS '2037-02-03 04:05:06' DISABLE COMMENT 'it''s' DO DELETE FROM child WHERE id < 0;
  SET sql_mode = '';
  SET NAMES utf8mb4;
  CREATE VIEW backslashes AS SELECT 'a\\\\b' AS text_with_them;
  CREATE FUNCTION \`no ''quote\`(\`ä\` INT) RETURNS INT DETERMINISTIC COMMENT 'ü' RETURN \`ä\`;
`;

describeEachFlavour('undo', (server) => {
  test('swaps the kept tables back with all that belongs to them, and undo of it is a redo', async () => {
    const database = await freshDatabase(server, { sql: EVERYTHING_SQL });
    await server.sql(ODD_OBJECTS_SQL, database);
    const backup = await backUp(server, database);
    const first = await server.dump(database);
    await server.sql(CHANGE_SQL, database);
    const second = await server.dump(database);

    const restored = await succeeds(['restore', backup, '--confirm', database, '--keep-old', '--json'], {
      server,
    });
    expectSameDump(await server.dump(database), first);
    const { restored: done, kept, undoCommand } = JSON.parse(restored.stdout) as Restored;
    expect(undoCommand).toMatch(new RegExp(`^dbbackup undo ${done.job} --confirm ${database} --dir /`));
    expect(new Date(kept.until).getTime() - Date.now()).toBeGreaterThan(23 * 3600_000);
    expect(await schemasOf(server, done.job)).toEqual([`dbbackup_old_${done.job}`]);

    const undone = await succeeds([...wordsOf(undoCommand), '--json'], { server });
    expectSameDump(await server.dump(database), second);
    const document = JSON.parse(undone.stdout) as Undone;
    expect(document).toMatchObject({
      schema: 'dbbackup/undo/1',
      ok: true,
      undone: { database, method: 'swap', restore: { job: done.job }, writtenSince: [] },
    });
    expect(await schemasOf(server, done.job)).toEqual([]);
    expect(await schemasOf(server, document.undone.job)).toEqual([`dbbackup_old_${document.undone.job}`]);

    await server.sql(
      "UPDATE many_rows SET note = 'late' WHERE id = 1; INSERT INTO extra VALUES (7);",
      database,
    );
    const third = await server.dump(database);
    const redone = await succeeds([...wordsOf(document.undoCommand)], { server });
    expectSameDump(await server.dump(database), first);
    expect(redone.stderr).toContain('Redo the restore');
    const undoneAgain = await succeeds(wordsOf(redone.stdout.trim()), { server });
    expectSameDump(await server.dump(database), third);
    const left = wordsOf(undoneAgain.stdout.trim())[1]!;
    expect(await schemasOf(server, left)).toEqual([`dbbackup_old_${left}`]);
    await server.sql(`DROP DATABASE dbbackup_old_${left};`);
  });

  test('of a restore that replaced nothing is SQL, which its end and the refusal of undo show', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE stays (id INT PRIMARY KEY); CREATE TABLE gone (id INT PRIMARY KEY);',
    });
    const backup = await backUp(server, database);
    await server.sql('DROP TABLE gone;', database);
    const before = await server.dump(database);
    const added = ['restore', backup, '--table', 'gone', '--confirm', database];

    const restored = await succeeds(added, { server });
    const sql = `DROP TABLE \`${database}\`.\`gone\`;`;
    expect(restored.stdout).toBe('');
    expect(restored.stderr).toContain('and no undo command');
    expect(restored.stderr).toContain(`Nothing was replaced. To undo, in SQL:\n${sql}\n`);
    const refused = await runDbbackup(['undo', '--confirm', database], { server });
    expect(refused.exitCode, refused.stderr).toBe(10);
    expect(refused.stderr).toContain(
      `of ${database} replaced nothing to bring back.\nhint:  To undo it, remove what it brought:\n       ${sql}\n`,
    );
    await server.sql(sql, database);
    expectSameDump(await server.dump(database), before);

    const into = `${database}_new`;
    const created = await succeeds(['restore', backup, '--to', into, '--json'], { server });
    const { undoSql } = JSON.parse(created.stdout) as { readonly undoSql: string };
    expect(undoSql).toBe(`DROP DATABASE \`${into}\`;`);
    await server.sql(undoSql);

    // One that was there and empty keeps its own defaults.
    const show = (): Promise<string> => server.sql(`SHOW CREATE DATABASE \`${into}\``);
    await server.sql(`CREATE DATABASE \`${into}\` CHARACTER SET latin1 COLLATE latin1_german2_ci`);
    const empty = await show();
    const filled = await succeeds(['restore', backup, '--to', into, '--json'], { server });
    const { undoSql: undoFilling } = JSON.parse(filled.stdout) as { readonly undoSql: string };
    expect(undoFilling).toMatch(/^DROP DATABASE .*; CREATE DATABASE .*latin1_german2_ci.*;$/);
    await server.sql(undoFilling);
    expect(await show()).toBe(empty);
    await server.sql(`DROP DATABASE \`${into}\`;`);
  });

  test('shows readers the old or the new tables at every moment', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE here (id INT PRIMARY KEY); INSERT INTO here VALUES (1), (2);',
    });
    const backup = await backUp(server, database);
    await server.sql('INSERT INTO here VALUES (3);', database);
    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const reader = await hammer(server, database, 'SELECT COUNT(*) FROM here;');
    const undone = await succeeds(wordsOf(stdout.trim()), { server });
    const { answers, errors } = await reader();
    expect(errors).toBe('');
    expect(new Set(answers)).toEqual(new Set(['2', '3']));
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(undone.stdout.trim())[1]!};`);
  });

  test('an account that may not see kept tables does not take them for gone', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE here (id INT PRIMARY KEY);' });
    const backup = await backUp(server, database);
    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const job = wordsOf(stdout.trim())[1]!;
    const account = `low_${database}`;
    const grants = `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, EXECUTE ON ${database}.* TO ${account}@'%';`;
    // Else it could not tell the tables that other tests rename from its own.
    const sees = server.flavour === 'mysql' ? `GRANT SELECT ON performance_schema.* TO ${account}@'%';` : '';
    await server.sql(`CREATE USER ${account}@'%' IDENTIFIED BY 'pw'; ${grants} ${sees}`);
    onTestFinished(async () => {
      await server.sql(`DROP USER ${account}@'%';`);
    });
    const env = { DBBACKUP_USER: account, DBBACKUP_PASSWORD: 'pw' };

    const { stderr } = await succeeds(['create', database, '--skip-routines'], { server, env });
    expect(stderr).not.toContain('is not on the server any more');
    expect((await succeeds(['list', '--json'])).stdout).toContain(`dbbackup_old_${job}`);
    await server.sql(`DROP DATABASE dbbackup_old_${job};`);
  });
});

interface Restored {
  readonly restored: { readonly job: string };
  readonly kept: { readonly until: string; readonly sizeBytes: number };
  readonly undoCommand: string;
}

interface Undone {
  readonly undone: { readonly job: string };
  readonly undoCommand: string;
}

async function schemasOf(server: TestServer, job: string): Promise<readonly string[]> {
  const names = await server.query(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'dbbackup\\_%\\_${job}'`,
  );
  return names === '' ? [] : names.split('\n');
}
