import { expect, test } from 'vitest';
import { firstExisting } from '../../../../src/settings/connection/well-known-files.ts';

test('firstExisting gives the first that is there, or nothing', async () => {
  expect(await firstExisting(['/nonexistent', '/tmp', '/'])).toBe('/tmp');
  expect(await firstExisting(['/nonexistent'])).toBeUndefined();
});
