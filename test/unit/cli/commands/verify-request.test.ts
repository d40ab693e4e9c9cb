import { expect, test } from 'vitest';
import { verifyRequest } from '../../../../src/cli/commands/verify-request.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';

const request = (references: readonly string[], flags: FlagValues = {}, stdinIsTty = false) =>
  verifyRequest(references, undefined, lookup(flags, flags, {}), {
    cwd: '/work',
    program: 'dbbackup',
    stdinIsTty,
    cores: 2,
  });

test('is what was asked for', () => {
  expect(request([])).toEqual({
    directory: '/work/backups',
    references: [],
    all: false,
    allowIncomplete: false,
    skipAccounts: false,
    rehearsal: undefined,
  });
  expect(request(['shop/latest', '-'])).toMatchObject({ references: ['shop/latest', '-'] });
  expect(request([], { all: true, dir: '/b' })).toMatchObject({ all: true, directory: '/b' });
});

test.each<[references: readonly string[], flags: FlagValues, message: string]>([
  [['shop/latest'], { all: true }, 'Backups were named, but --all means every backup. Use one or the other.'],
  [[''], {}, 'The backup to verify is empty.'],
  [['-'], {}, 'stdin is a terminal: no backup was piped in.'],
])('%j with %j is refused', (references, flags, message) => {
  expect(() => request(references, flags, true)).toThrow(message);
});
