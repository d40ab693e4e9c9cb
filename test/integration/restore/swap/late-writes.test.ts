import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../../fixtures/large-databases.ts';
import { backUp, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { startDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachServer, isWholeMatrix, testServers } from '../../../harness/describe-each-server.ts';
import { randomNumbers } from '../../../harness/random.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { missingRows, rowsOfWriters, Writers, writtenTablesSql } from '../../../harness/writers.ts';

/** How the safety backup is written is no matter of the server; more seeds are in the campaign: `late-writers`. */
const TRIALS = [
  { seed: 1, method: [] },
  { seed: 2, method: ['--safety-compress', 'gzip:1'] },
  { seed: 3, method: ['--safety-compress', 'none'] },
];

/** Each server has one of them, and all of them each server in the whole matrix. */
function trialsOf({ name }: TestServer): typeof TRIALS {
  const place = testServers().findIndex((server) => server.name === name);
  return TRIALS.filter((_, index) => isWholeMatrix() || index === place % TRIALS.length);
}

describeEachServer('what others write while a restore runs', (server) => {
  test.each(trialsOf(server))(
    'is brought back by the undo: no row that was acknowledged is missing ($seed)',
    async ({ seed, method }) => {
      const database = await freshDatabase(server, {
        sql: `${writtenTablesSql(server)} ${manyRowsSql(30_000)}`,
      });
      const backup = await backUp(server, database);
      const writers = new Writers(server, database, randomNumbers(seed));
      writers.start();
      await sleep(300);

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
