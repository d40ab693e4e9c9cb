import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { filesOfBackups } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { wordsOf } from '../../harness/printed-commands.ts';
import type { TestServer } from '../../harness/test-server.ts';

const SOUND = `
  CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (1), (2);
  CREATE TABLE gone (id INT); CREATE VIEW of_gone AS SELECT id FROM gone;
  CREATE VIEW sound AS SELECT id FROM kept;
  CREATE TABLE crashed (id INT NOT NULL, t VARCHAR(20), KEY (id)) ENGINE=MyISAM;
  INSERT INTO crashed VALUES (1, 'a'), (2, 'b');
  CREATE TRIGGER on_crashed BEFORE INSERT ON crashed FOR EACH ROW SET NEW.t = 'c';
  CREATE TABLE child (id INT) ENGINE=MyISAM;
  CREATE TABLE merged (id INT) ENGINE=MERGE UNION=(child);`;

/** A view without its table, a MERGE table without its child, and a MyISAM table whose index file is no more. */
async function brokenDatabase(server: TestServer): Promise<string> {
  const database = await freshDatabase(server, { sql: SOUND });
  await server.sql('DROP TABLE gone, child; FLUSH TABLES;', database);
  const folder = await server.query('SELECT @@datadir');
  const index = await open(join(folder, database, 'crashed.MYI'), 'r+');
  await index.truncate(10);
  await index.close();
  await server.sql('FLUSH TABLES;');
  return database;
}

const BROKEN = [
  { kind: 'table', name: 'crashed', reason: expect.any(String) as string },
  { kind: 'table', name: 'merged', reason: expect.any(String) as string },
  { kind: 'view', name: 'of_gone', reason: expect.any(String) as string },
];

describeEachFlavour('a database with broken tables and views', (server) => {
  test('is refused with their names, by create and by the safety backup of a restore', async () => {
    const sound = await backUp(server, await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' }));
    const database = await brokenDatabase(server);
    const before = await filesOfBackups();

    const { hint } = await expectFailure(
      ['create', database],
      { server },
      { code: 'dump-failed', message: 'failed', hint: /or skip it with --skip-broken\.$/ },
    );

    for (const { kind, name } of BROKEN) expect(hint).toContain(`the ${kind} ${name} (`);
    expect(hint).not.toContain('sound');
    await expectFailure(
      ['restore', sound, '--to', database, '--confirm', database],
      { server },
      { code: 'safety-backup-failed', message: database, hint: '--skip-broken' },
    );
    expect(await filesOfBackups()).toEqual(before);
    const doctor = await runDbbackup(['doctor', database, '--json'], { server });
    const { findings } = JSON.parse(doctor.stdout) as { findings: { level: string; message: string }[] };
    const problems = findings.filter(({ level }) => level === 'problem').map(({ message }) => message);
    for (const { kind, name } of BROKEN)
      expect(problems.join('\n')).toContain(`The ${kind} ${name} of ${database} is broken.`);
    expect(problems).toHaveLength(BROKEN.length);
  });

  test('is backed up without them by --skip-broken, and no restore removes them', async () => {
    const database = await brokenDatabase(server);

    const { stdout, stderr } = await succeeds(['create', database, '--skip-broken'], { server });

    const path = stdout.trim();
    expect(stderr).toContain(
      'Not in the backup (--skip-broken), because the server cannot open it: the table',
    );
    const manifest = await manifestOf(path);
    expect(manifest.skippedBroken).toEqual(BROKEN);
    expect(manifest.tables.map(({ name }) => name)).toEqual(['kept']);
    expect(manifest.counts).toEqual({ views: 1, routines: 0, triggers: 0, events: 0 });
    expect((await succeeds(['list'])).stdout).toContain('complete, without 3 broken objects');
    await succeeds(['verify', '--rehearse', path], { server });

    await server.sql('INSERT INTO kept VALUES (3); CREATE TABLE later (id INT);', database);
    const plan = await succeeds(['restore', path, '--skip-broken', '--dry-run', '--json'], { server });
    expect(JSON.parse(plan.stdout)).toMatchObject({
      plan: {
        removes: { tables: ['later'], views: [] },
        keeps: { tables: ['crashed', 'merged'], views: ['of_gone'] },
      },
    });
    const undo = await restore(server, path, database, ['--skip-broken']);
    const shown = 'SHOW TABLES';
    expect(await server.query(shown, database)).toBe('crashed\nkept\nmerged\nof_gone\nsound');
    expect(await server.countRows(database, 'kept')).toBe(2);

    await succeeds(wordsOf(undo), { server }); // it knows that they are to be skipped
    expect(await server.query(shown, database)).toBe('crashed\nkept\nlater\nmerged\nof_gone\nsound');
    expect(await server.countRows(database, 'kept')).toBe(3);
    await restore(server, path, database, ['--skip-broken', '--in-place']);
    expect(await server.query(shown, database)).toBe('crashed\nkept\nmerged\nof_gone\nsound');
  });

  test('a view whose text the server cannot read back is broken, though MySQL describes it', async () => {
    const sql = `CREATE TABLE t (\` a\` INT PRIMARY KEY); CREATE VIEW sound AS SELECT \` a\` FROM t;
      CREATE VIEW lost AS SELECT x.\` a\` FROM (SELECT \` a\` FROM t) x;`;
    const database = await freshDatabase(server, { sql });

    const { hint } = await expectFailure(
      ['create', database],
      { server },
      { code: 'dump-failed', message: database, hint: 'or skip it with --skip-broken.' },
    );

    expect(hint).toContain('the view lost (');
    expect(hint).not.toContain('sound');
    const { stdout } = await succeeds(['create', database, '--skip-broken'], { server });
    expect(await manifestOf(stdout.trim())).toMatchObject({
      skippedBroken: [{ kind: 'view', name: 'lost' }],
      counts: { views: 1 },
    });
    await restore(server, stdout.trim(), database, ['--skip-broken']);
    expect(await server.query('SHOW TABLES', database)).toBe('lost\nsound\nt');
  });

  test('says that it cannot open a table whose tablespace was discarded, not that others hold it', async () => {
    const sql = `CREATE TABLE texts (id INT PRIMARY KEY, words TEXT, FULLTEXT (words));
      INSERT INTO texts VALUES (1, 'hello world'); CREATE TABLE other (id INT);`;
    const database = await freshDatabase(server, { sql });
    const backup = await backUp(server, database);
    await server.sql('ALTER TABLE texts DISCARD TABLESPACE;', database);

    const args = ['restore', backup, '--confirm', database, '--skip-broken'];
    const told = await expectFailure(
      args,
      { server },
      {
        code: 'restore-failed',
        message: [
          `cannot remove tables from ${database}, because it cannot open the table texts (Tablespace`,
          'is unchanged.',
        ],
        hint: 'Repair or drop it, then restore again.',
      },
    );
    expect(`${told.message}${told.hint}`).not.toMatch(/session|PROCESSLIST|foreign key/);
    await restore(server, backup, database, ['--skip-broken', '--in-place']);
    expect(await server.countRows(database, 'texts')).toBe(1);
    expect((await manifestOf(await backUp(server, database))).skippedBroken).toBeUndefined();
  });
});
