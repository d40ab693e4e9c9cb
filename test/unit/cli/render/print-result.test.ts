import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { printResult, widthOf } from '../../../../src/cli/render/print-result.ts';
import { collector } from '../process/fake-context.ts';

test('waits until the result is out', async () => {
  let written = '';
  await printResult(
    collector((text) => (written += text)),
    'x\n',
  );

  expect(written).toBe('x\n');
});

test('does not mind a reader that has left', async () => {
  await expect(printResult(failing('EPIPE'), 'x\n')).resolves.toBeUndefined();
});

test.each([
  ['ENOSPC', 'no-space'],
  ['EIO', 'failed'],
])('says that the result is lost by %s', async (code, name) => {
  await expect(printResult(failing(code), 'x\n')).rejects.toMatchObject({
    code: name,
    message: expect.stringContaining('could not be written to stdout'),
  });
});

function failing(code: string): Writable {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(code), { code }));
    },
  });
  return stream.on('error', () => undefined);
}

test.each([
  { stdout: true, columns: 100, width: 100 },
  { stdout: true, columns: 0, width: Infinity },
  { stdout: false, columns: 100, width: Infinity },
])('a table may be $width wide on a stdout that is a terminal ($stdout) of $columns', (context) => {
  const isTty = { stdin: true, stdout: context.stdout, stderr: true };

  expect(widthOf({ isTty, columns: context.columns })).toBe(context.width);
});
