import { setTimeout as sleep } from 'node:timers/promises';
import { ownServer } from '../harness/own-server.ts';
import { QUICK_OPTIONS } from '../servers/quick-options.ts';
import type { Family } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { moment } from './kills-of-restore.ts';
import { Site } from './site.ts';
import { TwoStates } from './two-states.ts';

export const deathsOfServerInCreate: Family = {
  name: 'server-deaths-create',
  promises: 'P1, P2, P18',
  fault: 'kill -9 of the server at a random moment of create',
  trials: { brief: 0, usual: 12, long: 120 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const own = await ownServer(bed.server, QUICK_OPTIONS[bed.server.flavour]);
    const site = await Site.open({ ...bed, server: own.server });
    const startedAt = Date.now();
    await site.create();
    const typicalMs = Date.now() - startedAt;
    await expectWholeBackups(site);
    return {
      async attempt({ random }) {
        const run = await site.start(['create', site.database]);
        await sleep(random() * typicalMs);
        await own.kill();
        const result = await run.finished;
        expectDocumentedEnd(result);
        await expectWholeBackups(site);
        await own.startAgain();
        await expectNothingLeft(site);
        await site.create();
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        thinOut(site);
      },
      async [Symbol.asyncDispose]() {
        await site[Symbol.asyncDispose]();
        await own[Symbol.asyncDispose]();
      },
    };
  },
};

export const deathsOfServerInRestore: Family = {
  name: 'server-deaths-restore',
  promises: 'P7',
  fault:
    'kill -9 of the server at a random moment of restore; it comes back while the restore still runs, or later',
  trials: { brief: 0, usual: 15, long: 150 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const own = await ownServer(bed.server, QUICK_OPTIONS[bed.server.flavour]);
    const states = await TwoStates.open({ ...bed, server: own.server });
    const typicalMs = await states.typicalMs(() => 0);
    return {
      async attempt({ random }) {
        const run = await states.restore(['--no-safety-backup']);
        await moment(states, run, random, typicalMs);
        await own.kill();
        const late = random() < 0.5;
        if (!late) await own.startAgain();
        const result = await run.finished;
        if (late) await own.startAgain();
        await states.settle(random, result);
      },
      async [Symbol.asyncDispose]() {
        await states[Symbol.asyncDispose]();
        await own[Symbol.asyncDispose]();
      },
    };
  },
};
