import { expect, test } from 'vitest';
import { progressLine } from '../../../../src/cli/progress/progress-line.ts';

const NOW = new Date('2026-11-22T03:00:00Z');

test('tells which part of a restore is at work, and the time that is left of all', () => {
  const line = progressLine();
  const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
  const message = 'Restoring database from backup...';
  line.begin(message);
  line.take({ kind: 'step', message, part: { number: 1, of: 4, laterMs: 60_000 } }, NOW);
  expect(line.text()).toBe('Restoring database from backup... 1/4');
  line.take({ kind: 'bytes', doneBytes: 1_000_000, totalBytes: 10_000_000 }, NOW);
  line.take({ kind: 'bytes', doneBytes: 2_000_000, totalBytes: 10_000_000 }, at(1));
  expect(line.text()).toBe('Restoring database from backup... 1/4 20 %, 2 MB, 1 MB/s, 1 min 8 s left');

  line.take(
    { kind: 'step', message: 'Checking dbbackup_stage_x...', part: { number: 2, of: 4, laterMs: undefined } },
    at(9),
  );
  expect(line.text()).toBe('Restoring database from backup... 2/4 Checking dbbackup_stage_x...');

  // Where nobody knows how long the others take, the time of one part would say too little.
  line.take({ kind: 'step', message, part: { number: 1, of: 4, laterMs: undefined } }, NOW);
  line.take({ kind: 'bytes', doneBytes: 1_000_000, totalBytes: 10_000_000 }, NOW);
  line.take({ kind: 'bytes', doneBytes: 2_000_000, totalBytes: 10_000_000 }, at(1));
  expect(line.text()).toBe('Restoring database from backup... 1/4 20 %, 2 MB, 1 MB/s');
});

test('tells step and bytes, and forgets the bytes of the last step', () => {
  const line = progressLine();
  line.begin('Creating database backup...');
  expect(line.text()).toBe('Creating database backup...');

  line.take({ kind: 'step', message: 'Creating database backup... sh\u001bop' }, NOW);
  line.take({ kind: 'bytes', doneBytes: 42, totalBytes: 100 }, NOW);
  expect(line.text()).toBe('Creating database backup... sh\\x1bop 42 %, 42 B');

  line.take({ kind: 'step', message: 'checking' }, NOW);
  expect(line.text()).toBe('Creating database backup... checking');
});
