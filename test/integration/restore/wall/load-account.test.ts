import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostileDumps } from '../../../fixtures/hostile-corpus.ts';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { newAccount } from '../../../harness/accounts.ts';
import { succeeds } from '../../../harness/backup.ts';
import { contentOf, madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import {
  beginDbbackup,
  runDbbackup,
  startDbbackup,
  type RunningDbbackup,
} from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
  isTurnOf,
} from '../../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../../harness/failure.ts';
import { loadAccountSession } from '../../../harness/load-account-session.ts';
import { loadAccountOf } from '../../../harness/swap-journal.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { makeClientOnly, plant } from '../../../harness/planted-backup.ts';
import { quoted, type TestServer } from '../../../harness/test-server.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { workspace } from '../../../harness/workspace.ts';

/** Enough rows to look on while they are loaded. */
const SLOW = manyRowsSql(30_000);
const SQL =
  "CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(50)); INSERT INTO goods VALUES (1, 'hemp');";

describeEachServer('the account that loads the rows', (server) => {
  const ways = [
    { way: 'through a staging schema', options: [] },
    { way: 'in place', options: ['--in-place'] },
  ].filter(({ options }) => options.length === 0 || isTurnOf('in place', server));
  test.each(ways)('may fill one schema, and is gone afterwards: $way', async ({ options }) => {
    const database = await freshDatabase(server, { sql: SLOW });
    const path = await madeBackup(server, database);
    const run = beginDbbackup(['restore', path, '--confirm', database, ...options], { server });
    const account = await seenAccount(server, run);
    // They are given after it is made.
    const grants = await waitFor('its privileges', async () => {
      const lines = (await server.query(`SHOW GRANTS FOR ${account}`)).split('\n');
      const given = lines.filter((grant) => !grant.includes('GRANT USAGE'));
      return given.length > 0 && given;
    });
    const { exitCode, stderr } = await run.finished;

    expect(exitCode, stderr).toBe(0);
    expect(account).toMatch(/^'dbbackup_load_\w+'@'localhost'$/);
    const [, job = ''] = /load_(\w+)'/.exec(account) ?? [];
    const schema = options.length === 0 ? `dbbackup_stage_${job}` : database;
    expect(grants).toEqual([
      expect.stringMatching(
        `^GRANT SELECT, INSERT, UPDATE, LOCK TABLES ON .${schema.replaceAll('_', '.{1,2}_')}.\\.\\* TO \\S+$`,
      ),
    ]);
    expect(await exists(server, account)).toBe(false);
  });

  test('may set what the dump sets at its beginning, whatever the server asks for it', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database, ['--compress', 'none']);
    await plant(path, (sql) =>
      sql.replace(/^(?=\/\*!40101 SET NAMES)/m, 'SET SESSION innodb_strict_mode = OFF;\n'),
    );
    const required = ['restore', path, '--confirm', database, '--load-account', 'require'];
    const { exitCode, stderr } = await runDbbackup(required, { server });

    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('could not be used');
  });
});

describeEachFlavour('the account that loads the rows', (server) => {
  test('is denied whatever reaches beyond its schema', async () => {
    const schema = await freshDatabase(server, { sql: SQL });
    const canary = await freshDatabase(server, { sql: CANARY[server.flavour] });
    const before = await contentOf(server, canary);
    await using session = await loadAccountSession(server, schema);

    for (const statement of beyond(quoted(canary), server.flavour)) {
      const run = session.execute(statement);
      await expect(run, statement).rejects.toMatchObject({ errno: expect.toSatisfy(isDenial) as number });
    }
    // What it would load is nothing: the server does not say that it was denied.
    await session.execute("INSERT INTO goods VALUES (2, load_file('/etc/passwd'))");
    await session.execute('COMMIT');
    expect(await server.query('SELECT name FROM goods WHERE id = 2', schema)).toBe('NULL');
    expect(await contentOf(server, canary)).toEqual(before);
  });

  test('gets nothing from elsewhere by any row of the hostile corpus, which no guard looks at', async () => {
    const { folder } = await workspace();
    const [canary, secretFile] = [join(folder, 'canary'), join(folder, 'secret')];
    await writeFile(secretFile, '99\tread-from-the-host\n', { mode: 0o644 });
    await chmod(folder, 0o777); // the server could
    const schema = await freshDatabase(server, { sql: SMALL });
    const other = await freshDatabase(server, { sql: CANARY[server.flavour] });
    const before = await contentOf(server, other);
    await using session = await loadAccountSession(server, schema);

    for (const { sql, inRows } of hostileDumps({ other, secretFile, canary })) {
      if (inRows === true) await session.execute(sql.slice(0, -1)).catch(() => undefined);
    }
    await session.execute('COMMIT');
    expect(await contentOf(server, other)).toEqual(before);
    expect(
      await server.query("SELECT COUNT(*) FROM small WHERE v LIKE '%read%' OR v LIKE '%root%'", schema),
    ).toBe('0');
    expect(existsSync(canary)).toBe(false);
  });

  test('gives way to the own account where it cannot be given what the stock client may set', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await contentOf(server, database);
    const path = await madeBackup(server, database, ['--compress', 'none']);
    await makeClientOnly(path);
    const maker = await newAccount(server);
    await maker.grant('CREATE USER, PROCESS', '*.*');
    await server.query(`GRANT ALL ON ${quoted(database)}.* TO ${maker.sqlName} WITH GRANT OPTION`);

    const args = ['restore', path, '--confirm', database];
    const { exitCode, stderr } = await runDbbackup(args, { server, env: maker.env });
    expect(exitCode, stderr).toBe(0);
    expect(stderr.includes('could not be used'), stderr).toBe(server.flavour === 'mysql');
    expect(await contentOf(server, database)).toBe(before);
  });

  test('is what the stock client loads tables as, but nothing that would belong to it', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await contentOf(server, database);
    const path = await madeBackup(server, database, ['--compress', 'none']);
    await makeClientOnly(path);
    const required = ['restore', path, '--confirm', database, '--load-account', 'require'];
    const { exitCode, stderr } = await runDbbackup(required, { server });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('loaded by an account made for it');
    expect(await contentOf(server, database)).toBe(before);

    await plant(path, (sql) => sql.replace(/^-- Dump completed/m, 'CREATE VIEW v AS SELECT 1;\n$&'));
    for (const mode of ['auto', 'require'])
      expectToldInJson(
        await runDbbackup(['restore', path, '--confirm', database, '--load-account', mode, '--json'], {
          server,
        }),
        {
          code: 'unsafe',
          message: 'sets another charset in the middle), so the mysql client would run all of it',
          hint: 'If you trust the file, load it as your own account: --load-account off',
        },
      );
    await succeeds(['restore', path, '--confirm', database, '--load-account', 'off'], { server });
    expect(await server.query('SELECT * FROM v', database)).toBe('1');
  });
});

describeOneServer('the account that loads the rows', (server) => {
  test('is left by a run that is killed: status and doctor name it, the next restore removes it', async () => {
    // Of its own: runs of other tests would remove the account as well.
    await using own = await ownServer(server);
    const [database, alone] = ['shop', own.server];
    await alone.query(`CREATE DATABASE ${database}`);
    await alone.sql(SLOW, database);
    const path = await madeBackup(alone, database);
    const run = await startDbbackup(['restore', path, '--confirm', database], { server: alone });
    const account = await seenAccount(alone, run);
    run.signal('SIGKILL');
    await run.finished;

    const status = await runDbbackup(['status'], {});
    expect(status.stdout).toContain(`DROP USER IF EXISTS ${account};`);
    const doctor = await runDbbackup(['doctor', database], { server: alone });
    expect(doctor.stdout).toContain(`DROP USER ${account};`);
    const next = await runDbbackup(['restore', path, '--confirm', database], { server: alone });
    expect(next.exitCode, next.stderr).toBe(0);
    expect(next.stderr).toContain(`Removed ${account}, the load account of an interrupted run.`);
    expect(await exists(alone, account)).toBe(false);
    expect((await runDbbackup(['status'], {})).stdout).not.toContain(account);
  });

  test('is not made where the account may not make it: told in the plan, refused where it is required', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database);
    const confined = await newAccount(server);
    await confined.grant('ALL', `${quoted(database)}.*`);
    await confined.grant('ALL', '`dbbackup\\_%`.*');
    const options = { server, env: confined.env };
    const reason = `${confined.sqlName} may not create accounts, so its own privileges limit what a row may do`;

    const plan = await runDbbackup(['restore', path, '--dry-run'], options);
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain(`rows loaded by your own account: ${reason}`);
    const restored = await runDbbackup(['restore', path, '--confirm', database], options);
    expect(restored.exitCode, restored.stderr).toBe(0);
    const required = ['restore', path, '--confirm', database, '--load-account', 'require', '--json'];
    expectToldInJson(await runDbbackup(required, options), {
      code: 'restore-failed',
      message: `${reason}. Nothing was touched.`,
      hint: `GRANT CREATE USER, SELECT, INSERT, UPDATE, LOCK TABLES ON *.* TO ${confined.sqlName} WITH GRANT OPTION;`,
    });
  });

  test('is not made when it is not wanted', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const path = await madeBackup(server, database);
    const off = { server, env: { DBBACKUP_LOAD_ACCOUNT: 'off' } };
    const result = await runDbbackup(['restore', path, '--dry-run', '--json'], off);
    expect(JSON.parse(result.stdout)).toMatchObject({
      plan: { loadAccount: { made: false, reason: '--load-account off was given' } },
    });
  });
});

const SMALL = 'CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(20));';

/** Another database with all that a row might reach for. */
const CANARY = {
  mariadb: `CREATE TABLE c (a INT); INSERT INTO c VALUES (1); CREATE TABLE t (id INT); INSERT INTO t VALUES (1); CREATE SEQUENCE s;
    CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1; CREATE PROCEDURE p() INSERT INTO c VALUES (2);`,
  mysql: `CREATE TABLE c (a INT); INSERT INTO c VALUES (1); CREATE TABLE t (id INT); INSERT INTO t VALUES (1);
    CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1; CREATE PROCEDURE p() INSERT INTO c VALUES (2);`,
};

function beyond(canary: string, flavour: TestServer['flavour']): readonly string[] {
  return [
    `INSERT INTO ${canary}.c VALUES (3)`,
    `INSERT INTO goods SELECT a + 10, 'x' FROM ${canary}.c`,
    `INSERT INTO goods VALUES (9, (SELECT MAX(a) FROM ${canary}.c))`,
    `INSERT INTO goods VALUES (9, ${canary}.f())`,
    `INSERT INTO goods VALUES (9, \`load_file\`('/x')), (10, (SELECT User FROM mysql.user LIMIT 1))`,
    `CALL ${canary}.p()`,
    `UPDATE ${canary}.c SET a = 4`,
    `DELETE FROM ${canary}.c`,
    `DROP TABLE ${canary}.c`,
    'DROP TABLE goods',
    'CREATE TABLE more (a INT)',
    'CREATE DATABASE dbbackup_more',
    `CREATE TRIGGER t BEFORE INSERT ON goods FOR EACH ROW SET @a = 1`,
    `CREATE VIEW v AS SELECT * FROM ${canary}.c`,
    "SELECT name FROM goods INTO OUTFILE '/tmp/dbbackup-outfile'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE goods",
    'SET GLOBAL max_connections = 10',
    'SET SESSION sql_log_bin = 0',
    "CREATE USER dbbackup_more IDENTIFIED BY 'aA1!aA1!aA1!'",
    `GRANT SELECT ON ${canary}.* TO CURRENT_USER()`,
    'FLUSH TABLES',
    'SHUTDOWN',
    ...(flavour === 'mariadb'
      ? [
          `INSERT INTO goods VALUES (9, NEXT VALUE FOR ${canary}.s)`,
          `DO SETVAL(${canary}.s, 10)`,
          'SET STATEMENT sql_log_bin = 0 FOR SELECT 1',
        ]
      : ['SET PERSIST max_connections = 10', "INSTALL COMPONENT 'file://component_x'"]),
  ];
}

/** For a database, table, column, command or routine; or there is no such thing for this account. */
function isDenial(errno: number): boolean {
  return [1044, 1045, 1142, 1143, 1227, 1290, 1370, 1410, 1419].includes(errno);
}

/** The load account of a run, once it is on the server. */
async function seenAccount(server: TestServer, run: Pick<RunningDbbackup, 'pid'>): Promise<string> {
  let account = '';
  await waitFor('the load account', async () => {
    account = (await loadAccountOf(run)) ?? '';
    return account !== '' && (await exists(server, account));
  });
  return account;
}

async function exists(server: TestServer, account: string): Promise<boolean> {
  const [, user = ''] = /^'(\w+)'/.exec(account) ?? [];
  return (await server.query(`SELECT COUNT(*) FROM mysql.user WHERE User = '${user}'`)) !== '0';
}
