import assert from 'node:assert/strict';
import { pathOfPrograms } from '../harness/fake-programs.ts';
import { makeClientOnly } from '../harness/planted-backup.ts';
import { watch } from '../harness/watcher.ts';
import { pick } from './family.ts';
import type { Family } from './family.ts';
import { expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { Site } from './site.ts';

const COMMANDS = ['create', 'create --detach', 'restore', 'restore --in-place', 'verify --rehearse'] as const;

export const seenSecrets: Family = {
  name: 'seen-secrets',
  promises: 'P21',
  fault:
    'a sampler of arguments, environments and files while create, restore and verify run with a marked password',
  trials: { brief: 0, usual: 45, long: 600 },
  servers: 'each',
  lanes: 1,
  async prepare(bed) {
    const site = await Site.open(bed, undefined, { contentChanges: true });
    const backup = await site.create('--compress', 'none', '--label', 'plain');
    const throughClient = await site.create('--compress', 'none', '--label', 'client');
    await makeClientOnly(throughClient);
    // Their arguments and environments can be looked at for a while.
    const fakes = { dumpTool: 'program-that-dawdles.sh', client: 'program-that-dawdles.sh' };
    const { PATH } = await pathOfPrograms(site.folder, site.server, fakes);
    return {
      async attempt({ random }) {
        const command = pick(random, COMMANDS);
        const dawdles = random() < 0.5;
        const run = await site.start([...argumentsOf(command), '-v', ...(random() < 0.5 ? ['--json'] : [])], {
          env: dawdles ? { PATH } : {},
        });
        const { sightings, rounds } = await watch(site.marker, {
          pid: run.pid,
          folders: [site.folder],
          over: run.finished,
        });
        const { exitCode, stdout, stderr } = await run.finished;
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(sightings, [], 'the password was seen');
        assert(rounds > 10, `the sampler looked ${rounds} times`);
        const [id = ''] =
          command === 'create --detach' ? (/\b[bcdfghjkmnpqrstvwxyz2-9]{8}\b/.exec(stdout) ?? []) : [];
        if (id !== '') await site.succeeds(['status', id, '--wait']);
        await expectWholeBackups(site);
        await expectNothingLeft(site);
        thinOut(site, [backup, throughClient]);
      },
      [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
    };

    function argumentsOf(command: (typeof COMMANDS)[number]): readonly string[] {
      switch (command) {
        case 'create':
          return ['create', site.database];
        case 'create --detach':
          return ['create', site.database, '--detach'];
        case 'restore':
          return ['restore', backup, '--confirm', site.database];
        case 'restore --in-place':
          return ['restore', throughClient, '--confirm', site.database, '--in-place', '--load-account=off'];
        case 'verify --rehearse':
          return ['verify', '--rehearse', backup];
      }
    }
  },
};
