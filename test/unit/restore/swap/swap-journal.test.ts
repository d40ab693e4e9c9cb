import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../../src/jobs/record/job.ts';
import { swapJournal } from '../../../../src/restore/swap/swap-journal.ts';
import { scratchSchemas } from '../../../../src/run/scratch-names.ts';

const SWAP = { ...scratchSchemas('bcdf2345'), returnCommand: 'back' };

async function written(step: 'clearing' | 'staging', kept?: JournalEntry['kept']) {
  const entries: JournalEntry[] = [];
  const journal = swapJournal((entry) => Promise.resolve(void entries.push(entry)));
  await journal.write({ ...SWAP, step: 'swapping' });
  await journal.write({ ...SWAP, step });
  await journal.write(undefined, kept);
  return { last: entries.at(-1), kept: journal.kept() };
}

test('says at the end of a swap that it was completed, and what brings back what it replaced', async () => {
  const kept = { until: '2026-11-23T03:00:00Z', forMs: 1, sizeBytes: 1 };
  expect(await written('clearing', kept)).toEqual({
    last: { swap: undefined, kept, settled: 'completed', returnCommand: 'back' },
    kept,
  });
});

test('does not say so of one that was rolled back', async () => {
  expect(await written('staging')).toEqual({ last: { swap: undefined, kept: undefined }, kept: undefined });
});
