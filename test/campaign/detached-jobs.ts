import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../src/jobs/record/job.ts';
import { isAlive, signalProcess } from '../harness/processes.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { Family } from './family.ts';
import { expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { expectWholeAfterKill } from './kills-of-create.ts';
import { Site } from './site.ts';

export const detachedJobs: Family = {
  name: 'detached-jobs',
  promises: 'P20, P2',
  fault: 'kill -9 of a detached create at a random moment',
  trials: { brief: 0, usual: 36, long: 300 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    const startedAt = Date.now();
    await site.create();
    const typicalMs = Date.now() - startedAt;
    await expectWholeBackups(site);
    return {
      async attempt({ random }) {
        const { stdout } = await site.succeeds(['create', site.database, '--detach']);
        const id = stdout.trim();
        const path = join(site.backups, '.jobs', `${id}.json`);
        const { pid } = (JSON.parse(readFileSync(path, 'utf8')) as Job).process;
        site.pids.add(pid);
        await sleep(random() * typicalMs);
        signalProcess(pid, 'SIGKILL');
        await waitFor('its end', () => !isAlive(pid), { deadlineMs: 5_000, everyMs: 2 });
        const told = await site.succeeds(['status', id, '--json']);
        const { job } = JSON.parse(told.stdout) as { job: Job };
        assert(['interrupted', 'succeeded'].includes(job.state), `status says ${job.state}`);
        const waited = await site.run(['status', id, '--wait']);
        assert.equal(waited.exitCode, job.state === 'succeeded' ? 0 : 1, waited.stderr);
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
