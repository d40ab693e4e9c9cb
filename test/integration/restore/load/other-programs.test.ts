import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workbenchScript } from '../../../fixtures/programs/workbench.ts';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { expectSameDump, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import {
  describeEachFlavour,
  describeEachServer,
  describeOneServer,
} from '../../../harness/describe-each-server.ts';
import { expectLikeStockClient } from '../../../harness/stock-load.ts';
import { workspace } from '../../../harness/workspace.ts';

/** Their files have no end line. */
const WHOLE = '--allow-incomplete';

describeEachFlavour('restore of a script of MySQL Workbench', (server) => {
  test('makes what the stock client makes of it, beside the target, and says what it leaves out', async () => {
    const { stderr } = await expectLikeStockClient(server, workbenchScript, [WHOLE]);

    expect(stderr).not.toContain('in place');
    expect(stderr).toMatch(/DROP DATABASE `test_\w+` \(the restore replaces the contents of its target\)/);
    expect(stderr).toContain("the dump's own database name in front of its tables");
  });

  test('in place is the same', async () => {
    await expectLikeStockClient(server, workbenchScript, [WHOLE, '--in-place']);
  });
});

describeEachFlavour('restore of a dump with --add-drop-database', (server) => {
  test('drops nothing, and says so', async () => {
    const source = await freshDatabase(server, { sql: SHOP_SQL });
    const target = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'dropping.sql');
    const dump = await server.stockDump(source, ['--add-drop-database', '--databases']);
    await writeFile(path, dump);
    expect(dump.toString()).toContain(`DROP DATABASE IF EXISTS \`${source}\``);
    const before = await server.dump(source);

    const { stdout } = await succeeds(['restore', path, '--to', target, '--dry-run'], { server });
    await succeeds(['restore', path, '--to', target], { server });

    expect(stdout).toContain(`DROP DATABASE \`${source}\``);
    expectSameDump(await server.dump(target), before);
    expectSameDump(await server.dump(source), before);
  });
});

describeOneServer('users and grants in a file', (server) => {
  test('are refused with the way out, and left out with --skip-accounts', async () => {
    const [source, target] = [databaseToBeMade(server), databaseToBeMade(server)];
    const path = join((await workspace()).folder, 'accounts.sql');
    await writeFile(path, workbenchScript(source, { accounts: true }));
    const made = (): Promise<string> =>
      server.query("SELECT COUNT(*) FROM mysql.user WHERE user = 'nobody_of_workbench'");

    const refused = await runDbbackup(['restore', path, '--to', target, WHOLE], { server });

    expect(refused.exitCode).toBe(19);
    expect(refused.stderr).toContain('drops a user');
    expect(refused.stderr).toContain("creates a user, which is not part of a database: CREATE USER '…'");
    expect(refused.stderr).toContain('grants privileges');
    expect(refused.stderr).toContain('--skip-accounts');
    const verified = await runDbbackup(['verify', path, WHOLE], { server });
    expect(verified.stderr + verified.stdout).toContain('--skip-accounts');

    const { stderr } = await succeeds(['restore', path, '--to', target, WHOLE, '--skip-accounts'], {
      server,
    });
    await succeeds(['verify', path, WHOLE, '--skip-accounts'], { server });

    expect(stderr).toContain('users and grants (--skip-accounts)');
    expect(await server.countRows(target, 'customer')).toBe(2);
    expect(await made()).toBe('0');
  });
});

/** What ends up in the file where stderr goes there as well. */
const MESSAGES = [
  [
    'in front',
    (dump: string) =>
      `mysqldump: [Warning] Using a password on the command line interface can be insecure.\n${dump}`,
    1,
  ],
  [
    'of a program of another name',
    (dump: string) =>
      `/usr/bin/mysqldump: Deprecated program name. It will be removed in a future release, use '/usr/bin/mariadb-dump' instead\n${dump}`,
    1,
  ],
  [
    'with the line ends of a terminal',
    (dump: string) => `mysqldump: [Warning] Using a password\n${dump}`.replaceAll('\n', '\r\n'),
    1,
  ],
  [
    'among statements',
    (dump: string) =>
      dump.replace('\nUNLOCK TABLES;\n', "\nUNLOCK TABLES;\nmysqldump: Couldn't execute 'x'\n"),
    undefined,
  ],
  ['behind the end', (dump: string) => `${dump}mysqldump: Got error: 2013\n`, undefined],
] as const;

describeOneServer('a message of the dump tool in its file', (server) => {
  test.each(MESSAGES)('%s is named with its line, and nothing else is', async (_title, withMessage, line) => {
    const source = await freshDatabase(server, { sql: SHOP_SQL });
    const target = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'noisy.sql');
    const text = withMessage((await server.stockDump(source)).toString('latin1'));
    await writeFile(path, text, 'latin1');
    const number = line ?? text.split('\n').findIndex((each) => each.startsWith('mysqldump: ')) + 1;

    for (const command of [
      ['restore', path, '--to', target],
      ['verify', path],
    ]) {
      const { exitCode, stderr, stdout } = await runDbbackup(command, { server });

      expect(exitCode).toBe(16);
      expect(stdout + stderr).toContain(
        `${path}: line ${number} is a message from mysqldump, not SQL; remove it.`,
      );
      expect(stdout + stderr).not.toMatch(/does not end|reach outside|cannot be parsed/);
    }
  });
});

describeOneServer("mysqlpump's names in full", (server) => {
  const pumped = (database: string): string =>
    [
      '-- Dump created by MySQL pump utility, version: 5.7.44, linux-glibc2.12 (x86_64)',
      `CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${database}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;`,
      `CREATE TABLE \`${database}\`.\`t\` (`,
      '`id` int NOT NULL,',
      '`word` varchar(20) DEFAULT NULL',
      ') ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
      ';',
      `INSERT INTO \`${database}\`.\`t\` VALUES (1,"one"),(2,"two; \\"");`,
      `USE \`${database}\`;`,
      `ALTER TABLE \`${database}\`.\`t\` ADD PRIMARY KEY (\`id\`);`,
      '-- Dump end time: Sun Mar  3 12:00:00 2024',
      '',
    ].join('\n');

  test('of its own database go where the restore says', async () => {
    await expectLikeStockClient(server, pumped, [WHOLE]);
  });

  test('of another database are refused, naming it', async () => {
    const target = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'pumped.sql');
    const text = pumped('crm')
      .split('\n')
      .filter((line) => !/^(?:CREATE DATABASE|USE)/.test(line));
    await writeFile(path, text.join('\n'));

    const { exitCode, stderr } = await runDbbackup(['restore', path, '--to', target, WHOLE], { server });

    expect(exitCode).toBe(19);
    expect(stderr).toContain('creates crm.t, in another database');
  });
});

describe('settings of the whole server', () => {
  describeEachServer('in a dump of SQLyog', (server) => {
    test('are left as they are, and that is said', async () => {
      const globals = (): Promise<string> =>
        server.query('SELECT @@GLOBAL.event_scheduler, @@GLOBAL.log_bin_trust_function_creators');
      const before = await globals();
      const text = (database: string): string =>
        [
          `CREATE DATABASE \`${database}\`;`,
          `USE \`${database}\`;`,
          'CREATE TABLE t (a INT, b VARCHAR(9));',
          'SET SQL_MODE = DEFAULT;',
          "INSERT INTO t VALUES (1, 'x'), (0, '');",
          'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1;',
          'CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 2;',
          '',
        ].join('\n');
      // Without those lines: the stock client would change the server of all tests.
      const { stderr } = await expectLikeStockClient(server, text, [WHOLE]);
      expect(stderr).not.toContain('in place');
      const target = databaseToBeMade(server);
      const path = join((await workspace()).folder, 'globals.sql');
      await writeFile(
        path,
        `SET GLOBAL event_scheduler = OFF;\nSET GLOBAL log_bin_trust_function_creators = 1;\n${text('any')}`,
      );

      const { stdout } = await succeeds(['restore', path, '--to', target, WHOLE, '--dry-run'], { server });
      await succeeds(['restore', path, '--to', target, WHOLE], { server });

      expect(stdout).toContain(
        "SET GLOBAL event_scheduler (a restore does not change the server's settings)",
      );
      expect(stdout).toContain('SET GLOBAL log_bin_trust_function_creators');
      expect(await globals()).toBe(before);
    });
  });
});
