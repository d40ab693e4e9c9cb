import { expect, test } from 'vitest';
import { furtherCommand } from '../../../src/model/further-command.ts';

test('is fit to be pasted into a shell, in any folder', () => {
  expect(furtherCommand('/var/my backups', 'create', 'the shop')).toBe(
    "dbbackup create 'the shop' --dir '/var/my backups'",
  );
});
