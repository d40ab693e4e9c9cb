import { expect, onTestFinished, test } from 'vitest';
import { escapePattern } from '../../../src/server/privileges/database-grants.ts';
import { everyKindSql, newAccount, routinePrivilege } from '../../harness/accounts.ts';
import type { TestAccount } from '../../harness/accounts.ts';
import { filesOfBackups, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import type { RunOptions } from '../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
  oneOfEachFlavour,
} from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { ownServer } from '../../harness/own-server.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';

const KINDS = ['tables', 'views', 'triggers', 'events', 'routines'] as const;
type Kind = (typeof KINDS)[number];

/** What a complete backup needs, by what it is needed for. */
function needed(server: TestServer, database: string): Readonly<Record<Kind, readonly [string, string]>> {
  const all = `${quoted(database)}.*`;
  return {
    tables: ['SELECT', all],
    views: ['SHOW VIEW', all],
    triggers: ['TRIGGER', all],
    events: ['EVENT', all],
    routines: routinePrivilege(server, database),
  };
}

async function accountWithout(lacks: Kind, server: TestServer, database: string): Promise<TestAccount> {
  const account = await newAccount(server);
  for (const kind of KINDS.filter((each) => each !== lacks))
    await account.grant(...needed(server, database)[kind]);
  return account;
}

describeEachServer('a backup by an account', (server) => {
  // Which privilege shows routines is a matter of the release, too.
  const flavours = oneOfEachFlavour('a backup by an account');
  const rows = (
    [
      { lacks: 'tables', problem: (db: string) => `may not read two of ${db}` },
      { lacks: 'views', problem: (db: string) => `may not read view definitions of ${db}` },
      {
        lacks: 'triggers',
        problem: (db: string) => `cannot see the triggers of ${db}`,
        option: '--skip-triggers',
      },
      { lacks: 'events', problem: (db: string) => `cannot see the events of ${db}`, option: '--skip-events' },
      {
        lacks: 'routines',
        problem: (db: string) => `cannot read all procedures and functions of ${db}`,
        option: '--skip-routines',
      },
    ] as const
  ).filter(({ lacks }) => lacks === 'routines' || flavours.some(({ name }) => name === server.name));
  test.each(rows)(
    'that may not read $lacks is refused, and made complete by the GRANT of the hint',
    async ({ lacks, problem, ...row }) => {
      const database = await freshDatabase(server, { sql: everyKindSql() });
      const account = await accountWithout(lacks, server, database);
      if (lacks === 'tables') await account.grant('SELECT', `${quoted(database)}.one`);
      const options = { server, env: account.env };
      const [privilege, on] = needed(server, database)[lacks];
      const grant = `GRANT ${privilege} ON ${on} TO ${account.sqlName};`;

      const told = await expectFailure(['create', database], options, {
        code: 'access-denied',
        message: [`The account ${account.sqlName} ${problem(database)}`, 'The backup would be incomplete.'],
        hint: 'option' in row ? [grant, `Or skip them: ${row.option}`] : grant,
      });
      expect(await filesOfBackups()).toEqual({});

      if ('option' in row) await madeBackup(server, database, [row.option], options);
      for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
      const path = await madeBackup(server, database, [], options);
      const { backups } = JSON.parse((await runDbbackup(['list', '--json'])).stdout) as {
        backups: { path: string; counts: object }[];
      };
      expect(backups.find((backup) => backup.path === path)?.counts).toEqual({
        views: 1,
        routines: 2,
        triggers: 1,
        events: 1,
      });
    },
  );
});

describeEachFlavour('a backup by an account', (server) => {
  test('that cannot see any table is refused, unless it is said to be right', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('EXECUTE', `${quoted(database)}.*`);
    const options = { server, env: account.env };

    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: `The account ${account.sqlName} cannot see any table in ${database}.`,
      hint: `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON ${quoted(database)}.* TO ${account.sqlName};`,
    });
    expect(await filesOfBackups()).toEqual({});

    await server.sql(told.hint);
    await account.grant(...routinePrivilege(server, database));
    await madeBackup(server, database, [], options);
  });

  test('that has a privilege by a pattern, and not by the more specific grant that the server uses, is refused', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('SELECT, SHOW VIEW, TRIGGER, EVENT', `${quoted(`${database.slice(0, -1)}%`)}.*`);
    // Escaped: to MySQL a name with `_` is as specific as the other pattern.
    const exactly = quoted(escapePattern(database));
    await account.grant('SELECT, SHOW VIEW, EVENT', `${exactly}.*`);
    await account.grant(...routinePrivilege(server, escapePattern(database)));
    const options = { server, env: account.env };

    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: `cannot see the triggers of ${database}. The backup would be incomplete.`,
      hint: `GRANT TRIGGER ON ${exactly}.* TO ${account.sqlName};`,
    });
    const doctor = await runDbbackup(['doctor', database, '--quiet'], options);
    expect(doctor.exitCode).toBe(1);
    expect(doctor.stdout).toContain(`cannot see the triggers of ${database}`);

    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    await expectWholeBackup(database, options);
  });

  test('that lacks a privilege by a pattern loses nothing by the GRANT of the hint', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('SELECT, SHOW VIEW, EVENT, DELETE', `${quoted(`${database.slice(0, -1)}%`)}.*`);
    const [privilege, on] = routinePrivilege(server, database);
    await account.grant(privilege, on.replace(quoted(database), quoted(`${database.slice(0, -1)}%`)));
    const options = { server, env: account.env };

    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: `cannot see the triggers of ${database}.`,
      hint: `ON ${quoted(escapePattern(database))}.* TO ${account.sqlName};`,
    });
    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    await expectWholeBackup(database, options);
    expect(await server.query(`SHOW GRANTS FOR ${account.sqlName}`)).toMatch(
      new RegExp(`DELETE.* ON .*${database.replace('_', '.+_')}`),
    );
  });

  test('of the same name at another host is refused what is only known of that one', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    const elsewhere = `'${account.user}'@'127.%'`;
    await account.grant('SELECT, SHOW VIEW, TRIGGER, EVENT', `${quoted(database)}.*`);
    await account.grant(...routinePrivilege(server, database));
    await server.sql(`CREATE USER ${elsewhere} IDENTIFIED BY 'right';`);
    onTestFinished(async () => {
      await server.sql(`DROP USER ${elsewhere};`);
    });
    if (server.flavour === 'mysql') await server.sql(`GRANT SELECT ON performance_schema.* TO ${elsewhere};`);
    const options = { server, env: account.env };

    // The server uses the grant of the one at %, but shows it to nobody else: it may be without TRIGGER.
    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: [`The account ${elsewhere}`, `cannot see the triggers of ${database}`],
      hint: `ON ${quoted(escapePattern(database))}.* TO ${elsewhere};`,
    });
    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    await expectWholeBackup(database, options);
  });

  test.runIf(server.flavour === 'mysql')('has no patterns in its grants with partial_revokes', async () => {
    await using own = await ownServer(server, ['--partial-revokes=ON']);
    await own.server.sql("CREATE DATABASE p_2; CREATE USER 'b'@'%' IDENTIFIED BY 'right';");
    await own.server.sql(everyKindSql(), 'p_2');
    await own.server.sql(
      "GRANT SELECT, SHOW VIEW, EVENT ON *.* TO 'b'@'%'; GRANT TRIGGER ON `p%`.* TO 'b'@'%'; GRANT TRIGGER ON `p\\_2`.* TO 'b'@'%';",
    );
    const options = {
      server: own.server,
      env: { DBBACKUP_USER: 'b', DBBACKUP_PASSWORD: 'right' },
    };

    const told = await expectFailure(['create', 'p_2'], options, {
      code: 'access-denied',
      message: "The account 'b'@'%' cannot see the triggers of p_2.",
      hint: "GRANT TRIGGER ON `p_2`.* TO 'b'@'%';",
    });
    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await own.server.sql(statement);
    await expectWholeBackup('p_2', options);

    await own.server.sql("REVOKE SELECT ON `p_2`.* FROM 'b'@'%';");
    await expectFailure(['create', 'p_2'], options, {
      code: 'access-denied',
      message: 'may not read',
      hint: "GRANT SELECT ON `p_2`.* TO 'b'@'%';",
    });
  });
});

describeOneServer('a backup by an account', (server) => {
  test('that may read an empty database is refused, unless it says --allow-empty', async () => {
    const database = await freshDatabase(server);

    await expectFailure(
      ['create', database],
      { server },
      {
        code: 'access-denied',
        message: `cannot see any table in ${database}.`,
        hint: `It may read all of ${database}, which is empty. If that is expected, add --allow-empty.`,
      },
    );
    await madeBackup(server, database, ['--allow-empty']);
  });

  test('that lacks several privileges is told all of them at once', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('SELECT', `${quoted(database)}.*`);
    const options = { server, env: account.env };

    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: ['view definitions', 'and it cannot see the triggers', 'and it cannot see the events'],
      hint: /^GRANT SHOW VIEW .*; GRANT TRIGGER .*; GRANT EVENT .*; GRANT .*;$/,
    });
    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    await madeBackup(server, database, [], options);
  });
});

async function expectWholeBackup(database: string, options: RunOptions): Promise<void> {
  const { stdout, exitCode, stderr } = await runDbbackup(['create', database, '--json'], options);
  expect(exitCode, stderr).toBe(0);
  const { backups } = JSON.parse(stdout) as { backups: { counts: object }[] };
  expect(backups.map(({ counts }) => counts)).toEqual([{ views: 1, routines: 2, triggers: 1, events: 1 }]);
}
