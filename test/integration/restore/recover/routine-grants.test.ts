import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { newAccount, routinePrivilege } from '../../../harness/accounts.ts';
import { backUp, manifestOf, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase, unusedName } from '../../../harness/database.ts';
import { startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer, isTurnOf } from '../../../harness/describe-each-server.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { unsettledJobs } from '../../../harness/swap-journal.ts';
import { waitFor } from '../../../harness/wait-for.ts';

const ROUTINES_SQL = `
  CREATE TABLE t (id INT PRIMARY KEY);
  INSERT INTO t VALUES (1);
  CREATE PROCEDURE a_first() SELECT 1;
  CREATE PROCEDURE AddOrder() SELECT 1;
  CREATE FUNCTION f_early() RETURNS INT DETERMINISTIC RETURN 1;
  CREATE FUNCTION z_last() RETURNS INT DETERMINISTIC RETURN 1;
`;

const PACKAGE_SQL = `
  SET sql_mode = 'ORACLE';
  DELIMITER //
  CREATE PACKAGE tools AS PROCEDURE x; END//
  CREATE PACKAGE BODY tools AS PROCEDURE x AS BEGIN SELECT 1; END; END//
  DELIMITER ;
`;

/** Every form of a grant on a routine that the server has, to accounts, a role and PUBLIC. */
async function grantedRoutines(server: TestServer, sql = ROUTINES_SQL): Promise<string> {
  const database = await freshDatabase(server, { sql });
  const on = (kind: string, name: string): string => `${kind} ${quoted(database)}.${quoted(name)}`;
  const [one, two] = [await newAccount(server), await newAccount(server)];
  const role = await newRole(server);
  await one.grant('EXECUTE, ALTER ROUTINE', on('PROCEDURE', 'a_first'));
  await two.grant('EXECUTE', on('PROCEDURE', 'ADDORDER')); // in other letters than its name
  await server.sql(`GRANT EXECUTE ON ${on('PROCEDURE', 'AddOrder')} TO ${one.sqlName} WITH GRANT OPTION`);
  await server.sql(`GRANT USAGE ON ${on('FUNCTION', 'z_last')} TO ${two.sqlName} WITH GRANT OPTION`);
  await server.sql(`GRANT EXECUTE ON ${on('FUNCTION', 'z_last')} TO ${role}`);
  await one.grant('EXECUTE', on('FUNCTION', 'f_early'));
  if (server.flavour === 'mariadb') {
    await server.sql(PACKAGE_SQL, database);
    for (const kind of ['PACKAGE', 'PACKAGE BODY']) {
      const grant = `GRANT EXECUTE ON ${on(kind, 'tools')} TO ${two.sqlName};`;
      await server.sql(`SET sql_mode = 'ORACLE'; ${grant}`);
    }
    await server.sql(`GRANT EXECUTE ON ${on('PROCEDURE', 'a_first')} TO PUBLIC`);
    onTestFinished(async () => {
      await server.sql(`DELETE FROM mysql.procs_priv WHERE Db = '${database}'; FLUSH PRIVILEGES;`);
    });
  }
  return database;
}

async function newRole(server: TestServer): Promise<string> {
  const role = quoted(unusedName('role'));
  await server.sql(`CREATE ROLE ${role}`);
  onTestFinished(async () => {
    await server.sql(`DROP ROLE ${role}`);
  });
  return role;
}

/** Without who gave them, and when. */
async function grantsOf(server: TestServer, database: string): Promise<string> {
  return server.query(
    `SELECT LOWER(Routine_name), Routine_type, User, Host, Proc_priv FROM mysql.procs_priv
      WHERE Db = '${database}' ORDER BY 1, 2, 3, 4`,
  );
}

async function undo(server: TestServer, command: string): Promise<void> {
  await succeeds(command.split(' ').slice(1), { server });
}

/** Holds a function in a statement that runs, so that dropping it waits. */
function useFunction(server: TestServer, database: string, name: string): () => Promise<void> {
  const options = [...server.clientOptions, `--database=${database}`, '--execute'];
  const session = execa(server.client, [...options, `SELECT ${name}(), SLEEP(300)`], {
    reject: false,
    forceKillAfterDelay: 1_000,
  });
  const end = async (): Promise<void> => {
    const mine = `SELECT id FROM ${server.processlist} WHERE info LIKE 'SELECT ${name}(), SLEEP%' AND db = '${database}'`;
    for (const id of (await server.query(mine)).split('\n').filter(Boolean)) await server.sql(`KILL ${id}`);
    await session;
  };
  onTestFinished(end);
  return end;
}

describeEachFlavour('privileges on single routines', (server, servers) => {
  // The statements are the same in place, so that one of the servers is asked.
  const ways = [[[]], ...(isTurnOf('in place', server, servers) ? [[['--in-place']]] : [])];
  test.each(ways)(
    'are in the manifest, outlive a restore (%s) and its undo, and come back with a routine that was removed',
    async (args) => {
      const database = await grantedRoutines(server);
      const gone = unusedName('gone');
      const toGone = `EXECUTE ON PROCEDURE ${quoted(database)}.a_first TO ${gone}@'%'`;
      await server.sql(`CREATE USER ${gone}@'%'; GRANT ${toGone}`);
      onTestFinished(() => server.sql(`DROP USER IF EXISTS ${gone}@'%'`).then(() => undefined));
      const before = await grantsOf(server, database);
      expect(before.split('\n').length).toBeGreaterThan(5);
      const backup = await backUp(server, database);
      expect((await manifestOf(backup)).routineGrants).toHaveLength(before.split('\n').length);
      await server.sql('DROP TABLE t; CREATE TABLE u (id INT)', database);
      // Routines that the restore removes.
      await server.sql('CREATE PROCEDURE later() SELECT 1; CREATE PROCEDURE kept() SELECT 1', database);
      const [account, other] = [await newAccount(server), await newAccount(server)];
      await account.grant('EXECUTE', `PROCEDURE ${quoted(database)}.later`);
      const changed = await grantsOf(server, database);

      const command = await restore(server, backup, database, args);
      expect(await grantsOf(server, database)).toBe(before);

      // What came meanwhile stays as it is, as it does for tables.
      await server.sql('CREATE PROCEDURE kept() SELECT 2', database);
      await other.grant('EXECUTE', `PROCEDURE ${quoted(database)}.kept`);
      await undo(server, command);
      const undone = (await grantsOf(server, database)).split('\n');
      expect(undone).toEqual(expect.arrayContaining(changed.split('\n')));
      expect(undone.filter((line) => !changed.includes(line))).toEqual([expect.stringContaining(other.user)]);
      expect(await server.query('SHOW TABLES', database)).toBe('u');

      if (args.length > 0) return; // the rest is the same whatever the way
      await server.sql('DROP PROCEDURE a_first; DROP PROCEDURE AddOrder; DROP FUNCTION z_last', database);
      await server.sql(`DROP USER ${gone}@'%'`);
      const { stderr } = await succeeds(['restore', backup, '--confirm', database, '--no-safety-backup'], {
        server,
      });
      const still = before
        .split('\n')
        .filter((line) => !line.includes(gone))
        .join('\n');
      expect(await grantsOf(server, database)).toBe(still);
      // That makes no account, and is told with what to type.
      expect(stderr).toContain(
        `warning: Could not restore the grant EXECUTE on procedure a_first for '${gone}'@'%': The server refused a statement: `,
      );
      expect(stderr).toContain(
        `To do it: GRANT EXECUTE ON PROCEDURE ${quoted(database)}.\`a_first\` TO '${gone}'@'%';`,
      );
      expect(await server.query(`SELECT COUNT(*) FROM mysql.user WHERE User = '${gone}'`)).toBe('0');

      const copy = databaseToBeMade(server);
      await restore(server, backup, copy, ['--to', copy]);
      expect(await grantsOf(server, copy)).toBe(''); // they are not carried into another database
      expect(await grantsOf(server, database)).toBe(still);
    },
  );

  test('are told to be lost before the question, where the account may not read or grant them', async () => {
    const database = await grantedRoutines(server);
    const account = await newAccount(server);
    await account.grant('ALL', `${quoted(database)}.*`);
    await account.grant('ALL', '`dbbackup\\_%`.*');
    await account.grant(...routinePrivilege(server, database));
    await account.grant(
      server.flavour === 'mysql'
        ? 'SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER, SUPER'
        : 'SET USER',
      '*.*',
    );
    const options = { server, env: account.env };
    const backup = await backUp(server, database);
    const plannedWarnings = async (): Promise<readonly string[]> => {
      const { stdout } = await succeeds(['restore', backup, '--dry-run', '--json'], options);
      return (JSON.parse(stdout) as { plan: { warnings: readonly string[] } }).plan.warnings;
    };

    const [unread, ...others] = await plannedWarnings();
    expect(others).toEqual([]);
    expect(unread).toContain(
      `Privileges granted on single routines of ${database} (GRANT … ON PROCEDURE …) will be lost, because ${account.sqlName} may not read them: function f_early; function z_last; `,
    );
    expect(unread).toContain('; procedure a_first');
    expect(unread).toContain('; procedure AddOrder');
    expect(unread).toMatch(
      new RegExp(`\\. To keep them: GRANT SELECT ON mysql.procs_priv TO ${account.sqlName};$`),
    );
    await server.sql(unread!.slice(unread!.lastIndexOf('GRANT')));

    const [ungiven, ...more] = await plannedWarnings();
    expect(more).toEqual([]);
    expect(ungiven).toContain(
      `Privileges on single routines of ${database} will be lost, because ${account.sqlName} may not grant them: `,
    );
    expect(ungiven).toContain('EXECUTE, ALTER ROUTINE on procedure a_first for ');
    expect(ungiven).toContain(
      `To keep them: GRANT GRANT OPTION ON ${quoted(database)}.* TO ${account.sqlName};`,
    );
    await server.sql(ungiven!.slice(ungiven!.lastIndexOf('GRANT GRANT')));

    expect(await plannedWarnings()).toEqual([]);
    const before = await grantsOf(server, database);
    await succeeds(['restore', backup, '--confirm', database], options);
    expect(await grantsOf(server, database)).toBe(before);
  });

  test('that the server will give to whoever makes a routine are told before', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE t (id INT)' });
    const account = await newAccount(server);
    await account.grant(
      'SELECT, SHOW VIEW, TRIGGER, EVENT, CREATE, DROP, ALTER, INSERT, INDEX, REFERENCES, LOCK TABLES, CREATE VIEW, CREATE ROUTINE, ALTER ROUTINE',
      `${quoted(database)}.*`,
    );
    await account.grant(...routinePrivilege(server, database));
    if (server.flavour === 'mysql') await account.grant('SUPER', '*.*');
    await server.sql(`CREATE DEFINER = ${account.sqlName} PROCEDURE p() SELECT 1`, database);
    const backup = await backUp(server, database);

    const { stdout } = await succeeds(['restore', backup, '--dry-run'], { server, env: account.env });

    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `The server will grant EXECUTE and ALTER ROUTINE to ${account.sqlName} on each routine that it makes (automatic_sp_privileges): procedure p.`,
    );
  });
});

// What becomes of them is read from the job's files, and given back by the statements that are tried above.
describeOneServer('privileges on single routines', (server) => {
  test('are given back by --resume and by the next run, after a restore that was killed between dropping and making routines', async () => {
    const database = await grantedRoutines(server);
    const before = await grantsOf(server, database);
    const backup = await backUp(server, database);
    for (const way of ['--resume', 'the next run']) {
      const end = useFunction(server, database, 'z_last');
      const run = await startDbbackup(['restore', backup, '--confirm', database], { server });
      await waitFor('the first drop', async () => !(await grantsOf(server, database)).includes('f_early'));
      run.signal('SIGKILL');
      expect(await run.finished).toMatchObject({ signal: 'SIGKILL' });
      const [job] = await unsettledJobs();
      await end();

      await succeeds(way === '--resume' ? ['restore', '--resume', job!.id] : ['create', database], {
        server,
      });

      expect(await grantsOf(server, database)).toBe(before);
      expect(await unsettledJobs()).toEqual([]);
    }
  });

  test('are given back by the undo of a restore in place that was killed when they were dropped', async () => {
    const database = await grantedRoutines(server);
    const before = await grantsOf(server, database);
    const backup = await backUp(server, database);
    const end = useFunction(server, database, 'z_last');
    const run = await startDbbackup(['restore', backup, '--confirm', database, '--in-place'], { server });
    await waitFor('the first drop', async () => !(await grantsOf(server, database)).includes('f_early'));
    run.signal('SIGKILL');
    const { stderr } = await run.finished;
    await end();
    // Half of it is there again, without its grants: they are owed still.
    await server.sql('CREATE FUNCTION f_early() RETURNS INT DETERMINISTIC RETURN 1', database);

    const { stdout } = await succeeds(['status'], { server });
    const [, command] = /To bring back the previous contents of .*:\s+dbbackup (.*)$/m.exec(stdout) ?? [];
    expect(command, stderr).toBeDefined();
    await succeeds(command!.split(' '), { server });

    expect(await grantsOf(server, database)).toBe(before);
  });

  test('are left alone by --table, and of routines that --keep-extra keeps', async () => {
    const database = await grantedRoutines(server);
    const before = await grantsOf(server, database);
    const backup = await backUp(server, database, ['--skip-routines']);
    await restore(server, backup, database, ['--table', 't']);
    expect(await grantsOf(server, database)).toBe(before);
    await restore(server, backup, database, ['--keep-extra']);
    expect(await grantsOf(server, database)).toBe(before);
  });
});
