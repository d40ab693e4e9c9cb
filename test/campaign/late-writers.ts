import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { manyRowsSql } from '../fixtures/large-databases.ts';
import { SWAP_STEPS } from '../../src/jobs/record/swap-journal.ts';
import type { RunningProgram } from '../harness/running-program.ts';
import { unsettledJobsIn } from '../harness/swap-journal.ts';
import { missingRows, rowsOfWriters, Writers, writtenTablesSql } from '../harness/writers.ts';
import { type Family, pick, type Random } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups } from './invariants.ts';
import { Site } from './site.ts';

const METHODS = ['zstd:1', 'gzip:1', 'none'] as const;

export const lateWriters: Family = {
  name: 'late-writers',
  promises: 'P35',
  fault:
    'four sessions that write before, in and after a restore and its swap, single rows and transactions of up to 3 s; one restore in four is killed with kill -9',
  trials: { brief: 0, usual: 10, long: 150 },
  servers: 'each',
  lanes: 1,
  prepare(bed) {
    return Promise.resolve({
      async attempt({ random }) {
        await using site = await Site.open(bed, `${writtenTablesSql(bed.server)} ${manyRowsSql(20_000)}`, {
          contentChanges: true,
        });
        const backup = await site.create();
        await site.server.sql("INSERT INTO quiet VALUES (2, 'not in the backup')", site.database);
        const writers = new Writers(site.server, site.database, random);
        writers.start({ longestMs: 200 + random() * 2_800 });
        await sleep(random() * 2_500);
        const method = pick(random, METHODS);
        const run = await site.start([
          ...['restore', backup, '--confirm', site.database, '--json', '--safety-compress', method],
        ]);
        if (random() < 0.25) await killSometime(site, run, random);
        const result = await run.finished;
        if (result.signal === undefined) expectDocumentedEnd(result);
        if (random() < 0.5) await sleep(random() * 300);
        const [job] = unsettledJobsIn(site.backups);
        if (job !== undefined) await site.succeeds(['restore', '--resume', job.id]);
        const acknowledged = await writers.stop();
        const written = await rowsOfWriters(site.server, site.database);
        // One that was rolled back, or failed, has replaced nothing.
        const undone = (await hasQuiet(site)) ? await undo(site) : written;
        assert.deepEqual(
          missingRows(acknowledged, written, undone),
          [],
          `rows are missing: ${result.stderr}`,
        );
        await site.create();
        await expectNothingLeft(site);
        await expectWholeBackups(site);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};

/** Anywhere, or in a step of the swap. */
async function killSometime(site: Site, run: RunningProgram, random: Random): Promise<void> {
  const at = pick(random, ['anywhere', 'anywhere', ...SWAP_STEPS] as const);
  const ended = { yet: false };
  void run.finished.then(() => (ended.yet = true));
  const hasCome = (): boolean => unsettledJobsIn(site.backups).some(({ swap }) => swap?.step === at);
  if (at === 'anywhere') await sleep(random() * 4_000);
  else while (!ended.yet && !hasCome()) await sleep(1);
  await sleep(random() * 60);
  run.signal('SIGKILL');
}

/** Whether the target is the backup: what it had been given since is not in it. */
async function hasQuiet({ server, database }: Site): Promise<boolean> {
  return (await server.query('SELECT COUNT(*) FROM quiet WHERE id = 2', database)) === '0';
}

/** Brings back what was replaced last. @returns its rows. */
async function undo(site: Site): Promise<ReturnType<typeof rowsOfWriters>> {
  const { stdout } = await site.succeeds(['list', site.database, '--json']);
  const { backups } = JSON.parse(stdout) as { backups: readonly { label: string; path: string }[] };
  const safety = backups.find(({ label }) => label === 'pre-restore');
  assert(safety !== undefined, 'there is a safety backup');
  await site.succeeds(['verify', safety.path]);
  await site.succeeds(['restore', safety.path, '--confirm', site.database]);
  return rowsOfWriters(site.server, site.database);
}
