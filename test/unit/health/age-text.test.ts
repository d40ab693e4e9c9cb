import { expect, test } from 'vitest';
import { ageText } from '../../../src/health/age-text.ts';

const [S, MIN, H, D] = [1000, 60_000, 3_600_000, 86_400_000];

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [90 * S, '1 min 30 s'],
  [5 * MIN, '5 min'],
  [26 * H, '26 h'],
  [2 * D, '48 h'],
  [2 * D + H, '2 d 1 h'],
  [8 * D, '8 d'],
  [8 * D + 5 * MIN, '8 d'],
])('%d ms is %s', (durationMs, text) => {
  expect(ageText(durationMs)).toBe(text);
});
