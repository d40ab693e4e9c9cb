import { expect, test } from 'vitest';
import { judgeFreeSpace } from '../../../../src/doctor/finding/judge-free-space.ts';

test.each([
  ['problem', 99, 100],
  ['warning', 100, 100],
  ['warning', 299, 100],
  ['ok', 300, 100],
  ['ok', 0, 0],
] as const)('is a %s with %d bytes free and last backups of %d', (level, freeBytes, lastBytes) => {
  expect(judgeFreeSpace(freeBytes, lastBytes)).toBe(level);
});
