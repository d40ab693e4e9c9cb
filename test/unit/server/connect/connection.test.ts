import { expect, test } from 'vitest';
import { describeEndpoint, parseSslMode } from '../../../../src/server/connect/connection.ts';

test.each([
  ['required', 'REQUIRED'],
  ['Verify-CA', 'VERIFY_CA'],
  ['verify-full', 'VERIFY_IDENTITY'],
  ['disable', 'DISABLED'],
  ['prefer', 'PREFERRED'],
  ['', undefined],
  ['sometimes', undefined],
  ['constructor', undefined],
])('parseSslMode reads %j as %s', (text, mode) => {
  expect(parseSslMode(text)).toBe(mode);
});

test.each([
  [{ kind: 'socket', path: '/s' }, '/s'],
  [{ kind: 'tcp', host: 'db', port: 33 }, 'db:33'],
  [{ kind: 'tcp', host: '::1', port: 33 }, '[::1]:33'],
] as const)('describeEndpoint gives %j as %s', (endpoint, text) => {
  expect(describeEndpoint(endpoint)).toBe(text);
});
