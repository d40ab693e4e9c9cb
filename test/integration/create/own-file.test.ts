import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import type { RunningDbbackup } from '../../harness/dbbackup.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { expectToldInText } from '../../harness/failure.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const server = testServers()[0]!;
const SQL = 'CREATE TABLE t (id INT); INSERT INTO t VALUES (1);';

test('a partial that a killed run left beside a file of the user is removed by the next run', async () => {
  const file = join(await temporaryFolder(), 'shop.sql');
  const { run, release } = await heldRun(file);
  run.signal('SIGKILL');
  await run.finished;
  await release(); // the dump tool ends by itself
  expect(await readdir(dirname(file))).toEqual([expect.stringMatching(/^\.shop\.sql\.\w{8}\.partial$/)]);
  const database = await freshDatabase(server, { sql: SQL });

  expect(await runDbbackup(['create', database, '--output', file], { server })).toMatchObject({
    exitCode: 0,
  });
  expect((await readdir(dirname(file))).sort()).toEqual(['shop.json', 'shop.sql']);
});

test('two runs that want the same file do not touch what the other one writes: one gets it', async () => {
  const file = join(await temporaryFolder(), 'shop.sql');
  const slow = await heldRun(file);
  const database = await freshDatabase(server, { sql: SQL });
  const quick = await runDbbackup(['create', database, '--output', file], { server });
  expect(quick.exitCode, quick.stderr).toBe(0);
  await slow.release();

  expectToldInText(await slow.run.finished, {
    code: 'failed',
    message: 'already exists; dbbackup never overwrites a file.',
    hint: 'Move it away',
  });
  expect((await readdir(dirname(file))).sort()).toEqual(['shop.json', 'shop.sql']);
});

/** A run into a file of the user that waits in the midst of its dump. */
async function heldRun(file: string): Promise<{ run: RunningDbbackup; release: () => Promise<void> }> {
  const database = await freshDatabase(server, { sql: SQL });
  const release = await holdTable(server, database, 't');
  const run = await startDbbackup(['create', database, '--output', file], { server });
  await waitFor('the dump to wait', () => waitingConnection(server, database));
  return { run, release };
}
