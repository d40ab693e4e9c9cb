import { buffer, text } from 'node:stream/consumers';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startProgram } from '../../../src/programs/child-program.ts';
import type { Program, ProgramRequest } from '../../../src/programs/child-program.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

const NEVER = new AbortController().signal;

/** Runs a line of shell as the program. */
function shell(script: string, changes: Partial<ProgramRequest> = {}): Promise<Program> {
  return startProgram({
    file: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    stdin: 'ignore',
    signal: NEVER,
    ...changes,
  });
}

describe('startProgram', () => {
  test('tells how it ended, and what it said on stderr', async () => {
    const program = await shell('echo out; echo "it broke " >&2; exit 3');

    expect(await text(program.stdout)).toBe('out\n');
    expect(await program.ended).toEqual({ exitCode: 3, signal: undefined, stderr: 'it broke' });
  });

  test.each([
    { how: 'as a whole', read: (program: Program) => text(program.stdout) },
    {
      how: 'as events',
      read: async (program: Program) => {
        let all = '';
        program.stdout.setEncoding('utf8').on('data', (part: string) => (all += part));
        await program.ended;
        return all;
      },
    },
  ])('loses nothing of what a program wrote that ended before anybody read, $how', async ({ read }) => {
    const program = await shell('echo first; echo last');
    while (isRunning(program.pid)) await sleep(10);
    await sleep(100); // the program's end has been seen here, too

    expect(await read(program)).toBe('first\nlast\n');
  });

  test('ends a program whose output nobody reads', async () => {
    const stop = new AbortController();
    const program = await shell('echo unread; sleep 60', { signal: stop.signal });
    stop.abort();

    expect(await program.ended).toMatchObject({ signal: 'SIGTERM' });
  });

  test('lets go of a program that has ended and whose output nobody wants any more', async () => {
    const stop = new AbortController();
    const program = await shell('echo unread', { signal: stop.signal });
    while (isRunning(program.pid)) await sleep(10);
    await sleep(100);
    stop.abort();

    expect(await program.ended).toMatchObject({ exitCode: 0 });
  });

  test('gives nothing of our environment but what it is given', async () => {
    const program = await shell('env', { env: { PATH: '/usr/bin:/bin', TZ: 'UTC' } });
    const names = (await text(program.stdout)).split('\n').map((line) => line.split('=')[0] ?? '');

    expect(names.filter((name) => !['', 'PWD', 'SHLVL', '_'].includes(name)).sort()).toEqual(['PATH', 'TZ']);
  });

  test('hands a file over as descriptor 3', async () => {
    const file = join(await temporaryFolder(), 'options');
    writeFileSync(file, '[client]\n');
    const fd = openSync(file, 'r');
    const program = await shell('cat /dev/fd/3', { optionFileFd: fd });

    expect(await text(program.stdout)).toBe('[client]\n');
    closeSync(fd);
  });

  test('sends bytes of any length, as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 256));
    const program = await shell('cat', { stdin: 'pipe' });
    const received = buffer(program.stdout);

    for (let at = 0; at < bytes.length; at += 70_000) {
      expect(await program.send(bytes.subarray(at, at + 70_000))).toBe(true);
    }
    program.endInput();

    expect((await received).equals(bytes)).toBe(true);
    expect((await program.ended).exitCode).toBe(0);
  });

  test('says when the program reads no more, instead of waiting for ever', async () => {
    const program = await shell('head -c 10 >/dev/null; exit 7', { stdin: 'pipe' });
    program.stdout.resume();

    while (await program.send(Buffer.alloc(100_000)));

    expect(await program.ended).toMatchObject({ exitCode: 7 });
    expect(await program.send('more')).toBe(false);
  });

  test('keeps 64 KiB of what a program gone mad says on stderr', async () => {
    const program = await shell('head -c 300000 /dev/zero | tr "\\0" x >&2');
    program.stdout.resume();

    expect((await program.ended).stderr).toHaveLength(64 * 1024);
  });

  test.each(['/nonexistent/mysqldump', '/etc/passwd', '/tmp'])(
    'says that %s cannot be started',
    async (file) => {
      await expect(shell('', { file })).rejects.toMatchObject({
        code: 'tool-missing',
        message: `${file} cannot be started.`,
      });
    },
  );

  test('ends the program when the run is aborted', async () => {
    const stop = new AbortController();
    const program = await shell('exec sleep 60', { signal: stop.signal });
    program.stdout.resume();
    stop.abort();

    expect(await program.ended).toMatchObject({ exitCode: undefined, signal: 'SIGTERM' });
  });

  test('ends a program that is started after the run was aborted', async () => {
    const program = await shell('exec sleep 60', { signal: AbortSignal.abort() });
    program.stdout.resume();

    expect((await program.ended).signal).toBe('SIGTERM');
  });

  test('ends what a wrapper script has started', async () => {
    const program = await shell('sleep 61 & echo started; wait');
    for await (const _line of program.stdout) program.kill();

    expect((await program.ended).signal).toBe('SIGTERM');
  });

  test('kills a program that does not heed SIGTERM', async () => {
    const program = await shell('trap "" TERM; echo ready; while :; do sleep 1; done', { killGraceMs: 300 });
    for await (const _line of program.stdout) program.kill();

    expect((await program.ended).signal).toBe('SIGKILL');
  });
});

/** A process that has ended and was waited for has no entry any more. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
