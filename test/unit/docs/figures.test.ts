import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../../harness/build.ts';
import { pageNamed } from '../../harness/pages.ts';

const README = pageNamed('README.md').text.replaceAll(/\s+/g, ' ');

test.each([
  { claim: /Killed ([\d,]+) times and/, family: 'kills-create' },
  { claim: /cut off from its server ([\d,]+) times/, family: 'cuts-create' },
  { claim: /Killed ([\d,]+) times, half/, family: 'kills-restore' },
  { claim: /Of ([\d,]+) files damaged/, family: 'damaged-files' },
  { claim: /In ([\d,]+) races/, family: 'lock-races' },
])('the front page promises no more than the campaign has shown: $family', ({ claim, family }) => {
  const [, figure = ''] = claim.exec(README) ?? [];
  const { runs, failures } = recordOf(family);

  expect(Number(figure.replaceAll(',', ''))).toBeGreaterThan(0);
  expect(Number(figure.replaceAll(',', ''))).toBeLessThanOrEqual(runs);
  expect(failures).toBe(0);
});

/** On all servers together. */
function recordOf(family: string): { readonly runs: number; readonly failures: number } {
  const text = readFileSync(join(REPOSITORY, 'test/campaign/RESULTS.md'), 'utf8');
  const rows = text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells[2] === family);
  const sum = (column: number): number => rows.reduce((total, cells) => total + Number(cells[column]), 0);
  return { runs: sum(5), failures: sum(6) };
}
