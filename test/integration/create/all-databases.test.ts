import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Health } from '../../../src/health/check-health.ts';
import type { Status } from '../../../src/jobs/record/status.ts';
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

  test('one that cannot ask which there are is on record, until one can', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { env } = await accountOf(server, [database]);
    const { folder } = await workspace();
    const metrics = join(folder, 'dbbackup.prom');
    const health = async () =>
      (JSON.parse((await runDbbackup(['health', '--json'])).stdout) as Health).checks.filter(
        ({ check, level }) => check === 'last-run' && level !== 'ok',
      );
    const all = ['create', '-A', '--label', 'nightly', '--metrics-file', metrics];
    await succeeds(all, { server, env });
    expect(await health()).toEqual([]);

    const refused = { server, env: { ...env, DBBACKUP_PASSWORD: 'canary' } };
    const { exitCode } = await runDbbackup(all, refused);
    expect(exitCode).toBe(12);
    expect(await health()).toMatchObject([
      {
        level: 'warning',
        message: expect.stringMatching(
          /^The last backup run of all databases on \S+ with the label nightly failed \(/,
        ),
      },
    ]);
    expect(await readFile(metrics, 'utf8')).toContain(
      `dbbackup_last_exit_code{database="${database}",label="nightly"} 12\n`,
    );
    const { stdout: status } = await succeeds(['status']);
    expect(status).toMatch(/^ {2}all databases on .*: create failed/m);
    const { problems } = JSON.parse((await succeeds(['status', '--json'])).stdout) as Status;
    expect(problems).toMatchObject([{ database: '', allDatabases: true, error: { code: 'access-denied' } }]);
    const one = await succeeds(['status', problems[0]!.id, '--log']);
    expect(one.stdout).toContain('create of all databases begins: ');
    expect(one.stdout).not.toContain('canary');

    const away = [...all, '--detach', '--host', '127.0.0.1', '--port', '1'];
    expect((await runDbbackup(away)).exitCode).toBe(14);
    expect(await health()).toHaveLength(2); // each server has its own
    await runDbbackup([...all, '--dry-run'], refused);
    await succeeds(all, { server, env });
    expect(await health()).toEqual([]);
    expect((await succeeds(['status', '--json'])).stdout).toContain('"problems":[]');
    // Two that are named have each a record, also where they wait for their turn.
    const two = [
      'create',
      database,
      'another',
      '--detach',
      '--label',
      'two',
      '--host',
      '127.0.0.1',
      '--port',
      '1',
    ];
    expect((await runDbbackup(two)).exitCode).toBe(14);
    expect(await health()).toMatchObject([{ database: 'another' }, { database }]);
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
