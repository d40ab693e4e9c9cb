import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, expectSameDump, restore } from '../../../harness/backup.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { expectToldInJson } from '../../../harness/failure.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { mountedTmpfs } from '../../../harness/tmpfs.ts';

/** About 12 MB on the server. */
const ROWS = 50_000;
/** What is left on the disk is enough for the server itself, but not for a second copy of the table. */
const LEFT_BYTES = 7 * 2 ** 20;

const OPTIONS = {
  mariadb: [],
  mysql: ['--skip-log-bin', '--innodb-redo-log-capacity=8M'],
} as const;

describeEachFlavour('a server whose disk is full', (server) => {
  test.runIf(process.getuid?.() === 0)(
    'takes no restore; the target is as it was, and nothing is left of what was staged',
    async () => {
      const disk = await mountedTmpfs('size=600m,mode=0755');
      await using own = await ownServer(server, OPTIONS[server.flavour], disk);
      const database = 'shop';
      await own.server.sql(`CREATE DATABASE ${database};`);
      await own.server.sql(
        `${manyRowsSql(ROWS)} CREATE TABLE small (id INT PRIMARY KEY); INSERT INTO small VALUES (1);`,
        database,
      );
      const original = await own.server.dump(database);
      const backup = await backUp(own.server, database);
      await own.server.sql('INSERT INTO small VALUES (2);', database);
      const before = await own.server.dump(database);
      const ballast = join(disk, 'ballast');
      const { bavail, bsize } = await statfs(disk);
      await writeFile(ballast, Buffer.alloc(bavail * bsize - LEFT_BYTES, 1));

      const args = ['restore', backup, '--confirm', database, '--no-safety-backup', '--json'];
      const result = await runDbbackup(args, { server: own.server });

      expectToldInJson(result, {
        code: 'restore-failed',
        message: [
          /^Loading failed at (the table many_rows, statement \d+|the indexes of many_rows): ERROR 1114: The table '\w+' is full/,
          `${database} is unchanged.`,
        ],
        hint: /disk|space/,
      });
      expectSameDump(await own.server.dump(database), before);
      expect(await own.server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`)).toBe('');

      await rm(ballast);
      await restore(own.server, backup, database);
      expectSameDump(await own.server.dump(database), original);
    },
    120_000,
  );
});
