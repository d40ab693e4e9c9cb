import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { databaseToBeMade } from '../../../harness/database.ts';
import { succeeds } from '../../../harness/backup.ts';
import { PROGRAM } from '../../../harness/build.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { workspace } from '../../../harness/workspace.ts';

/** A dump in which a collation stands in a table, in a column, in a setting of a routine, and in a row. */
async function dumpWith(collation: string): Promise<string> {
  const path = join((await workspace()).folder, "blog's.sql");
  const lines = [
    '/*!40101 SET NAMES utf8mb4 */;',
    `CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(50) CHARACTER SET utf8mb4 COLLATE ${collation}) DEFAULT CHARSET=utf8mb4 COLLATE=${collation};`,
    `INSERT INTO t VALUES (1,'${collation}'),`,
    `(2,'x ${collation}');`,
    `/*!50003 SET collation_connection  = ${collation} */ ;`,
    'DELIMITER ;;',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1 ;;',
    'DELIMITER ;',
    '-- Dump completed on 2026-01-01  0:00:00',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** What only the other of the two has; MariaDB 11.8 has those of both. */
function foreignCollation({ flavour, version }: TestServer): string | undefined {
  if (flavour === 'mysql') return 'utf8mb4_uca1400_ai_ci';
  return version.startsWith('10.') ? 'utf8mb4_0900_ai_ci' : undefined;
}

describeEachServer('a dump with a collation that the server does not have', (server) => {
  test('is refused before anything is touched, with the command that replaces it outside of the rows', async () => {
    const target = databaseToBeMade(server);
    const collation = foreignCollation(server) ?? 'utf8mb4_0900_ai_ci';
    const path = await dumpWith(collation);
    const rows = `1\t${collation}\n2\tx ${collation}`;
    if (foreignCollation(server) === undefined) {
      await succeeds(['restore', path, '--to', target], { server });
      expect(await server.query('SELECT * FROM t', target)).toBe(rows);
      return;
    }

    const { message, hint } = await expectFailure(
      ['restore', path, '--to', target],
      { server },
      {
        code: 'restore-failed',
        message: [`does not have the collation ${collation} of M`, 'Nothing was changed.'],
        hint: 'replace it while restoring',
      },
    );
    expect(message).not.toContain('Loading failed');
    expect(await server.query(`SHOW DATABASES LIKE '${target}'`)).toBe('');

    const [, command = ''] = /slightly differently\): (.*)$/.exec(hint) ?? [];
    const { folder } = await workspace();
    await execa(command.replace('| dbbackup ', `| node ${PROGRAM} `), {
      shell: true,
      cwd: folder,
      env: server.environment,
    });
    expect(await server.query('SELECT * FROM t', target)).toBe(rows);
    expect(await server.query('SHOW CREATE TABLE t', target)).toContain('utf8mb4_unicode_520_ci');
  });

  test('that nobody has is refused by its name', async () => {
    const target = databaseToBeMade(server);

    await expectFailure(
      ['restore', await dumpWith('utf8mb4_nosuch_ci'), '--to', target],
      { server },
      {
        code: 'restore-failed',
        message: 'does not have the collation utf8mb4_nosuch_ci. Nothing was changed.',
        hint: 'Restore to a server of the version that the backup came from, or newer.',
      },
    );
  });
});
