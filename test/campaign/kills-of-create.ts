import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, signalProcess } from '../harness/processes.ts';
import type { RunningProgram } from '../harness/running-program.ts';
import { pick } from './family.ts';
import type { Family } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';

const VICTIMS = ['dbbackup', 'dbbackup', 'its process group', 'the dump tool'] as const;

export const killsOfCreate: Family = {
  name: 'kills-create',
  promises: 'P1, P2',
  fault: 'kill -9 of dbbackup, its group or the dump tool at a random moment of create',
  trials: { brief: 0, usual: 60, long: 1_200 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    await site.create();
    const startedAt = Date.now();
    await site.create();
    const typicalMs = Date.now() - startedAt;
    await expectWholeBackups(site);
    await expectNothingLeft(site);
    return {
      async attempt({ random }) {
        const victim = pick(random, VICTIMS);
        const run = await site.start(['create', site.database]);
        await sleep(random() * typicalMs * 1.1);
        kill(victim, run);
        const result = await run.finished;
        if (victim === 'the dump tool') {
          expectDocumentedEnd(result);
          await expectNothingLeft(site);
        }
        await expectWholeAfterKill(site);
        await site.create();
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        thinOut(site);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };
  },
};

/** What has become visible in a run that was killed is verified by the program itself, too. */
export async function expectWholeAfterKill(site: Site): Promise<void> {
  for (const path of await expectWholeBackups(site)) await site.succeeds(['verify', path]);
}

function kill(victim: (typeof VICTIMS)[number], run: RunningProgram): void {
  if (victim === 'dbbackup') run.signal('SIGKILL');
  else if (victim === 'its process group') run.signalGroup('SIGKILL');
  else
    for (const { pid, command } of descendantsOf(run.pid))
      if (/dump\S* --defaults-file/.test(command)) signalProcess(pid, 'SIGKILL');
}
