import { expect, test } from 'vitest';
import { parseJobs } from '../../../../src/settings/values/connections.ts';

const given = (text: string) => ({ text, source: 'DBBACKUP_JOBS', isFlag: false });

test.each([
  [1, 2],
  [2, 2],
  [6, 6],
  [64, 8],
])('without a number, %i cores give %i connections', (cores, connections) => {
  expect(parseJobs(undefined, cores)).toBe(connections);
});

test.each([
  ['1', 1],
  ['16', 16],
  ['64', 64],
])('takes %s, whatever the cores', (text, connections) => {
  expect(parseJobs(given(text), 2)).toBe(connections);
});

test.each(['0', '65', '-1', '2.5', '1e1', '', ' 2', 'all'])('refuses "%s"', (text) => {
  expect(() => parseJobs(given(text), 2)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: `DBBACKUP_JOBS is "${text}"; it takes a number from 1 to 64.`,
    }),
  );
});
