import { expect, test } from 'vitest';
import { everyKindSql, newAccount, routinePrivilege } from '../../../harness/accounts.ts';
import type { TestAccount } from '../../../harness/accounts.ts';
import { contentOf, filesOfBackups, madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';

/** What a restore, safety backup included, needs on the database that it replaces. */
const NEEDED = [
  ...['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'],
  ...['CREATE', 'DROP', 'ALTER', 'INSERT', 'INDEX', 'REFERENCES', 'LOCK TABLES'],
  ...['CREATE VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE'],
];

/** May do all that a restore needs, but for what the test is about. */
async function restorer(
  server: TestServer,
  database: string,
  { without, functions = true }: { without?: string; functions?: boolean } = {},
): Promise<TestAccount> {
  const account = await newAccount(server);
  await account.grant(NEEDED.filter((each) => each !== without).join(', '), `${quoted(database)}.*`);
  await account.grant(...routinePrivilege(server, database));
  // MySQL writes a binary log unless told not to; see below for who lacks this.
  if (server.flavour === 'mysql' && functions) await account.grant('SUPER', '*.*');
  return account;
}

describeEachFlavour('a restore by an account', (server, servers) => {
  test('that has just what it needs brings everything back', async () => {
    const database = await freshDatabase(server);
    const account = await restorer(server, database);
    await server.sql(everyKindSql(account.sqlName), database);
    const options = { server, env: account.env };
    const path = await madeBackup(server, database, [], options);
    const before = await contentOf(server, database);
    await server.sql('DROP TABLE two; DROP VIEW a_view; CREATE TABLE since (id INT);', database);

    const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], options);

    expect(exitCode, stderr).toBe(0);
    expect(await contentOf(server, database)).toBe(before);
  });

  // That the others are enough is proven above, on each; servers list them in the same words.
  const each = ['DROP', 'INSERT', 'CREATE VIEW', 'ALTER ROUTINE', 'REFERENCES', 'LOCK TABLES'];
  test.each(each.filter((privilege) => isTurnOf(privilege, server, servers)))(
    'that lacks %s is refused before anything is touched',
    async (without) => {
      const database = await freshDatabase(server);
      const account = await restorer(server, database, { without });
      await server.sql(everyKindSql(account.sqlName), database);
      const path = await madeBackup(server, database);
      const before = { content: await contentOf(server, database), files: await filesOfBackups() };
      const options = { server, env: account.env };

      const { hint } = await expectFailure(['restore', path, '--confirm', database], options, {
        code: 'access-denied',
        message: `The account ${account.sqlName} may not restore ${database}: it lacks ${without}. Nothing was touched.`,
        hint: `GRANT ${without} ON ${quoted(database)}.* TO ${account.sqlName};`,
      });
      expect({ content: await contentOf(server, database), files: await filesOfBackups() }).toEqual(before);

      await server.sql(hint);
      expect(await runDbbackup(['restore', path, '--confirm', database], options)).toMatchObject({
        exitCode: 0,
      });
    },
  );

  test('that sees an empty database and has no privilege on it is told which it needs', async () => {
    const path = await madeBackup(server, await freshDatabase(server, { sql: 'CREATE TABLE t (id INT);' }));
    const database = await freshDatabase(server);
    const account = await newAccount(server);
    await account.grant('SHOW DATABASES', '*.*');

    const options = { server, env: account.env };

    for (const table of [[], ['--table', 't']])
      await expectFailure(['restore', path, '--to', database, ...table], options, {
        code: 'access-denied',
        message: [
          `The account ${account.sqlName} may not restore ${database}: it lacks `,
          /lacks .*\bCREATE,/,
        ],
        hint: [/GRANT .*\bCREATE,/, `TO ${account.sqlName};`],
      });
  });

  test('that may not create objects owned by others is refused before anything is touched', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql("'root'@'localhost'") });
    const account = await restorer(server, database, { functions: false });
    const path = await madeBackup(server, database);
    const before = { content: await contentOf(server, database), files: await filesOfBackups() };
    const options = { server, env: account.env };

    const { hint } = await expectFailure(['restore', path, '--confirm', database], options, {
      code: 'access-denied',
      message: [
        `The account ${account.sqlName} may not restore ${database}: it may not create objects owned by 'root'@'localhost'`,
        'Nothing was touched.',
      ],
      hint: `GRANT ${server.flavour === 'mysql' ? 'SET_ANY_DEFINER' : 'SET USER'} ON *.* TO ${account.sqlName};`,
    });
    expect({ content: await contentOf(server, database), files: await filesOfBackups() }).toEqual(before);
    await account.grant('ALL', '`dbbackup\\_%`.*');
    const rehearsed = await runDbbackup(['verify', path, '--rehearse'], options);
    expect(rehearsed.exitCode, rehearsed.stderr).toBe(12);
    expect(rehearsed.stderr).toContain(
      `The account ${account.sqlName} may not rehearse ${path}: it may not create objects owned by 'root'@'localhost'`,
    );
    expect(rehearsed.stderr).toContain(hint);

    // The server that all tests share stays as it is: the account gets SUPER instead of the server's trust.
    if (server.flavour === 'mysql') expect(hint).toContain('SET GLOBAL log_bin_trust_function_creators = 1;');
    for (const [statement] of hint.matchAll(/GRANT [^;]+;/g)) await server.sql(statement);
    if (server.flavour === 'mysql') await account.grant('SUPER', '*.*');
    const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], options);
    expect(exitCode, stderr).toBe(0);
    expect(await contentOf(server, database)).toBe(before.content);
  });

  test('that may not see a foreign key from another database tells that it followed the old table', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE parents (id INT PRIMARY KEY);' });
    const elsewhere = await freshDatabase(server, {
      sql: `CREATE TABLE refers (id INT, CONSTRAINT to_parents FOREIGN KEY (id) REFERENCES ${database}.parents (id));`,
    });
    const account = await restorer(server, database);
    await account.grant('ALL', '`dbbackup\\_%`.*');
    const path = await madeBackup(server, database);
    const args = ['restore', path, '--confirm', database, '--json'];

    const { exitCode, stdout, stderr } = await runDbbackup(args, { server, env: account.env });

    expect(exitCode, stderr).toBe(0);
    const { warnings } = JSON.parse(stdout) as { warnings: readonly string[] };
    expect(warnings).toEqual([
      expect.stringContaining(
        `A table of another database has a foreign key to a table of ${database}, which could not be seen before. It followed the old table into dbbackup_old_`,
      ),
    ]);
    const found = await server.query(/SELECT .* = '\w+'/.exec(warnings[0]!)![0]);
    expect(found).toContain(`${elsewhere}\tto_parents`);
    const doctor = await runDbbackup(['doctor', elsewhere, '--quiet'], { server });
    expect(doctor.stdout).toContain(
      'It referred to a table of another database, which has been restored since.',
    );
    expect(doctor.stdout).toContain('REFERENCES `<the database that has it>`.`parents` (`id`)');
    await server.sql(
      `SET foreign_key_checks = 0; ALTER TABLE refers DROP FOREIGN KEY to_parents;
       ALTER TABLE refers ADD CONSTRAINT to_parents FOREIGN KEY (id) REFERENCES ${database}.parents (id);`,
      elsewhere,
    );

    // To an account that sees it the restore goes another way.
    await account.grant('ALL', `${quoted(elsewhere)}.*`);
    const seen = await runDbbackup(args, { server, env: account.env });
    expect(JSON.parse(seen.stdout)).toMatchObject({ restored: { method: 'in-place' }, warnings: [] });
    expect(await server.query('SHOW CREATE TABLE refers', elsewhere)).toContain(
      `REFERENCES ${quoted(database)}.`,
    );
  });
});
