import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';
import { randomNumbers } from '../../../harness/random.ts';
import { missingRows, rowsOfWriters, Writers, writtenTablesSql } from '../../../harness/writers.ts';

const SEEDS = [1, 2, 3];

describeEachServer('what others write while a restore runs', (server) => {
  test.each(SEEDS)(
    'is brought back by the undo: no row that was acknowledged is missing (%i)',
    async (seed) => {
      const database = await freshDatabase(server, {
        sql: `${writtenTablesSql(server)} ${manyRowsSql(30_000)}`,
      });
      const backup = await backUp(server, database);
      const writers = new Writers(server, database, randomNumbers(seed));
      writers.start();
      await sleep(300);

      const method =
        seed === 2 ? ['--safety-compress', 'gzip:1'] : seed === 3 ? ['--safety-compress', 'none'] : [];
      const run = await startDbbackup(['restore', backup, '--confirm', database, '--json', ...method], {
        server,
      });
      const { exitCode, stdout, stderr } = await run.finished;
      const acknowledged = await writers.stop();

      expect(exitCode, stderr).toBe(0);
      const written = await rowsOfWriters(server, database);
      const { undoCommand, safetyBackup } = JSON.parse(stdout) as {
        undoCommand: string;
        safetyBackup: { path: string; database: string };
      };
      expect(
        (await readdir(dirname(safetyBackup.path))).filter((name) => name.startsWith('pre-restore')),
      ).toHaveLength(2);
      await succeeds(['verify', safetyBackup.path], { server });
      await succeeds(undoCommand.split(' ').slice(1), { server });
      const undone = await rowsOfWriters(server, database);
      expect(missingRows(acknowledged, written, undone)).toEqual([]);
      expect(undone.get('parents')!.size).toBeGreaterThan(0);
    },
    60_000,
  );
});
