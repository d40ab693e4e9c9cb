import { expect, test } from 'vitest';
import { everyKindSql, newAccount, routinePrivilege } from '../harness/accounts.ts';
import type { TestAccount } from '../harness/accounts.ts';
import { filesOfBackups, madeBackup } from '../harness/backups.ts';
import { freshDatabase } from '../harness/database.ts';
import { runDbbackup } from '../harness/dbbackup.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';
import { expectFailure } from '../harness/failure.ts';
import { quoted } from '../harness/test-server.ts';
import type { TestServer } from '../harness/test-server.ts';

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
  test.each([
    { lacks: 'tables', problem: (db: string) => `may not read two of ${db}` },
    { lacks: 'views', problem: (db: string) => `may not read the definition of views of ${db}` },
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
  ] as const)(
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
        message: [`The account ${account.sqlName} ${problem(database)}`, 'The backup would not be complete.'],
        hint: 'option' in row ? [grant, `Or leave them out: ${row.option}`] : grant,
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

  test('that sees no table is refused, unless it is said to be right', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const account = await newAccount(server);
    await account.grant('EXECUTE', `${quoted(database)}.*`);
    const options = { server, env: account.env };

    const told = await expectFailure(['create', database], options, {
      code: 'access-denied',
      message: `The account ${account.sqlName} sees no table in ${database}.`,
      hint: `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON ${quoted(database)}.* TO ${account.sqlName};`,
    });
    expect(await filesOfBackups()).toEqual({});

    await server.sql(told.hint);
    await account.grant(...routinePrivilege(server, database));
    await madeBackup(server, database, [], options);
  });

  test('that may read an empty database is refused, unless it says --allow-empty', async () => {
    const database = await freshDatabase(server);

    await expectFailure(
      ['create', database],
      { server },
      {
        code: 'access-denied',
        message: `sees no table in ${database}.`,
        hint: `It may read all of ${database}, which is empty: if that is expected, add --allow-empty.`,
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
      message: ['definition of views', 'and it cannot see the triggers', 'and it cannot see the events'],
      hint: /^GRANT SHOW VIEW .*; GRANT TRIGGER .*; GRANT EVENT .*; GRANT .*;$/,
    });
    for (const [statement] of told.hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    await madeBackup(server, database, [], options);
  });
});
