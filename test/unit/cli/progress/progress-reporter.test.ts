import { expect, test } from 'vitest';
import { stepText } from '../../../../src/cli/progress/progress-reporter.ts';

test.each([
  ['', 'Creating database backup...'],
  ['Creating database backup...', 'Creating database backup...'],
  ['shop', 'Creating database backup... shop'],
  ['Creating database backup... shop', 'Creating database backup... shop'],
])('begins with the headline for the step "%s"', (step, text) => {
  expect(stepText('Creating database backup...', step)).toBe(text);
});

test('keeps to a headline that says more than the step', () => {
  expect(stepText('Creating database backup... shop', 'Creating database backup...')).toBe(
    'Creating database backup... shop',
  );
});
