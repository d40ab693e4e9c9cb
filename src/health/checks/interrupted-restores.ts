import { isInterruptedSwap, isUnderWay } from '../../jobs/record/job.ts';
import type { SwapStep } from '../../jobs/record/swap-journal.ts';
import type { Check, Level, Verdict } from '../check.ts';

const NAME = 'interrupted-restores';

/** Restores that were interrupted and neither completed nor rolled back. */
export const interruptedRestores: Check = {
  name: NAME,
  judge({ history: { jobs }, commandHere }) {
    const found = jobs.flatMap((job): readonly Verdict[] => {
      if (isUnderWay(job) || !isInterruptedSwap(job)) return [];
      const { id, database, swap } = job;
      const { level, state } = STATES[swap.step];
      return [
        {
          ...{ level, check: NAME, database },
          message: `The restore ${id} of ${database} was interrupted and is not settled: ${state}.`,
          fix: [swap.resumeCommand ?? commandHere('restore', [], ['--resume', id])],
        },
      ];
    });
    return found.length > 0
      ? found
      : [{ level: 'ok', check: NAME, message: 'No interrupted restore is left to settle.' }];
  },
};

const STATES: Readonly<Record<SwapStep, { readonly level: Level; readonly state: string }>> = {
  staging: { level: 'warning', state: 'the database is unchanged' },
  swapping: { level: 'critical', state: "the database has its old tables or the backup's" },
  finishing: { level: 'critical', state: 'views, routines, triggers and events may be missing' },
  saving: { level: 'critical', state: 'what others wrote late is not in its safety backup yet' },
  clearing: { level: 'warning', state: 'the database is restored' },
};
