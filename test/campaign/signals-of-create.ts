import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { pick } from './family.ts';
import type { Family } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export const signalsOfCreate: Family = {
  name: 'signals-create',
  promises: 'P1, P2',
  fault: 'SIGINT, SIGTERM or SIGHUP at a random moment of create',
  trials: { brief: 0, usual: 30, long: 300 },
  servers: 'first',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    const startedAt = Date.now();
    await site.create();
    const typicalMs = Date.now() - startedAt;
    await expectWholeBackups(site);
    return {
      kinds: Object.keys(SIGNALS),
      async attempt({ title, random }) {
        const signal = title as keyof typeof SIGNALS;
        const run = await site.start(['create', site.database]);
        await sleep(random() * typicalMs * 1.1);
        if (pick(random, [true, false])) run.signal(signal);
        else run.signalGroup(signal);
        const result = await run.finished;
        // Before dbbackup listens, the signal does what signals do.
        if (result.exitCode === undefined) assert.equal(result.signal, signal);
        else {
          expectDocumentedEnd(result);
          assert([0, SIGNALS[signal]].includes(result.exitCode), `${result.exitCode}: ${result.stderr}`);
        }
        const made = await expectWholeBackups(site);
        assert.equal(made.length, result.exitCode === 0 ? 1 : 0, result.stderr);
        await expectNothingLeft(site);
        thinOut(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};
