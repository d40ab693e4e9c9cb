import { expect, test } from 'vitest';
import { receivingCommandOf } from '../../../src/restore/further-commands.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

test('a command that restores from stdin asks for what the first one asked for', () => {
  const runtime = quietRuntime();
  const sameServer = ['--port', '3307'];

  expect(receivingCommandOf({ sameServer }, 'shop', runtime)).toMatch(/restore - --to shop --port 3307$/);
  expect(
    receivingCommandOf(
      {
        sameServer,
        tables: ['orders', 'a b'],
        inPlace: true,
        keepExtra: true,
        allowIncomplete: true,
        fromOtherServer: true,
        skipAccounts: true,
      },
      'shop',
      runtime,
    ),
  ).toMatch(
    /restore - --to shop --table=orders '--table=a b' --in-place --keep-extra --allow-incomplete --from-other-server --skip-accounts --port 3307$/,
  );
});
