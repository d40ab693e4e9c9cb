import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askPassword, askText, canAsk } from '../../../../src/cli/terminal/questions.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';
import { fakeContext } from '../process/fake-context.ts';

const TERMINAL = { stdin: true, stdout: true, stderr: true };

describe('canAsk', () => {
  test.each([
    { title: 'a terminal', isTty: TERMINAL, env: {}, flags: {}, can: true },
    { title: 'stdout in a pipe', isTty: { ...TERMINAL, stdout: false }, env: {}, flags: {}, can: true },
    { title: 'stdin in a pipe', isTty: { ...TERMINAL, stdin: false }, env: {}, flags: {}, can: false },
    { title: 'stderr in a file', isTty: { ...TERMINAL, stderr: false }, env: {}, flags: {}, can: false },
    { title: '--no-input', isTty: TERMINAL, env: {}, flags: { 'no-input': true }, can: false },
    { title: '--json', isTty: TERMINAL, env: {}, flags: { json: true }, can: false },
    { title: 'CI', isTty: TERMINAL, env: { CI: '1' }, flags: {}, can: false },
  ] as const)('$title: $can', ({ isTty, env, flags, can }) => {
    expect(canAsk({ isTty, env }, flags)).toBe(can);
  });
});

describe('askText', () => {
  test('asks on stderr and gives what was typed', async () => {
    const { context, stdin } = typist();
    const answer = askText('Name?', context, new AbortController().signal);
    await shown(context);
    stdin.write('shop\n');

    expect(await answer).toBe('shop');
    expect(context.written.stdout).toBe('');
  });

  test('is interrupted by Ctrl-C with nothing touched', async () => {
    const { context, stdin } = typist();
    const answer = askText('Name?', context, new AbortController().signal);
    const rejection = expect(answer).rejects.toMatchObject({ code: 'interrupted' });
    await shown(context);
    stdin.write('\u0003');

    await rejection;
  });

  test('ends with the reason of the signal', async () => {
    const { context } = typist();
    const controller = new AbortController();
    const answer = askText('Name?', context, controller.signal);
    const rejection = expect(answer).rejects.toMatchObject({ code: 'terminated' });
    controller.abort(new DbBackupError('terminated', 'Cancelled by SIGTERM.'));

    await rejection;
  });
});

describe('askPassword', () => {
  test('says how to give it when nobody can be asked', async () => {
    const asking = askPassword(fakeContext(), {}, new AbortController().signal);

    await expect(asking).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('DBBACKUP_PASSWORD_FILE'),
    });
  });

  test('does not show what is typed', async () => {
    const { context, stdin } = typist();
    const answer = askPassword(context, {}, new AbortController().signal);
    await shown(context);
    stdin.write('secret\n');

    expect(await answer).toBe('secret');
    expect(context.written.stderr).not.toContain('secret');
  });
});

function typist() {
  const stdin = new PassThrough();
  return { context: fakeContext({ stdin, isTty: TERMINAL }), stdin };
}

/** The question is on the screen. */
async function shown(context: ReturnType<typeof fakeContext>): Promise<void> {
  await expect.poll(() => context.written.stderr, { interval: 5 }).not.toBe('');
}
