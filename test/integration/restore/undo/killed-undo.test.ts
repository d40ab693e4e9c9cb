import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CHANGE_SQL, EVERYTHING_SQL } from '../../../fixtures/two-states.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { wordsOf } from '../../../harness/printed-commands.ts';
import { comesTo, unsettledJobs } from '../../../harness/swap-journal.ts';

const STEPS = ['staging', 'swapping', 'finishing', 'clearing'] as const;
const SETTLERS = ['restore --resume', 'create'] as const;

// At named steps; at any moment, and often, in the campaign: `kills-undo`.
describeOneServer('an undo that is killed', (server) => {
  test('at each step of its journal leaves old or new, or what one command makes so; nothing kept is lost', async () => {
    const database = await freshDatabase(server, { sql: EVERYTHING_SQL });
    const backup = await backUp(server, database);
    const first = await server.dump(database);
    await server.sql(CHANGE_SQL, database);
    let states = [first, await server.dump(database)] as const; // that it is in, and that undo brings back
    let undo = (
      await succeeds(['restore', backup, '--confirm', database, '--keep-old', '--no-safety-backup'], {
        server,
      })
    ).stdout.trim();
    for (const [index, step] of STEPS.entries()) {
      const run = await startDbbackup(wordsOf(undo), { server });
      await comesTo(step, run);
      run.signal('SIGKILL');
      const { exitCode, stdout } = await run.finished;
      const [job, ...others] = await unsettledJobs();
      expect(others).toEqual([]);
      if (job?.swap?.step === 'staging') expectSameDump(await server.dump(database), states[0]);
      if (job?.swap?.step === 'clearing') expectSameDump(await server.dump(database), states[1]);
      if (job !== undefined) {
        const told = (await succeeds(['status', job.id])).stdout;
        expect(told).toMatch(
          /^left .* (is unchanged|has its old tables|has the backup's tables|is restored)/m,
        );
        const settler = SETTLERS[index % 2]!;
        await succeeds(settler === 'create' ? ['create', database] : ['restore', '--resume', job.id], {
          server,
        });
      }
      expect(await unsettledJobs()).toEqual([]);
      const now = await server.dump(database);
      const isNew = now.equals(states[1]);
      if (!isNew) expectSameDump(now, states[0]);
      if (exitCode === 0) expect(isNew).toBe(true);
      if (!isNew) continue;
      states = [states[1], states[0]];
      undo = stdout.trim() === '' ? `dbbackup undo ${job!.id} --confirm ${database}` : stdout.trim();
    }
    const { stdout } = await succeeds(wordsOf(undo), { server });
    expectSameDump(await server.dump(database), states[1]);
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(stdout.trim())[1]!};`);
  });

  test('while it waits for another session is not begun again before it is settled', async () => {
    const database = await freshDatabase(server, { sql: EVERYTHING_SQL });
    const backup = await backUp(server, database);
    await server.sql(CHANGE_SQL, database);
    const second = await server.dump(database);
    const { stdout } = await succeeds(['restore', backup, '--confirm', database, '--keep-old'], { server });
    const release = await holdTable(server, database, 'many_rows');
    const run = await startDbbackup(wordsOf(stdout.trim()), { server });
    expect(await comesTo('swapping', run)).toBe(true);
    await sleep(200); // it has begun to wait
    run.signal('SIGKILL');
    await run.finished;
    await release();

    const [killed] = await unsettledJobs();
    const refused = await runDbbackup(wordsOf(stdout.trim()), { server });
    expect(refused.exitCode).toBe(1);
    const [, resume = ''] = /roll it back:\s+(dbbackup restore --resume .*)\n/.exec(refused.stderr) ?? [];
    expect(resume).toContain(`--resume ${killed!.id} `);
    const resumed = await succeeds(wordsOf(resume), { server });
    expect(resumed.stderr).toMatch(/was interrupted and has been rolled back/);
    const again = await succeeds(wordsOf(stdout.trim()), { server });
    expectSameDump(await server.dump(database), second);
    await server.sql(`DROP DATABASE dbbackup_old_${wordsOf(again.stdout.trim())[1]!};`);
  });
});
