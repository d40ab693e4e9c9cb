import { expect, test } from 'vitest';
import { progressLine } from '../../../../src/cli/progress/progress-line.ts';

const NOW = new Date('2026-11-22T03:00:00Z');

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
