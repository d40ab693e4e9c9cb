import assert from 'node:assert/strict';
import { openCuttingProxy } from '../harness/cutting-proxy.ts';
import type { Cut, CuttingProxy } from '../harness/cutting-proxy.ts';
import { within } from '../harness/wait-for.ts';
import { pick, upTo } from './family.ts';
import type { Family, Random } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';
import { TwoStates } from './two-states.ts';

/** A stall can only be ended by the limit that the run was given, so there are fewer of them. */
const WAYS = ['fin', 'fin', 'fin', 'fin', 'rst', 'rst', 'rst', 'rst', 'stall'] as const;
const TIMEOUT_S = 6;
/** For the end of the programs that it started, the removal of what it made, and a busy machine. */
const GRACE_MS = 20_000;

export const cutConnectionsOfCreate: Family = {
  name: 'cuts-create',
  promises: 'P18, P2',
  fault: 'connections closed, reset or stalled at a random byte of create, either way',
  trials: { brief: 1, usual: 45, long: 500 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    const passed = await passedBytes(site, async (proxy) => {
      await site.succeeds(['create', site.database], { env: proxy.environment });
    });
    await expectWholeBackups(site);
    return {
      async attempt({ random }) {
        const proxy = await openCuttingProxy(site.server, randomCut(random, passed));
        try {
          const run = await site.start(['create', site.database, '--timeout', `${TIMEOUT_S}s`], {
            env: proxy.environment,
          });
          const result = await within(TIMEOUT_S * 1000 + GRACE_MS, 'create', run.finished);
          expectDocumentedEnd(result);
          const made = await expectWholeBackups(site);
          assert.equal(
            made.length,
            result.exitCode === 0 ? 1 : 0,
            `backups made, exit ${String(result.exitCode)}`,
          );
        } finally {
          await proxy.close();
        }
        await expectNothingLeft(site);
        await site.create();
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        thinOut(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};

export const cutConnectionsOfRestore: Family = {
  name: 'cuts-restore',
  promises: 'P18, P7',
  fault: 'connections closed, reset or stalled at a random byte of restore, either way',
  trials: { brief: 0, usual: 36, long: 500 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const states = await TwoStates.open(bed);
    const passed = await passedBytes(states.site, async (proxy) => {
      const run = await states.restore(['--no-safety-backup'], { env: proxy.environment });
      await states.settle(() => 0, await run.finished);
    });
    return {
      async attempt({ random }) {
        const proxy = await openCuttingProxy(states.site.server, randomCut(random, passed));
        try {
          const run = await states.restore(['--no-safety-backup', '--timeout', `${TIMEOUT_S}s`], {
            env: proxy.environment,
          });
          const result = await within(TIMEOUT_S * 1000 + GRACE_MS, 'restore', run.finished);
          await proxy.close();
          await states.settle(random, result);
        } finally {
          await proxy.close();
        }
      },
      [Symbol.asyncDispose]: () => states[Symbol.asyncDispose](),
    };
  },
};

async function passedBytes(
  site: Site,
  whole: (proxy: CuttingProxy) => Promise<void>,
): Promise<CuttingProxy['passedBytes']> {
  const proxy = await openCuttingProxy(site.server);
  try {
    await whole(proxy);
  } finally {
    await proxy.close();
  }
  return proxy.passedBytes;
}

function randomCut(random: Random, passed: CuttingProxy['passedBytes']): Cut {
  const direction = pick(random, ['from-server', 'to-server'] as const);
  return { direction, how: pick(random, WAYS), afterBytes: upTo(random, passed[direction] + 1) };
}
