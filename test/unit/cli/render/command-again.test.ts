import { expect, test } from 'vitest';
import { commandAgain } from '../../../../src/cli/render/command-again.ts';
import { joinValues } from '../../../../src/settings/values/repeated.ts';

const SAME_SERVER = ['--dir', '/b', '--host', 'db'];

test('repeats what was typed, but for the server, which it names whole', () => {
  const flags = { host: 'x', dir: 'y', 'ask-password': true, 'in-place': true, to: 'my shop' } as const;

  expect(commandAgain('restore', { operands: ['shop/latest'], flags }, SAME_SERVER, 'npx dbbackup')).toBe(
    "npx dbbackup restore shop/latest --to 'my shop' --in-place --dir /b --host db",
  );
});

test('repeats an option for each of its values', () => {
  const flags = { table: joinValues('a', '-b') };

  expect(commandAgain('restore', { operands: ['-x'], flags }, SAME_SERVER, 'dbbackup')).toBe(
    'dbbackup restore --table a --table=-b --dir /b --host db -- -x',
  );
});
