import { expect, test } from 'vitest';
import { summaryText } from '../../../../src/cli/render/summary.ts';

const TALLY = { noun: 'backup', done: 3, sizeBytes: 1_200_000_000, durationMs: 123_000, failed: 0 };

test.each([
  [TALLY, '3 backups, 1.2 GB in 2 min 3 s'],
  [{ ...TALLY, failed: 1 }, '3 backups, 1.2 GB in 2 min 3 s; 1 failed'],
  [
    { noun: 'database', verb: 'restored', done: 1, durationMs: -5, failed: 1, notStarted: 2 },
    '1 database restored in 0 ms; 1 failed, 2 not started',
  ],
  [{ ...TALLY, done: 1 }, undefined],
  [{ ...TALLY, done: 0, failed: 1 }, undefined],
])('%j', (tally, text) => {
  expect(summaryText(tally)).toBe(text);
});
