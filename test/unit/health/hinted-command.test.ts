import { expect, test } from 'vitest';
import { hintedCommands } from '../../../src/health/hinted-command.ts';

const SERVER = ['--dir', '/b', '--defaults-group-suffix', '_night', '--host', 'db'];
const here = hintedCommands({ directory: '/b', sameServer: SERVER }, 'dbbackup');

test('leads to the same server', () => {
  expect(here('create', ['shop'])).toBe(
    'dbbackup create shop --dir /b --defaults-group-suffix _night --host db',
  );
});

test('of a command that takes no server names none', () => {
  expect(here('list', ['shop'])).toBe('dbbackup list shop --dir /b');
  expect(here('status', ['bcdf2345'], ['--log'])).toBe('dbbackup status bcdf2345 --log --dir /b');
});

test('of a check does not follow the profile, which may tell the monitor of the nightly run', () => {
  expect(here('verify', ['shop/latest'], ['--rehearse'])).toBe(
    'dbbackup verify shop/latest --rehearse --dir /b --host db',
  );
});
