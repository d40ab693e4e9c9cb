import { expect, test } from 'vitest';
import { isOlder, isSameVersion } from '../../../../src/server/connect/version.ts';

test.each([
  ['10.11.19', '11.4.0', true],
  ['9.7.4', '10.0.0', true],
  ['8.0.9', '8.0.20', true],
  ['8.0', '8.0.1', true],
  ['11.8.6', '11.8.6', false],
  ['11.8.6', '11.8', false],
  ['10.11.19-MariaDB-0+deb12u1', '10.11.20', true],
  ['9.7.4-2', '9.7.4', false],
  ['', '1', true],
])('%s is older than %s: %s', (version, than, older) => {
  expect(isOlder(version, than)).toBe(older);
});

test.each([
  ['11.8.6-MariaDB-0+deb13u1', '11.8.6', true],
  ['11.8.6-MariaDB-log', '11.8.6-MariaDB-ubu2404', true],
  ['9.7', '9.7.0', true],
  ['9.7.4-2', '9.7.5', false],
  ['10.11.6', '11.10.6', false],
])('%s is the same as %s: %s', (one, other, same) => {
  expect(isSameVersion(one, other)).toBe(same);
  expect(isSameVersion(other, one)).toBe(same);
});
