import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../../fixtures/shop.ts';
import { newAccount } from '../../../harness/accounts.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import type { RunOptions } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { workspace } from '../../../harness/workspace.ts';

interface Plan {
  readonly method: string;
  readonly methodReason?: string;
}

async function planned(
  backup: string,
  database: string,
  options: RunOptions,
  args: readonly string[] = [],
): Promise<Plan> {
  const { stdout } = await succeeds(
    ['restore', backup, '--to', database, ...args, '--dry-run', '--json'],
    options,
  );
  const { method, methodReason } = (JSON.parse(stdout) as { plan: Plan }).plan;
  return { method, ...(methodReason === undefined ? {} : { methodReason }) };
}

async function restored(backup: string, database: string, options: RunOptions): Promise<string> {
  const args = ['restore', backup, '--to', database, '--confirm', database, '--no-safety-backup', '--json'];
  const { stdout } = await succeeds(args, options);
  return (JSON.parse(stdout) as { restored: Plan }).restored.method;
}

describeOneServer('the way a restore goes', (server) => {
  test('is in place for an account without rights on staging schemas, and beside the target after the GRANT that the plan names', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    const account = await newAccount(server);
    await account.grant('ALL', `${database}.*`);
    // Whose programs are root's; and what a server with a binary log wants of those who make functions.
    await account.grant(
      server.flavour === 'mysql' ? 'SET_ANY_DEFINER, SYSTEM_USER, SUPER' : 'SET USER',
      '*.*',
    );
    if (server.flavour === 'mysql') await account.grant('ALLOW_NONEXISTENT_DEFINER', '*.*');
    const options = { server, env: account.env };

    const plan = await planned(backup, database, options);
    expect(plan.method).toBe('in-place');
    const [, grant = ''] = /^the account may not create a staging schema\. To allow it: (GRANT .*;)$/.exec(
      plan.methodReason!,
    )!;
    expect(await restored(backup, database, options)).toBe('in-place');
    expectSameDump(await server.dump(database), before);

    await server.sql(grant);
    expect(await planned(backup, database, options)).toEqual({ method: 'staging' });
    expect(await restored(backup, database, options)).toBe('staging');
    expectSameDump(await server.dump(database), before);
  });

  test('drops nothing in place for an account that may not have as many connections as the load needs', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT); INSERT INTO t VALUES (1);',
    });
    const backup = await backUp(server, database);
    const account = await newAccount(server, 'WITH MAX_USER_CONNECTIONS 3');
    await account.grant('ALL', '*.*');

    const { exitCode, stderr } = await runDbbackup(
      ['restore', backup, '--confirm', database, '--in-place', '--no-safety-backup'],
      { server, env: account.env },
    );

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain('accepts no more connections');
    expect(stderr).toContain(`${database} is unchanged.`);
    expect(await server.query('SELECT id FROM t', database)).toBe('1');
    expect((await succeeds(['create', database], { server })).stderr).not.toContain('was interrupted');
  });

  test('is in place where a table of another database refers to the target, which --to avoids', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const backup = await backUp(server, database);
    const other = await freshDatabase(server, {
      sql: `CREATE TABLE bills (id INT PRIMARY KEY, customer INT, FOREIGN KEY (customer) REFERENCES ${database}.customers (id));
        INSERT INTO bills VALUES (1, 1);`,
    });

    expect(await planned(backup, database, { server })).toEqual({
      method: 'in-place',
      methodReason: `the table ${other}.bills, which stays, has a foreign key to customers`,
    });
    expect(await restored(backup, database, { server })).toBe('in-place');
    expect(await server.query('SHOW CREATE TABLE bills', other)).toContain(
      `REFERENCES \`${database}\`.\`customers\``,
    );
    await expect(server.query('INSERT INTO bills VALUES (2, 99)', other)).rejects.toThrow(
      'foreign key constraint',
    );
    expect(await planned(backup, other, { server }, ['--keep-extra'])).toEqual({ method: 'staging' });
  });

  test('is in place with --in-place, and for tables that name the tables beside them', async () => {
    const database = await freshDatabase(server, {
      sql: `CREATE TABLE one (id INT, KEY (id)) ENGINE = MyISAM; CREATE TABLE two LIKE one;
        INSERT INTO one VALUES (1); INSERT INTO two VALUES (2);`,
    });
    const backup = await backUp(server, database);
    expect(await planned(backup, database, { server })).toEqual({ method: 'staging' });
    expect(await planned(backup, database, { server }, ['--in-place'])).toEqual({
      method: 'in-place',
      methodReason: '--in-place was given',
    });

    await server.sql('CREATE TABLE merged (id INT, KEY (id)) ENGINE = MERGE UNION = (one, two);', database);
    const before = await server.dump(database);
    expect(await planned(backup, database, { server })).toEqual({
      method: 'in-place',
      methodReason: expect.stringMatching(/^merged is a table of the engine MRG_MYISAM$/i) as string,
    });
    const merging = await backUp(server, database);
    await server.sql('DELETE FROM one;', database);
    expect(await restored(merging, database, { server })).toBe('in-place');
    expectSameDump(await server.dump(database), before);
    expect(await server.query('SELECT id FROM merged ORDER BY id', database)).toBe('1\n2');
  });

  test('is in place for a file that is not understood to its end, whose statements may name the target', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE stays (id INT PRIMARY KEY);' });
    const file = join((await workspace()).folder, 'names-the-target.sql');
    const text = `CREATE TABLE \`t\` (\`a\` int);\nINSERT INTO \`t\` VALUES (1);\nTRUNCATE TABLE \`${database}\`.\`t\`;\n-- Dump completed\n`;
    await writeFile(file, text);

    expect(await planned(file, database, { server })).toEqual({
      method: 'in-place',
      methodReason: 'line 3 empties a table that was filled before, so the dump cannot be split',
    });
    expect(await restored(file, database, { server })).toBe('in-place');
    expect(await server.query('SHOW TABLES', database)).toBe('t');
  });
});
