import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, expectSameDump, succeeds } from '../../harness/backup.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { pathWith, programNames } from '../../harness/fake-programs.ts';
import type { TestServer } from '../../harness/test-server.ts';

const SQL = `
  CREATE TABLE t (id INT PRIMARY KEY);
  INSERT INTO t VALUES (1), (2);
  CREATE TABLE u (id INT);
  CREATE VIEW seen AS SELECT id FROM t;
  CREATE PROCEDURE counted()
SELECT COUNT(*) FROM t;
  CREATE TRIGGER checked BEFORE INSERT ON t FOR EACH ROW SET @checked = NEW.id;
  CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM t;
`;
const AT_END = '/^-- Dump completed/i';
/** MariaDB's tool begins a new line before the delimiter. */
const TO_ITS_END = '{/;;$/!N;';
const ROUTINE_WITHOUT_END = `/^SELECT COUNT/${TO_ITS_END}s/;;$//}`;

/** The server's own dump tool with a sed script behind it. */
async function toolThatEdits(server: TestServer, script: string): Promise<{ readonly PATH: string }> {
  const env = await pathWith(server, { dumpTool: 'dump-tool-that-edits.sh' });
  const [folder = ''] = env.PATH.split(':');
  await writeFile(join(folder, `${programNames(server).dumpTool}.sed`), `${script}\n`);
  return env;
}

describeOneServer('a dump that a restore would not take back', (server) => {
  test.each<{ title: string; script: string; message: RegExp; hint: string }>([
    {
      title: 'is no backup when it lacks a view',
      script: '/^-- Final view structure/,/SET collation_connection *= @saved_col_connection/d',
      message: /^The dump of \w+ lacks 1 of 1 views: seen\.$/,
      hint: 'No backup was made. Try again when no migration is running',
    },
    {
      title: 'is no backup when it lacks a routine',
      script: '/^CREATE.*PROCEDURE `counted`/,/;;$/d',
      message: /^The dump of \w+ lacks 1 of 1 routines: procedure counted\.$/,
      hint: 'No backup was made. Try again when no migration is running',
    },
    {
      title: 'is no backup when it lacks a trigger and an event',
      script: `/CREATE.*TRIGGER.*checked/I${TO_ITS_END}d}\n/CREATE.*EVENT .nightly/${TO_ITS_END}d}`,
      message: /^The dump of \w+ lacks 1 of 1 triggers: checked; 1 of 1 events: nightly\.$/,
      hint: 'No backup was made. Try again when no migration is running',
    },
    {
      title: 'is no backup when it has a routine without an end',
      script: ROUTINE_WITHOUT_END,
      message: /^A restore would refuse this dump of \w+: line \d+, procedure counted: /,
      hint: 'No backup was made. Check the definition of procedure counted',
    },
    {
      title: 'is no backup when it grants privileges',
      script: `${AT_END} GRANT SELECT ON other.* TO nobody;`,
      message:
        /^A restore would refuse this dump of \w+: line \d+: grants privileges \(GRANT SELECT ON other\.\* TO nobody\)$/,
      hint: 'No backup was made. Try again; if it recurs, report it as a bug.',
    },
    {
      title: 'is no backup when it goes on in another database',
      script: `${AT_END} USE \`mysql\`;`,
      message: /line \d+: switches to the database mysql \(USE `mysql`\)/,
      hint: 'No backup was made.',
    },
    {
      title: 'is no backup when it has a string without an end',
      script: `${AT_END} INSERT INTO \`u\` VALUES ('canary`,
      message:
        /^A restore would refuse this dump of \w+: line \d+, table u: a quote opened here is never closed$/,
      hint: 'No backup was made.',
    },
    {
      title: 'is no backup when it has rows of a table that it does not create',
      script: `${AT_END} INSERT INTO \`gone\` VALUES (7);`,
      message:
        /^A restore would refuse this dump of \w+: table gone: has rows, but the dump does not create it$/,
      hint: 'No backup was made.',
    },
  ])('$title', async ({ script, message, hint }) => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await toolThatEdits(server, script);

    const told = await expectFailure(
      ['create', database],
      { server, env },
      { code: 'dump-failed', message, hint },
    );

    expect(told.message).not.toContain('canary');
    expect(await filesOfBackups()).toEqual({});
  });

  test.each([
    ['--output', '-'],
    ['--compress', 'none'],
    ['--compress', 'zstd'],
  ])('is no backup with %s %s either', async (...args) => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await toolThatEdits(server, `${AT_END} GRANT SELECT ON other.* TO nobody;`);

    const { exitCode, stderr } = await runDbbackup(['create', database, ...args], { server, env });

    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      ': grants privileges (GRANT SELECT ON other.* TO nobody)',
    );
    expect(exitCode).toBe(22);
    expect(await filesOfBackups()).toEqual({});
  });

  test('is no safety backup, so nothing is restored', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const backup = await backUp(server, database);
    await server.sql('INSERT INTO t VALUES (3);', database);
    const before = await server.dump(database);
    const env = await toolThatEdits(server, ROUTINE_WITHOUT_END);

    await expectFailure(
      ['restore', backup, '--confirm', database],
      { server, env },
      {
        code: 'safety-backup-failed',
        message: [
          `The safety backup of ${database} failed, so nothing was restored: `,
          'procedure counted: ',
          `${database} is unchanged.`,
        ],
        hint: [
          /Check the definition of procedure counted.*then try again\. Or restore without a safety backup/,
        ],
      },
    );
    expectSameDump(await server.dump(database), before);
  });

  test('misses nothing of what was to be left out', async () => {
    const database = await freshDatabase(server, { sql: SQL });

    const path = await madeBackup(server, database, ['--skip-routines', '--skip-triggers', '--skip-events']);

    expect(await readFile(path.replace('.sql.gz', '.json'), 'utf8')).toContain('"views": 1');
  });
});

describeOneServer('a backup that can only be restored in place', (server) => {
  test('says so when it is made, and in its manifest, list, doctor and the plan of a restore', async () => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE one (id INT, KEY (id)) ENGINE = MyISAM; CREATE TABLE two LIKE one;
        INSERT INTO one VALUES (1); INSERT INTO two VALUES (2);
        CREATE TABLE merged (id INT, KEY (id)) ENGINE = MERGE UNION = (one, two);`,
    });
    const before = await server.dump(database);
    const reason = 'the table merged refers to its own database or to other tables by name';
    const warning = `The backup can only be restored in place: ${reason}.`;
    const restoreOnly = { method: 'in-place', reason };

    const created = await runDbbackup(['create', database, '--json'], { server });
    expect(created.exitCode).toBe(0);
    expect(created.stderr.replaceAll(/\s+/g, ' ')).toContain(warning);
    const [manifest] = (JSON.parse(created.stdout) as { backups: { path: string }[] }).backups;
    expect(manifest).toMatchObject({ restoreOnly, warnings: expect.arrayContaining([warning]) });

    expect((await succeeds(['list'], { server })).stdout).toContain('complete, in place only');
    const listed = JSON.parse((await succeeds(['list', '--json'], { server })).stdout) as object;
    expect(listed).toMatchObject({ backups: [{ restoreOnly }] });

    const doctor = await runDbbackup(['doctor', database, '--json'], { server });
    expect((JSON.parse(doctor.stdout) as { findings: object[] }).findings).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        check: 'backups',
        message: expect.stringContaining(reason),
      }),
    );

    const dryRun = ['restore', manifest!.path, '--dry-run', '--json'];
    const { plan } = JSON.parse((await succeeds(dryRun, { server })).stdout) as { plan: object };
    expect(plan).toMatchObject({
      method: 'in-place',
      methodReason: reason,
      warnings: expect.arrayContaining([`Backup warning: ${warning}`]),
    });

    await server.sql('DELETE FROM one;', database);
    const { stdout } = await succeeds(['restore', manifest!.path, '--confirm', database, '--json'], {
      server,
    });
    expect(JSON.parse(stdout)).toMatchObject({ safetyBackup: { restoreOnly } });
    expectSameDump(await server.dump(database), before);
  });

  test('is one that only the stock client can load', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const env = await toolThatEdits(server, `${AT_END} SET CHARACTER SET utf8mb4;`);

    const { stdout } = await succeeds(['create', database, '--json'], { server, env });

    expect(JSON.parse(stdout)).toMatchObject({
      backups: [
        {
          restoreOnly: {
            method: 'in-place',
            reason: expect.stringMatching(
              /^line \d+ sets another charset in the middle, so the dump cannot be split$/,
            ),
          },
        },
      ],
    });
  });
});

describeEachFlavour('triggers whose makers wrote their names and tables without quotes', (server) => {
  test('come back with the capitals that they had', async () => {
    const database = await freshDatabase(server, {
      name: `Net_Capitals_${server.flavour}`,
      sql: `CREATE TABLE Goods (id INT);
        CREATE TRIGGER Before_Goods BEFORE INSERT ON Goods FOR EACH ROW SET @a = 1;
        ${server.flavour === 'mysql' ? '' : 'CREATE TRIGGER before_goods AFTER INSERT ON Goods FOR EACH ROW SET @b = 1;'}`,
    });
    await server.sql(
      `CREATE TRIGGER ${database}.Before_Change BEFORE UPDATE ON ${database}.Goods FOR EACH ROW SET @c = 1;`,
      database,
    );
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    await succeeds(['verify', backup, '--rehearse'], { server });
    await server.sql('DROP TABLE Goods; CREATE TABLE Other (id INT);', database);
    const changed = await server.dump(database);

    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--json'], { server });
    expectSameDump(await server.dump(database), before);

    const { safetyBackup } = JSON.parse(stdout) as { safetyBackup: { path: string } };
    await succeeds(['restore', safetyBackup.path, '--confirm', database], { server });
    expectSameDump(await server.dump(database), changed);
  });
});
