import { setTimeout as sleep } from 'node:timers/promises';
import { SWAP_STEPS } from '../../src/jobs/record/swap-journal.ts';
import type { RunningProgram } from '../harness/running-program.ts';
import { unsettledJobsIn } from '../harness/swap-journal.ts';
import { pick } from './family.ts';
import type { Family, Random } from './family.ts';
import { TwoStates } from './two-states.ts';

/** Half of the kills fall anywhere, half into the short time in which tables change places. */
const MOMENTS = ['anywhere', 'anywhere', ...SWAP_STEPS] as const;

export const killsOfRestore: Family = {
  name: 'kills-restore',
  promises: 'P7, P2',
  fault: 'kill -9 of dbbackup or its group at a random moment of restore, half of them in the swap',
  trials: { brief: 0, usual: 45, long: 450 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const states = await TwoStates.open(bed);
    const typicalMs = await states.typicalMs(() => 0);
    return {
      async attempt({ random }) {
        const run = await states.restore(random() < 0.5 ? ['--no-safety-backup'] : []);
        await moment(states, run, random, typicalMs);
        if (random() < 0.3) run.signalGroup('SIGKILL');
        else run.signal('SIGKILL');
        await states.settle(random, await run.finished);
      },
      [Symbol.asyncDispose]: () => states[Symbol.asyncDispose](),
    };
  },
};

export const killedConnectionsOfRestore: Family = {
  name: 'kill-connections-restore',
  promises: 'P7, P2',
  fault: 'KILL of one or all connections of a restore at a random moment',
  trials: { brief: 0, usual: 30, long: 300 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const states = await TwoStates.open(bed);
    const { server, user } = states.site;
    const typicalMs = await states.typicalMs(() => 0);
    return {
      async attempt({ random }) {
        const run = await states.restore(random() < 0.5 ? ['--no-safety-backup'] : []);
        await moment(states, run, random, typicalMs);
        const listed = await server.query(`SELECT id FROM ${server.processlist} WHERE user = '${user}'`);
        const ids = listed === '' ? [] : listed.split('\n');
        const victims = random() < 0.5 || ids.length === 0 ? ids : [pick(random, ids)];
        for (const id of victims) await server.query(`KILL ${id}`).catch(() => undefined); // gone by itself
        await states.settle(random, await run.finished);
      },
      [Symbol.asyncDispose]: () => states[Symbol.asyncDispose](),
    };
  },
};

/** Waits for a random moment of a restore, or for its end. */
export async function moment(
  { site }: Pick<TwoStates, 'site'>,
  run: RunningProgram,
  random: Random,
  typicalMs: number,
): Promise<void> {
  const at = pick(random, MOMENTS);
  if (at === 'anywhere') {
    await sleep(random() * typicalMs);
    return;
  }
  const ended = { yet: false };
  void run.finished.then(() => (ended.yet = true));
  const hasCome = (): boolean =>
    unsettledJobsIn(site.backups).some(({ process, swap }) => process.pid === run.pid && swap?.step === at);
  while (!ended.yet && !hasCome()) await sleep(1);
  await sleep(random() * 30);
}
