import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
  isTurnOf,
} from '../../../harness/describe-each-server.ts';
import { expectFailure, expectToldInText } from '../../../harness/failure.ts';
import { plant } from '../../../harness/planted-backup.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { ownWarnings } from '../../../harness/warnings-of-others.ts';
import { workspace } from '../../../harness/workspace.ts';

/** A table whose foreign keys lead to a table that is nowhere, one that leads to itself, and one to another. */
const DANGLING = `
  SET foreign_key_checks = 0;
  CREATE TABLE pa (id INT PRIMARY KEY);
  CREATE TABLE ch (id INT PRIMARY KEY, p INT, q INT, s INT, KEY (p), KEY (q), KEY (s),
    CONSTRAINT to_gone FOREIGN KEY (p) REFERENCES gone (id) ON DELETE CASCADE,
    CONSTRAINT to_pa FOREIGN KEY (q) REFERENCES pa (id) ON UPDATE CASCADE,
    CONSTRAINT to_self FOREIGN KEY (s) REFERENCES ch (id));
  INSERT INTO pa VALUES (1), (2);
  INSERT INTO ch VALUES (1, 7, 1, NULL), (2, NULL, 2, 1);
`;

/** The databases that foreign keys of a database's tables lead into. */
async function referred(server: TestServer, database: string): Promise<string> {
  return server.query(
    `SELECT DISTINCT UNIQUE_CONSTRAINT_SCHEMA FROM information_schema.REFERENTIAL_CONSTRAINTS
      WHERE CONSTRAINT_SCHEMA = '${database}' ORDER BY 1`,
  );
}

function expectWarnings(stdout: string, ...expected: readonly RegExp[]): void {
  const { warnings } = JSON.parse(stdout) as { warnings: readonly string[] };
  for (const each of expected) expect(warnings.join('\n')).toMatch(each);
}

async function dumpWithout(server: TestServer, database: string, table: string): Promise<string> {
  const path = join((await workspace()).folder, 'foreign.sql');
  await writeFile(path, await server.dump(database, [`--ignore-table=${database}.${table}`]));
  return path;
}

describeEachFlavour('a foreign key to a table that the backup does not have', (server, servers) => {
  test('leads into the target, by way of verify, restore and undo, into one that is made, and into a target in place', async () => {
    const database = await freshDatabase(server, { sql: DANGLING });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    // Into a schema that is made as the one of the restore below.
    if (isTurnOf('rehearsed', server, servers)) await succeeds(['verify', '--rehearse', backup], { server });
    await server.sql('UPDATE ch SET s = NULL; DELETE FROM ch; ALTER TABLE ch ADD COLUMN x INT;', database);
    // A table that the keys lead to, and that leaves the target: they do not follow it.
    await server.sql('CREATE TABLE gone (id INT PRIMARY KEY); INSERT INTO gone VALUES (7);', database);
    const changed = await server.dump(database);

    const undo = await restore(server, backup, database);
    expectSameDump(await server.dump(database), before);
    expect(await referred(server, database)).toBe(database);

    await succeeds(undo.split(' ').slice(1), { server });
    expectSameDump(await server.dump(database), changed);
    expect(await referred(server, database)).toBe(database);

    await restore(server, backup, database, ['--in-place', '--no-safety-backup']);
    expectSameDump(await server.dump(database), before);

    const made = databaseToBeMade(server);
    await succeeds(['restore', backup, '--to', made], { server });
    expectSameDump(await server.dump(made), before);
    expect(await referred(server, made)).toBe(made);
  });

  test('is kept beside a table that stays, and it is told when it does not hold', async () => {
    const database = await freshDatabase(server, { sql: DANGLING });
    const file = await dumpWithout(server, database, 'pa');
    await server.sql('UPDATE ch SET s = NULL; DELETE FROM ch; DELETE FROM pa WHERE id = 2;', database);

    const { stdout } = await succeeds(
      [
        'restore',
        file,
        '--to',
        database,
        '--confirm',
        database,
        '--keep-extra',
        '--no-safety-backup',
        '--json',
      ],
      { server },
    );
    expectWarnings(
      stdout,
      /The foreign key `to_pa` of ch does not hold: it has rows that refer to rows that are missing in pa as it is in/,
      /The foreign key `to_gone` of ch refers to gone, which is not in/,
    );
    expect(await referred(server, database)).toBe(database);
    expect(await server.countRows(database, 'ch')).toBe(2);
    // The key is one of this database: what it refers to may not go.
    await expect(server.sql('DELETE FROM pa WHERE id = 1;', database)).rejects.toThrow(/foreign key/);
  });

  test('leads into the target from a dump that adds its keys later, without quotes and names', async () => {
    const made = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'later.sql');
    const sql = [
      'create table ch (id int primary key, p int, q int) engine=innodb;',
      'insert into ch values (1, 7, 7);',
      'alter table ch add key (p), add foreign key (p) references gone (id);',
      'alter table ch add constraint later foreign key (q) references Gone2 (id);',
      '-- Dump completed',
    ];
    await writeFile(path, sql.join('\n'));

    await succeeds(['restore', path, '--to', made], { server });
    expect(await referred(server, made)).toBe(made);
    expect(await server.countRows(made, 'ch')).toBe(1);
  });

  test('that is there already is told of by create and doctor, and a restore repairs it', async () => {
    const scratch = await freshDatabase(server, { name: 'dbbackup_stage_8s4cy97h' });
    const database = await freshDatabase(server, {
      sql: `SET foreign_key_checks = 0; CREATE TABLE ch (id INT PRIMARY KEY, p INT, KEY (p),
        CONSTRAINT \`to gone\` FOREIGN KEY (p) REFERENCES ${scratch}.gone (id) ON DELETE SET NULL);`,
    });
    await server.sql(`DROP DATABASE IF EXISTS ${scratch};`); // restores of other tests remove it, too

    const { stdout } = await succeeds(['create', database, '--json'], { server });
    const { backups } = JSON.parse(stdout) as { backups: { path: string; warnings: string[] }[] };
    expect(backups[0]?.warnings.join('\n')).toContain(
      'The foreign key to gone of ch refers to dbbackup_stage_8s4cy97h.gone, a schema of an earlier restore.',
    );
    const examined = await succeeds(['doctor', database, '--json'], { server });
    const { findings } = JSON.parse(examined.stdout) as { findings: { message: string; fix: string[] }[] };
    const found = findings.find(({ message }) =>
      message.startsWith('The foreign key to gone of ch refers to'),
    );
    await restore(server, backups[0]!.path, database, ['--no-safety-backup']);
    expect(await referred(server, database)).toBe(database);
    const repaired = await server.dump(database);

    await server.sql(
      `SET foreign_key_checks = 0; ALTER TABLE ch DROP FOREIGN KEY \`to gone\`;
       ALTER TABLE ch ADD CONSTRAINT \`to gone\` FOREIGN KEY (p) REFERENCES ${scratch}.gone (id) ON DELETE SET NULL;`,
      database,
    );
    await server.sql(found!.fix.join('\n'), database);
    expectSameDump(await server.dump(database), repaired);
  });
});

describeOneServer('a foreign key to a table that the backup does not have', (server) => {
  test('that an earlier release left leading into its own schema is led back, and that is said', async () => {
    const database = await freshDatabase(server, { sql: DANGLING });
    const before = await server.dump(database);
    const backup = await backUp(server, database, ['--compress=none']);
    await plant(backup, (sql) =>
      sql
        .replace('REFERENCES `gone`', 'REFERENCES `dbbackup_stage_8s4cy97h`.`gone`')
        .replace('REFERENCES `pa`', 'REFERENCES `dbbackup_old_8s4cy97h`.`pa`'),
    );

    for (const way of [[], ['--in-place']]) {
      const args = ['restore', backup, '--confirm', database, '--json', '--no-safety-backup', ...way];
      const { stdout } = await succeeds(args, { server });
      expectWarnings(stdout, /foreign keys into a schema of an earlier restore/);
      expectSameDump(await server.dump(database), before);
      expect(await referred(server, database)).toBe(database);
    }
  });
});

describeEachServer('foreign keys with backticks in their names', (server) => {
  // Two at once: what is printed of one ends the quotes of the other.
  const sql = (tick: string) => `
    CREATE TABLE pa (\`i${tick}d\` INT PRIMARY KEY);
    CREATE TABLE ch (id INT PRIMARY KEY, p INT, q INT,
      CONSTRAINT \`a${tick}\` FOREIGN KEY (p) REFERENCES pa (\`i${tick}d\`),
      CONSTRAINT \`b${tick}\` FOREIGN KEY (q) REFERENCES pa (\`i${tick}d\`));`;

  test('come back, or are named by create and doctor where the server prints them so that nobody can read them', async () => {
    const database = await freshDatabase(server, { sql: sql('``') });
    if (server.version.startsWith('10.')) {
      const told = await expectFailure(
        ['create', database],
        { server },
        {
          code: 'dump-failed',
          message: 'with a backtick in a name in a way that no server can parse: a` of ch, b` of ch.',
          hint: 'names without a backtick',
        },
      );
      const doctor = await runDbbackup(['doctor', database, '--quiet'], { server });
      expect(doctor).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(told.message) });
      await server.sql('DROP TABLE ch, pa;', database);
      await server.sql(sql('_'), database);
    }
    const before = await server.dump(database);
    const backup = await backUp(server, database);

    await restore(server, backup, database, ['--no-safety-backup']);

    expectSameDump(await server.dump(database), before);
  });
});

describeEachFlavour('a foreign key of the target to a table that is not there yet', (server) => {
  test('keeps out a table of the backup that does not fit it, until the restore is in place', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE gone (other INT PRIMARY KEY);' });
    const wanted = await server.dump(database);
    const backup = await backUp(server, database);
    await server.sql(
      `SET foreign_key_checks = 0; DROP TABLE gone;
       CREATE TABLE ch (p INT, CONSTRAINT to_gone FOREIGN KEY (p) REFERENCES gone (id));`,
      database,
    );
    const before = await server.dump(database);
    const args = ['restore', backup, `--confirm=${database}`];

    expectToldInText(await runDbbackup(args, { server }), {
      code: 'restore-failed',
      message: ['The server refused a statement: ', `${database} is unchanged.`],
      hint: 'Drop that foreign key, or restore with --in-place, which drops the old tables first.',
    });
    expectSameDump(await server.dump(database), before);

    await succeeds([...args, '--in-place', '--no-safety-backup'], { server });
    expectSameDump(await server.dump(database), wanted);
  });
});

/** A dump has the tables by name: MySQL locks the one that gets rows when the next, which refers to it, is made. */
const CHAIN = (() => {
  const key = (parent: string) =>
    `FOREIGN KEY (${parent}) REFERENCES ${parent} (id) ON DELETE CASCADE ON UPDATE CASCADE`;
  const rows = (columns: number) =>
    Array.from({ length: 40 }, (_, n) => `(${`${n}, `.repeat(columns - 1)}${n})`).join(', ');
  return `
    CREATE TABLE z (id INT PRIMARY KEY);
    CREATE TABLE a (id INT PRIMARY KEY, z INT, ${key('z')});
    CREATE TABLE b (id INT PRIMARY KEY, a INT, z INT, ${key('a')}, ${key('z')});
    CREATE TABLE c (id INT PRIMARY KEY, b INT, z INT, ${key('b')}, ${key('z')});
    INSERT INTO z VALUES ${rows(1)}; INSERT INTO a VALUES ${rows(2)};
    INSERT INTO b VALUES ${rows(3)}; INSERT INTO c VALUES ${rows(3)};`;
})();

describeEachFlavour('a chain of tables with foreign keys', (server) => {
  test('is loaded through several connections', async () => {
    const database = await freshDatabase(server, { sql: CHAIN });
    const before = await server.dump(database);
    const backup = await backUp(server, database);

    const args = ['restore', backup, '--confirm', database, '--jobs=2', '--json', '--no-safety-backup'];
    const { stdout } = await succeeds(args, { server });
    const { restored, warnings } = JSON.parse(stdout) as {
      readonly restored: { readonly method: string };
      readonly warnings: readonly string[];
    };
    expect({ method: restored.method, warnings: ownWarnings(warnings) }).toEqual({
      method: 'staging',
      warnings: [],
    });
    expectSameDump(await server.dump(database), before);
  });
});
