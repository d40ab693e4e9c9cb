import { setTimeout as sleep } from 'node:timers/promises';
import { failures, kills } from './failing-calls.ts';
import type { Family, Ground, TestBed, Trial } from './family.ts';
import { PrunedSite } from './pruned-site.ts';
import { TracedRuns } from './traced-run.ts';
import type { TracedCall } from './traced-run.ts';

export const killsOfPrune: Family = {
  name: 'kills-prune',
  promises: 'P1, P2',
  fault: 'kill -9 of dbbackup at a random moment of a prune that removes several backups',
  trials: { brief: 1, usual: 60, long: 1_000 },
  servers: 'first',
  lanes: 2,
  async prepare(bed) {
    const pruned = await PrunedSite.open(bed);
    const { site } = pruned;
    const startedAt = Date.now();
    const first = await site.run(PrunedSite.args);
    const typicalMs = Date.now() - startedAt;
    await pruned.settle(() => 0, first);
    return {
      async attempt({ random }) {
        await pruned.fill();
        const run = await site.start(PrunedSite.args);
        await sleep(random() * typicalMs);
        run.signal('SIGKILL');
        await pruned.settle(random, await run.finished);
      },
      [Symbol.asyncDispose]: () => pruned[Symbol.asyncDispose](),
    };
  },
};

export const killsAtCallsOfPrune: Family = {
  name: 'kill-calls-prune',
  promises: 'P1, P2',
  fault: 'kill -9 of dbbackup in each n-th system call of prune on its files',
  trials: { brief: 1, usual: 60, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => swept(bed, kills),
};

export const failingCallsOfPrune: Family = {
  name: 'calls-prune',
  promises: 'P17, P1',
  fault: 'each n-th system call of prune on its files fails, once and from then on',
  trials: { brief: 0, usual: 60, long: 100_000 },
  servers: 'first',
  lanes: 2,
  prepare: (bed) => swept(bed, failures),
};

async function swept(
  bed: TestBed,
  casesOf: (calls: readonly TracedCall[]) => readonly string[],
): Promise<Ground> {
  const pruned = await PrunedSite.open(bed);
  const runs = new TracedRuns(pruned.site, bed.folder);
  await pruned.settle(() => 0, (await runs.learn(PrunedSite.args)).result);
  await pruned.fill();
  const { calls, result } = await runs.run(PrunedSite.args);
  await pruned.settle(() => 0, result);
  return {
    cases: casesOf(calls),
    async attempt({ title, random }: Trial) {
      await pruned.fill();
      const traced = await runs.run(PrunedSite.args, title);
      await pruned.settle(random, traced.result);
    },
    [Symbol.asyncDispose]: () => pruned[Symbol.asyncDispose](),
  };
}
