import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { backUp, manifestOf, succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachFlavour, describeOneServer } from '../../harness/describe-each-server.ts';
import { plant } from '../../harness/planted-backup.ts';

describeEachFlavour('the views of a rehearsed backup', (server) => {
  test('are as they were, however a server prints them', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await server.sql(
      `CREATE TABLE a (x INT PRIMARY KEY, y VARCHAR(20)); CREATE TABLE b (x INT PRIMARY KEY);
       CREATE VIEW comma AS SELECT a.x FROM a, b WHERE a.x = b.x;
       CREATE VIEW nested AS SELECT a.x + (b.x * 2) AS s FROM (a, b) LEFT JOIN customers c ON (c.id = a.x AND (b.x OR a.x)), a AS d WHERE NOT (a.x IN (1, 2) AND (b.x = 3 OR d.x = 1));
       CREATE VIEW subquery AS SELECT (SELECT COUNT(*) FROM b) AS n, q.x FROM (SELECT x FROM a WHERE y LIKE '%(%') q;
       CREATE VIEW united AS (SELECT x FROM a) UNION ALL (SELECT x FROM b ORDER BY x LIMIT 1);
       CREATE VIEW cased AS SELECT CASE a.x WHEN 1 THEN ((1 + 2) * 3) ELSE CAST(y AS CHAR(3)) END AS k FROM a;
       CREATE VIEW checked AS SELECT x FROM a WHERE ((x > 0 AND x < 9) OR x IS NULL) WITH CHECK OPTION;
       CREATE VIEW elsewhere AS SELECT a.x FROM a JOIN mysql.help_topic h ON h.help_topic_id = a.x;`,
      database,
    );

    await succeeds(['verify', '--rehearse', await backUp(server, database)], { server });
  });

  test('that a server makes otherwise than the backup says are told, with the words that differ', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = await backUp(server, database, ['--compress', 'none']);
    // No server says ALL again.
    await plant(path, (sql) => sql.replace(/(VIEW `turnover` AS .*)count\(0\)/i, '$1count(ALL 1)'));

    const { exitCode, stderr } = await runDbbackup(['verify', '--rehearse', path], { server });

    expect(exitCode, stderr).toBe(20);
    expect(stderr).toContain('After loading, the view turnover differs from its definition in the backup:');
    expect(stderr).toMatch(/the backup says: .*count ALL 1 .*\n.*the server says: .*count 1 /i);
  });
});

describeOneServer('the views of a backup of an earlier release', (server) => {
  test('are not compared with what it did not know', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE a (x INT); CREATE TABLE b (x INT); CREATE VIEW w AS SELECT a.x FROM a, b WHERE a.x = b.x;',
    });
    const path = await backUp(server, database);
    const { storedObjects: _later, ...manifest } = await manifestOf(path);
    await writeFile(path.replace(/\.sql\.gz$/, '.json'), JSON.stringify(manifest));

    await succeeds(['verify', '--rehearse', path], { server });
  });
});
