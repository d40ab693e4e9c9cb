import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newJobId } from '../../../src/run/job-id.ts';
import type { Finding } from '../../../src/doctor/finding/finding.ts';
import { scratchSchemas } from '../../../src/run/scratch-names.ts';
import { everyKindSql, newAccount, routinePrivilege } from '../../harness/accounts.ts';
import { madeBackup } from '../../harness/backups.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import type { RunOptions } from '../../harness/dbbackup.ts';
import { describeEachServer, isTurnOf, oneOfEachFlavour } from '../../harness/describe-each-server.ts';
import { pathWith, programNames } from '../../harness/fake-programs.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';
import { pageNamed } from '../../harness/pages.ts';
import { runInShell } from '../../harness/shell.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';
import { freePort } from '../../servers/free-port.ts';

const ROOT = "'root'@'localhost'";

/** Doctor looks at a whole server, and its cures change it, so these tests have their own. */
describeEachServer('doctor', (shared) => {
  let own: OwnServer;
  let server: TestServer;
  beforeAll(async () => {
    own = await ownServer(shared, ['--log-bin=binlog', '--log-bin-trust-function-creators=1']);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());

  /** @returns what is not as it should be. */
  async function wrongWith(
    database: string,
    options: RunOptions = {},
  ): Promise<{ readonly exitCode: number | undefined; readonly wrong: readonly Finding[] }> {
    const { exitCode, wrong } = await examined([database], { server, ...options });
    return { exitCode, wrong };
  }

  /** Types what a finding says, as the administrator. */
  async function cure(findings: readonly Finding[]): Promise<void> {
    for (const { fix = [] } of findings) for (const statement of fix) await server.sql(statement);
  }

  test('names each privilege that an account lacks, with the GRANT that gives it', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql(ROOT) });
    const account = await newAccount(server);
    const options = { env: account.env };
    const privileges = everyPrivilege(server, database);
    for (const [privilege, on] of privileges) await account.grant(privilege, on);
    expect(await wrongWith(database, options)).toEqual({ exitCode: 0, wrong: [] });

    // Of loading into a database and of loading beside it, each privilege is taken in one round: they are told apart.
    // One server is asked for each alone; the others for all of loading at once, which they name in the same words.
    const eachAlone = isTurnOf('each privilege alone', shared);
    const roundOf = ([privilege, on, check]: Needed): string => {
      if (check === 'create-privileges') return `${privilege} ON ${on}`;
      return eachAlone || on === '*.*' ? privilege : 'loading';
    };
    for (const round of new Set(privileges.map(roundOf))) {
      const lacked = privileges.filter((needed) => roundOf(needed) === round);
      for (const [privilege, on] of lacked)
        await server.sql(`REVOKE ${privilege} ON ${on} FROM ${account.sqlName};`);
      const { exitCode, wrong } = await wrongWith(database, options);

      const told = toldOf(wrong, account.sqlName);
      for (const [privilege, on, check, level] of lacked)
        expect(told).toContainEqual({ check, level, grant: `${privilege} ON ${on}` });
      expect(new Set(told.map(({ grant }) => grant))).toEqual(
        new Set(lacked.map(([privilege, on]) => `${privilege} ON ${on}`)),
      );
      expect(exitCode).toBe(lacked.some(([, , , level]) => level === 'problem') ? 1 : 0);
      await cure(wrong);
    }
    expect(await wrongWith(database, options)).toEqual({ exitCode: 0, wrong: [] });
  }, 300_000);

  test('gives an account that sees nothing what it needs, step by step', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql(ROOT) });
    const account = await newAccount(server);
    const options = { env: account.env };

    const blind = await wrongWith(database, options);
    expect(blind).toMatchObject({
      exitCode: 1,
      wrong: [{ check: 'databases', message: `There is no database ${database} on this server.` }],
    });
    let { wrong } = blind;
    // What it may not see comes to light when it may.
    for (let rounds = 0; wrong.length > 0 && rounds < 4; rounds += 1) {
      await cure(wrong);
      ({ wrong } = await wrongWith(database, options));
    }
    expect(wrong).toEqual([]);
    const path = await madeBackup(server, database, [], options);
    const args = ['restore', path, '--confirm', database];
    const { exitCode, stderr } = await runDbbackup(args, { server, ...options });
    expect(exitCode, stderr).toBe(0);
  });

  const flavours = oneOfEachFlavour('doctor');
  if (!flavours.some(({ name }) => name === shared.name)) return;

  test('names the setting without which triggers and functions are refused', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('ALL PRIVILEGES', `${quoted(database)}.*`);
    const told = async () =>
      (await wrongWith(database, { env: account.env })).wrong.filter(({ fix = [] }) =>
        fix.join().includes('log_bin'),
      );
    expect(await told()).toEqual([]);

    await server.sql('SET GLOBAL log_bin_trust_function_creators = 0;');
    const findings = await told();

    expect(findings).toMatchObject([
      {
        level: 'problem',
        check: 'restore-privileges',
        fix: ['SET GLOBAL log_bin_trust_function_creators = 1;'],
      },
    ]);
    await cure(findings);
    expect(await told()).toEqual([]);
  });

  test('names a dead view, which no backup can be made with', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT); CREATE TABLE u (id INT); CREATE VIEW dead AS SELECT id FROM t; CREATE VIEW sound AS SELECT id FROM u; DROP TABLE t;',
    });

    const { exitCode, wrong } = await wrongWith(database);

    expect(exitCode).toBe(1);
    expect(wrong).toMatchObject([
      {
        level: 'problem',
        check: 'definitions',
        database,
        message: expect.stringMatching(
          new RegExp(`^The view dead of ${database} is broken\\. .*invalid table`),
        ),
      },
    ]);
    expect((await runDbbackup(['create', database], { server })).exitCode).not.toBe(0);
    await cure(wrong.map((finding) => ({ ...finding, fix: finding.fix!.slice(-1) })));
    expect(await wrongWith(database)).toEqual({ exitCode: 0, wrong: [] });
    await madeBackup(server, database);
  });

  test('names owners that do not exist, and what they own', async () => {
    const gone = unusedName('gone');
    const definer = `'${gone}'@'%'`;
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE t (id INT); CREATE DEFINER = ${definer} PROCEDURE p() SELECT 1;`,
    });

    const { exitCode, wrong } = await wrongWith(database);

    expect(exitCode).toBe(0);
    expect(wrong).toMatchObject([
      {
        level: 'warning',
        check: 'definitions',
        message: `The account ${definer} does not exist, but owns the routine p of ${database}.`,
        fix: [`CREATE USER ${definer} ACCOUNT LOCK;`],
      },
    ]);
    onTestFinished(() => server.sql(`DROP USER ${definer};`).then(() => undefined));
    await cure(wrong);
    expect(await wrongWith(database)).toEqual({ exitCode: 0, wrong: [] });
  });

  // MariaDB asks for no privilege.
  test.runIf(shared.flavour === 'mysql')(
    'takes an owner that does not exist for a problem where the account may not make what it owns',
    async () => {
      const definer = `'${unusedName('gone')}'@'%'`;
      const database = await freshDatabase(server, {
        sql: `CREATE TABLE t (id INT); CREATE DEFINER = ${definer} PROCEDURE p() SELECT 1;`,
      });
      const path = await madeBackup(server, database);
      const account = await newAccount(server);
      for (const [privilege, on] of everyPrivilege(server, database)) await account.grant(privilege, on);
      await account.grant('SELECT', '*.*'); // else it may not know who there is
      const options = { server, env: account.env };
      const restore = async () =>
        (await runDbbackup(['restore', path, '--confirm', database], options)).exitCode;

      const { exitCode, wrong } = await wrongWith(database, options);

      expect(exitCode).toBe(1);
      const grant = `GRANT ALLOW_NONEXISTENT_DEFINER ON *.* TO ${account.sqlName};`;
      expect(wrong).toMatchObject([
        {
          level: 'problem',
          check: 'definitions',
          fix: [`CREATE USER ${definer} ACCOUNT LOCK;`, grant],
        },
      ]);
      expect(await restore()).toBe(20);
      await server.sql(grant);
      expect((await wrongWith(database, options)).wrong).toMatchObject([{ level: 'warning' }]);
      expect(await restore()).toBe(0);
    },
  );

  test('names tables that are not in the snapshot', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT) ENGINE = MyISAM; CREATE TABLE u (id INT);',
    });

    const { exitCode, wrong } = await wrongWith(database);

    expect(exitCode).toBe(0);
    expect(wrong).toMatchObject([
      {
        level: 'warning',
        check: 'tables',
        fix: [`ALTER TABLE ${quoted(database)}.\`t\` ENGINE = InnoDB;`],
      },
    ]);
    await cure(wrong);
    expect((await wrongWith(database)).wrong).toEqual([]);
  });

  // What is not of servers.
  if (!isTurnOf('doctor', shared, flavours)) return;

  test('passes an account that only makes backups by the documented line', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const [line = ''] = /^dbbackup doctor --json \| jq .*$/m.exec(pageNamed('docs/doctor.md').text) ?? [];
    const said = async (env: NonNullable<RunOptions['env']>) => {
      const { exitCode, stdout, stderr } = await runDbbackup(['doctor', database, '--json'], { server, env });
      expect([0, 1], stderr).toContain(exitCode);
      const filter = line.replace(/^.*?\| /, '');
      return (await runInShell(`cat <<'END' | ${filter}\n${stdout}END\n`, server, { mayFail: true })).stdout;
    };
    const account = await newAccount(server);
    expect(await said({})).toBe('true\n');
    expect(await said(account.env)).toBe('false\n');

    for (const [privilege, on, check] of everyPrivilege(server, database))
      if (check !== 'restore-privileges') await account.grant(privilege, on);

    expect(await said(account.env)).toBe('true\n');
  });

  test('names a limit that the last backup does not pass', async () => {
    const database = await freshDatabase(server, {
      sql: "CREATE TABLE t (b LONGTEXT); INSERT INTO t VALUES (REPEAT('x', 3000000));",
    });
    await madeBackup(server, database);
    const before = await server.query('SELECT @@GLOBAL.max_allowed_packet');
    onTestFinished(() => server.sql(`SET GLOBAL max_allowed_packet = ${before};`).then(() => undefined));
    await server.sql('SET GLOBAL max_allowed_packet = 1048576;');

    const { exitCode, wrong } = await wrongWith(database);

    expect(exitCode).toBe(1);
    expect(wrong).toMatchObject([
      { level: 'problem', check: 'server-settings', fix: ['SET GLOBAL max_allowed_packet = 4194304;'] },
    ]);
    await cure(wrong);
    expect(await wrongWith(database)).toEqual({ exitCode: 0, wrong: [] });
  });

  test('names what dead runs have left, here and on the server, and what mends it', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const { backups } = await workspace();
    await madeBackup(server, database);
    const lock = join(backups, database, '.lock');
    await writeFile(lock, deadLock(database));
    const partial = join(backups, database, '.manual_2026-11-22_03-00-00.sql.gz.partial');
    await writeFile(partial, 'half');
    const stage = scratchSchemas(newJobId()).stage;
    await server.sql(`CREATE DATABASE ${stage};`);

    const { exitCode, wrong } = await wrongWith(database);

    expect(exitCode).toBe(0);
    expect(wrong.map(({ level, check }) => `${level} ${check}`)).toEqual(
      Array.from({ length: 3 }, () => 'warning leftovers'),
    );
    const told = wrong.map(({ message }) => message).join('\n');
    for (const each of [lock, partial, stage]) expect(told).toContain(each);
    await runInShell(
      wrong.flatMap(({ database: of, fix = [] }) => (of === undefined ? [] : fix)).at(-1)!,
      server,
    );
    await cure(wrong.filter((finding) => finding.database === undefined));
    expect(await wrongWith(database)).toEqual({ exitCode: 0, wrong: [] });
  });

  test('names a backup folder and an option file that others get at', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const { folder, backups } = await workspace();
    await mkdir(backups);
    await chmod(backups, 0o777);
    const file = join(folder, 'my.cnf');
    await writeFile(file, `[client]\npassword = "canary-secret"\n`);
    await chmod(file, 0o644);
    const account = await newAccount(server);
    await server.sql(`ALTER USER ${account.sqlName} IDENTIFIED BY 'canary-secret';`);
    await account.grant('ALL PRIVILEGES', '*.*');
    const args = [database, '--defaults-extra-file', file];
    const options = { server, env: { DBBACKUP_USER: account.user } };

    const { exitCode, wrong, text } = await examined(args, options);

    expect(exitCode).toBe(0);
    expect(wrong.map(({ check, fix }) => [check, fix])).toEqual([
      ['configuration', [`chmod 600 ${file}`]],
      ['folder', [`chmod 700 ${backups}`]],
    ]);
    expect(text).not.toContain('canary');
    for (const { fix } of wrong) await runInShell(fix!.join('\n'), server);
    expect((await examined(args, options)).wrong).toEqual([]);
    expect((await stat(backups)).mode & 0o777).toBe(0o700);
  });

  test('looks at the rest when the server is down', async () => {
    const env = { DBBACKUP_PORT: String(await freePort()) };

    const { exitCode, findings, wrong } = await examined(['shop'], { server, env });

    expect(exitCode).toBe(1);
    expect(wrong).toMatchObject([
      { level: 'problem', check: 'connection', message: expect.stringContaining('No server answers') },
    ]);
    const fine = new Set(findings.filter(({ level }) => level === 'ok').map(({ check }) => check));
    for (const check of ['node', 'folder', 'leftovers', 'programs'] as const) expect(fine).toContain(check);
  });

  test('says where a wrong password came from', async () => {
    const account = await newAccount(server);
    const env = { ...account.env, DBBACKUP_PASSWORD: 'canary-wrong' };

    const { exitCode, wrong, text } = await examined(['shop'], { server, env });

    expect(exitCode).toBe(1);
    expect(wrong).toMatchObject([
      {
        level: 'problem',
        check: 'connection',
        message: expect.stringContaining('(password from DBBACKUP_PASSWORD)'),
      },
    ]);
    expect(text).not.toContain('canary');
  });

  test('misses client programs, and looks at the rest', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' });
    const env = await pathWith(server, { dumpTool: undefined }, { alone: true });

    const { exitCode, findings, wrong } = await examined([database], { server, env });

    expect(exitCode).toBe(1);
    expect(wrong).toMatchObject([
      {
        level: 'problem',
        check: 'programs',
        message: expect.stringContaining(programNames(server).dumpTool),
        fix: [expect.stringMatching(/^apt install /)],
      },
    ]);
    expect(findings.map(({ check }) => check)).toContain('create-privileges');
  });

  test('says it in words, and looks at all databases when none is named', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT) ENGINE = MyISAM;' });

    const all = await runDbbackup(['doctor'], { server });
    const quiet = await runDbbackup(['doctor', database, '--quiet'], { server });

    expect(all.stdout).toMatch(/^Warnings\n/);
    expect(all.stdout).toMatch(
      new RegExp(`^ {2}create-privileges +'root'@.* may back up all of ${database}\\.$`, 'm'),
    );
    expect(all.stdout).toMatch(/^0 problems, \d+ warnings?, \d+ OK\.\n\nEvery night\n/m);
    expect(quiet.stdout).toMatch(
      /^Warnings\n {2}The table t of .*\n {4}.*\n {4}ALTER TABLE .* ENGINE = InnoDB;\n$/,
    );
    expect(quiet.stderr).toBe('');
  });
});

/** Runs doctor for a document, and holds it to its exit code. */
async function examined(args: readonly string[], options: RunOptions) {
  const { exitCode, stdout, stderr } = await runDbbackup(['doctor', ...args, '--json'], options);
  const document = JSON.parse(stdout) as { schema: string; ok: boolean; findings: readonly Finding[] };
  const { findings } = document;
  expect(document).toMatchObject({ schema: 'dbbackup/doctor/1', ok: exitCode === 0 });
  expect(findings.some(({ level }) => level === 'problem')).toBe(exitCode === 1);
  const wrong = findings.filter(({ level }) => level !== 'ok');
  return { exitCode, findings, wrong, text: stdout + stderr };
}

type Needed = readonly [privilege: string, on: string, check: Finding['check'], level: Finding['level']];

/** Each privilege that findings say is lacking, `CREATE ON …`; the fix of each is one GRANT. */
function toldOf(findings: readonly Finding[], account: string) {
  return findings.flatMap(({ level, check, fix = [] }) => {
    expect(fix).toHaveLength(1);
    const [, privileges = '', on = '', to] = /^GRANT (.*) ON (.*) TO (.*);$/.exec(fix[0] ?? '') ?? [];
    expect(to).toBe(account);
    return privileges.split(', ').map((privilege) => ({ check, level, grant: `${privilege} ON ${on}` }));
  });
}

/** What an account needs for backups and restores of what belongs to root. */
function everyPrivilege(server: TestServer, database: string): readonly Needed[] {
  const each = (
    privileges: readonly string[],
    on: string,
    check: Finding['check'],
    level: Finding['level'] = 'problem',
  ): readonly Needed[] => privileges.map((privilege) => [privilege, on, check, level]);
  const isMysql = server.flavour === 'mysql';
  const all = `${quoted(database)}.*`;
  const [routines, where] = routinePrivilege(server, database);
  const loading = ['CREATE', 'DROP', 'ALTER', 'INSERT', 'INDEX', 'REFERENCES', 'LOCK TABLES'];
  const programs = ['CREATE VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE'];
  const seeing = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'];
  return [
    ...each(seeing, all, 'create-privileges'),
    ...each([routines], where, 'create-privileges'),
    ...(isMysql ? each(['SELECT'], 'performance_schema.*', 'create-privileges', 'warning') : []),
    ...each([...loading, ...programs], all, 'restore-privileges'),
    ...each(isMysql ? ['SET_ANY_DEFINER', 'SYSTEM_USER'] : ['SET USER'], '*.*', 'restore-privileges'),
    ...each(
      [...loading, ...programs, ...seeing, 'EXECUTE'],
      '`dbbackup\\_%`.*',
      'swap-privileges',
      'warning',
    ),
  ];
}

/** Of a run before the last boot of this machine. */
function deadLock(database: string): string {
  return JSON.stringify({
    schema: 'dbbackup/lock/1',
    token: 'abc',
    job: 'bcdf2345',
    operation: 'create',
    database,
    command: `dbbackup create ${database}`,
    since: '2026-11-22T00:00:00Z',
    process: { pid: 1, startTime: '1', bootId: 'another', pidNamespace: '', host: hostname(), user: 'root' },
    children: [],
  });
}
