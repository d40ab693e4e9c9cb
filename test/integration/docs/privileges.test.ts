import { expect, test } from 'vitest';
import { everyKindSql, newAccount } from '../../harness/accounts.ts';
import type { TestAccount } from '../../harness/accounts.ts';
import { contentOf, madeBackup } from '../../harness/backups.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';
import { blocksBelow } from '../../harness/pages.ts';
import { quoted } from '../../harness/test-server.ts';
import type { TestServer } from '../../harness/test-server.ts';

const [EVERY = '', ONE = '', RESTORE = ''] = blocksBelow('docs/connection.md', 'Privileges', 'sql');

describeEachServer('the documented privileges', (server) => {
  test.each([
    { title: 'every database', block: EVERY },
    { title: 'one database', block: ONE },
  ])('are enough for backups of $title', async ({ block }) => {
    const database = await freshDatabase(server, { sql: everyKindSql("'root'@'localhost'") });
    const { env } = await accountWith(block, server, database);

    const path = await madeBackup(server, database, [], { server, env });
    const { backups } = JSON.parse((await runDbbackup(['list', '--json'])).stdout) as { backups: object[] };
    expect(backups).toMatchObject([
      { path, warnings: [], counts: { views: 1, routines: 2, triggers: 1, events: 1 } },
    ]);
  });

  test('are enough for a restore, of what belongs to others, too', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql("'root'@'localhost'") });
    const { env } = await accountWith(RESTORE, server, database);
    const path = await madeBackup(server, database);
    const before = await contentOf(server, database);
    await server.sql(
      'DROP TABLE two; DROP VIEW a_view; DROP PROCEDURE a_procedure; CREATE TABLE since (id INT);',
      database,
    );

    const planned = await runDbbackup(['restore', path, '--dry-run', '--json'], { server, env });
    expect(JSON.parse(planned.stdout)).toMatchObject({ plan: { method: 'staging' } });
    const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], { server, env });

    expect(exitCode, stderr).toBe(0);
    expect(await contentOf(server, database)).toBe(before);
  });
});

/** An account with the GRANTs of a block whose comment is for this server, or that have none. */
async function accountWith(block: string, server: TestServer, database: string): Promise<TestAccount> {
  const account = await newAccount(server);
  const grants = [...block.matchAll(/^GRANT (.*) ON (\S+) TO '\w+'@'localhost';(?: +-- (.*))?$/gm)];
  expect(grants.length).toBeGreaterThan(0);
  for (const [, privileges = '', on = '', remark = ''] of grants) {
    if (isFor(server, remark)) await account.grant(privileges, on.replace(/^shop\./, `${quoted(database)}.`));
  }
  return account;
}

function isFor({ flavour, version }: TestServer, remark: string): boolean {
  const [, name, when] = /^(MySQL|MariaDB)(?: (11\.3 and later|before 11\.3))?/.exec(remark) ?? [];
  if (name === undefined) return true;
  if (name.toLowerCase() !== flavour) return false;
  return when === undefined || when.startsWith('before') === version.startsWith('10.');
}
