import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { everyKindSql, newAccount, routinePrivilege } from '../../../harness/accounts.ts';
import { madeBackup } from '../../../harness/backups.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { testServers } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import { quoted } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

describe('a restore', () => {
  const server = testServers()[0]!;

  test('that cannot make a complete safety backup names the GRANT, and no option that restore does not have', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE one (id INT PRIMARY KEY);' });
    const path = await madeBackup(server, database);
    await server.sql('CREATE PROCEDURE of_somebody_else() SELECT 1;', database);
    const account = await newAccount(server);
    await account.grant('ALL PRIVILEGES', `${quoted(database)}.*`);
    await account.grant('SET USER', '*.*'); // so that it lacks nothing but the sight of the procedure
    const [privilege, on] = routinePrivilege(server, database);

    const { hint } = await expectFailure(
      ['restore', path, '--confirm', database],
      { server, env: account.env },
      {
        code: 'safety-backup-failed',
        message: 'cannot read all procedures and functions',
        hint: [`GRANT ${privilege} ON ${on} TO ${account.sqlName};`, '--no-safety-backup'],
      },
    );
    expect(hint).not.toContain('--skip');
  });

  test('over an event that hangs the dump tools names none either', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE one (id INT PRIMARY KEY);' });
    const path = await madeBackup(server, database);
    await server.sql("CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO SET @a = ';;';", database);

    const { hint } = await expectFailure(
      ['restore', path, '--confirm', database],
      { server },
      {
        code: 'safety-backup-failed',
        message: "The body of the event e contains ';;', which makes the dump tools hang.",
        hint: 'ALTER EVENT',
      },
    );
    expect(hint).not.toContain('--skip');
  });

  test('ends with an undo command that works from any folder', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const { folder, backups } = await workspace();
    await madeBackup(server, database);
    await server.sql('UPDATE one SET n = 99;', database);
    const restored = await runDbbackup(['restore', 'latest', '--confirm', database], { server });
    expect(restored.stdout).toContain(` --dir ${backups}`);
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);

    const [, ...undo] = restored.stdout.trim().split(' ');
    const { exitCode, stderr } = await runDbbackup(undo, { server, cwd: elsewhere });

    expect(exitCode, stderr).toBe(0);
    expect(await server.sql('SELECT SUM(n) FROM one', database)).toBe('198');
  });

  test('calls a backup outside of the backup directory by its path', async () => {
    const database = await freshDatabase(server, { sql: everyKindSql() });
    const path = await madeBackup(server, database, ['--output', 'mine.sql']);

    const { stdout } = await runDbbackup(['restore', 'mine.sql', '--dry-run'], { server });

    expect(stdout).toContain(`Restore ${path} into ${database} on `);
  });
});
