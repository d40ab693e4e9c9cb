import { expect, test } from 'vitest';
import { newJobId } from '../../../src/run/job-id.ts';
import { isJobId } from '../../../src/run/job-id.ts';

test.each([
  { text: newJobId(), is: true },
  { text: 'xpm4mhz3', is: true },
  { text: 'xpm4mhz', is: false },
  { text: 'xpm4mhz3\n', is: false },
  { text: '../../x3', is: false },
  { text: '', is: false },
])('isJobId: $text', ({ text, is }) => {
  expect(isJobId(text)).toBe(is);
});
