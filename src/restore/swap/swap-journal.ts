import type { JournalEntry } from '../../jobs/record/job.ts';
import type { KeptTables } from '../../jobs/record/kept-tables.ts';
import type { SwapJournal } from '../../jobs/record/swap-journal.ts';
import type { Journal } from './recover-swap.ts';

/**
 * Writes the steps of a swap into the state file of its job; when it is completed and over, that as well: a run that is
 * killed right then has done what it was asked for.
 */
export function swapJournal(write: (entry: JournalEntry) => Promise<void>): {
  readonly write: Journal;
  /** What the last entry keeps. */
  readonly kept: () => KeptTables | undefined;
} {
  let last: SwapJournal | undefined;
  let kept: KeptTables | undefined;
  return {
    async write(swap, keeps) {
      kept = keeps;
      const isCompleted = swap === undefined && last?.step === 'clearing';
      const end = isCompleted ? ({ settled: 'completed', returnCommand: last?.returnCommand } as const) : {};
      last = swap;
      await write({ swap, kept, ...end });
    },
    kept: () => kept,
  };
}
