import { expect, test } from 'vitest';
import { commandText, furtherCommand } from '../../../src/run/further-command.ts';

test('is fit to be pasted into a shell, in any folder', () => {
  expect(furtherCommand('/var/my backups', 'create', ['the shop'])).toBe(
    "dbbackup create 'the shop' --dir '/var/my backups'",
  );
});

test.each([
  { operand: '-x/latest', text: 'dbbackup restore --to y -- -x/latest' },
  { operand: '--', text: 'dbbackup restore --to y -- --' },
  { operand: '-', text: 'dbbackup restore - --to y' },
  { operand: 'x-', text: 'dbbackup restore x- --to y' },
])('takes $operand for no option', ({ operand, text }) => {
  expect(commandText('restore', [operand], ['--to', 'y'])).toBe(text);
});
