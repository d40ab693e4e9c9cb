import { expect, test } from 'vitest';
import {
  hideSecretFlags,
  secretFlagsOf,
  withoutSecretFlags,
} from '../../../../src/cli/arguments/secret-flags.ts';

const ARGV = ['create', '--ping', 'http://x', '-A', '--on-failure=mail', '--ping-log', '--', '--ping', 'y'];

test('what may hold a token is hidden, before the separator', () => {
  expect(hideSecretFlags(ARGV)).toEqual([
    'create',
    '--ping',
    '[hidden]',
    '-A',
    '--on-failure=[hidden]',
    '--ping-log',
    '--',
    '--ping',
    'y',
  ]);
});

test('or left out', () => {
  expect(withoutSecretFlags(ARGV)).toEqual(['create', '-A', '--ping-log', '--', '--ping', 'y']);
});

test('and is what another process is told apart', () => {
  expect(secretFlagsOf({ ping: 'http://x', dir: '/b', 'on-success': 'true' })).toEqual({
    ping: 'http://x',
    'on-success': 'true',
  });
});
