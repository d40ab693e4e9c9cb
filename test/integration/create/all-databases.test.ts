import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { newAccount, routinePrivilege } from '../../harness/accounts.ts';
import type { TestAccount } from '../../harness/accounts.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { workspace } from '../../harness/workspace.ts';

describeOneServer('create of all databases', (server) => {
  test('takes an empty one that the account may read, and says that it is empty', async () => {
    const full = await freshDatabase(server, { sql: SHOP_SQL });
    const empty = await freshDatabase(server);
    const { env } = await accountOf(server, [full, empty]);

    const { stdout, stderr } = await succeeds(['create', '--all-databases'], { server, env });

    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toContain(`${empty} backed up: it is empty, `);
    await expectFailure(
      ['create', empty],
      { server, env },
      { code: 'access-denied', message: 'cannot see any table', hint: '--allow-empty' },
    );
  });

  test('takes none for empty that the account may not read, and backs up the others', async () => {
    const full = await freshDatabase(server, { sql: SHOP_SQL });
    const hidden = await freshDatabase(server, { sql: SHOP_SQL });
    const account = await accountOf(server, [full]);
    await account.grant('EXECUTE', `${hidden}.*`);

    const { exitCode, stdout, stderr } = await runDbbackup(['create', '-A'], { server, env: account.env });

    expect(exitCode, stderr).toBe(3);
    expect(stdout).toMatch(new RegExp(`^/[^\n]*/${full}/[^\n]*\n$`));
    expect(stderr).toContain(`${hidden}: The account`);
    expect(stderr).toContain(`GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON ${quoted(hidden)}.*`);
  });

  test('shows with --dry-run what it would do with each, also behind one that fails', async () => {
    const [a, b] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: SHOP_SQL }),
    ];

    const text = await runDbbackup(['create', a, 'not_there', b, '--dry-run'], { server });
    const json = await runDbbackup(['create', a, 'not_there', b, '--dry-run', '--json'], { server });

    expect(text.exitCode).toBe(3);
    expect(text.stdout.match(/^Back up .*/gm)).toEqual([`Back up ${a}`, `Back up ${b}`]);
    expect(text.stderr).toContain('not_there: There is no database not_there');
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      exitCode: 3,
      dryRun: true,
      plans: [{ database: a }, { database: b }],
      failures: [{ database: 'not_there', error: { code: 'not-found' } }],
    });
    expect(existsSync((await workspace()).backups)).toBe(false);
  });

  test('tells of each when it is made, and names the one at which it is', async () => {
    const [a, b] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: 'CREATE TABLE held (id INT);' }),
    ];
    const release = await holdTable(server, b, 'held');
    const run = await startDbbackup(['create', a, b], { server });

    const [first] = (await once(run.stdout, 'data')) as [Buffer | string];
    expect(String(first)).toMatch(new RegExp(`^/.*/${a}/.*\\.sql\\.gz\n$`));
    await waitFor('the second dump to wait', () => waitingConnection(server, b));
    await release();

    const { exitCode, stdout, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(
      new RegExp(
        `Creating database backup\\.\\.\\. 1 of 2: ${a}\n.* ${a} backed up: .*\n.* Creating database backup\\.\\.\\. 2 of 2: ${b}\n`,
      ),
    );
  });

  test('leaves out a name that no folder can have, before anything is done', async () => {
    const name = await freshDatabase(server, { name: '中'.repeat(29) });

    await expectFailure(
      ['create', name],
      { server },
      {
        code: 'no-space',
        message: 'is too long for a directory name: encoded, it has 261 bytes, and file systems allow 255',
        hint: 'or use --output',
      },
    );
    expect(existsSync((await workspace()).backups)).toBe(false);
  });
});

/** An account that sees these databases only. */
async function accountOf(server: TestServer, databases: readonly string[]): Promise<TestAccount> {
  const account = await newAccount(server);
  for (const database of databases) {
    await account.grant('ALL PRIVILEGES', `${database}.*`);
    await account.grant(...routinePrivilege(server, database));
  }
  return account;
}
