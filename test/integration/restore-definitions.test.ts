import { expect, test } from 'vitest';
import { backUp, expectSameDump, succeeds } from '../harness/backup.ts';
import { freshDatabase } from '../harness/database.ts';
import { runDbbackup } from '../harness/dbbackup.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';
import { plant } from '../harness/planted-backup.ts';
import type { TestServer } from '../harness/test-server.ts';

/** A backup with a table of an engine that no server has. A dump's own sql_mode lets servers take another one. */
async function withUnknownEngine(server: TestServer): Promise<{ database: string; path: string }> {
  const database = await freshDatabase(server, {
    sql: 'CREATE TABLE a (id INT) ENGINE=InnoDB; CREATE TABLE b (id INT) ENGINE=MyISAM; INSERT INTO b VALUES (1);',
  });
  const path = await backUp(server, database, ['--compress', 'none']);
  await plant(path, (sql) => sql.replace('ENGINE=MyISAM', 'ENGINE=NoSuch'));
  return { database, path };
}

function bothTexts(stderr: string): void {
  expect(stderr).toContain('After loading, the table b is not as the backup defines it. The backup says:');
  expect(stderr).toMatch(
    /The backup says:\s+CREATE TABLE `b` \([^]+ENGINE=NoSuch[^]+The server says:\s+CREATE TABLE `b` \([^]+ENGINE=InnoDB/,
  );
}

describeEachServer('a table that the server makes otherwise than the backup says', (server) => {
  test('ends the restore with the target as it was, and both texts', async () => {
    const { database, path } = await withUnknownEngine(server);
    const before = await server.dump(database);

    const { exitCode, stderr } = await runDbbackup(['restore', path, '--confirm', database], { server });

    expect(exitCode).toBe(20);
    bothTexts(stderr);
    expect(stderr).toContain(`${database} is as it was.`);
    expect(stderr).toContain('restore with --in-place, where a difference is a warning');
    expectSameDump(await server.dump(database), before);
  });

  test('is a warning with both texts in place', async () => {
    const { database, path } = await withUnknownEngine(server);

    const { stderr, stdout } = await succeeds(
      ['restore', path, '--confirm', database, '--in-place', '--json'],
      { server },
    );

    bothTexts(stderr);
    const { warnings } = JSON.parse(stdout) as { warnings: readonly string[] };
    expect(warnings.join('\n')).toContain('the table b is not as the backup defines it');
    expect(await server.query('SELECT id FROM b', database)).toBe('1');
  });
});
