import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { identifyProcess, judgeProcess, readStartTime } from '../../../src/locks/processes.ts';
import type { ProcessIdentity } from '../../../src/locks/process-identity.ts';

describe('judgeProcess', () => {
  test.each<{ title: string; change: Partial<ProcessIdentity>; verdict: string }>([
    { title: 'sees a process that runs', change: {}, verdict: 'alive' },
    { title: 'takes a pid that is not in use for gone', change: { pid: 2 ** 22 + 1 }, verdict: 'gone' },
    {
      title: 'takes a pid that another process has now for gone',
      change: { startTime: '1' },
      verdict: 'gone',
    },
    {
      title: 'takes every process of another boot for gone, whatever runs under its pid and time',
      change: { bootId: '00000000-0000-4000-8000-000000000000' },
      verdict: 'gone',
    },
    {
      title: 'cannot tell of another host',
      change: { host: 'elsewhere', pid: 2 ** 22 + 1 },
      verdict: 'unknown',
    },
    {
      title: 'cannot tell of another host, even when the boot differs',
      change: { host: 'elsewhere', bootId: 'other' },
      verdict: 'unknown',
    },
    {
      title: 'cannot tell of another pid namespace, whose pids mean other processes',
      change: { pidNamespace: 'pid:[1]', pid: 2 ** 22 + 1 },
      verdict: 'unknown',
    },
    { title: 'does not care whose process it is', change: { user: 'somebody-else' }, verdict: 'alive' },
  ])('$title', async ({ change, verdict }) => {
    const self = await ourselves();

    expect(await judgeProcess({ ...self, ...change }, self)).toBe(verdict);
  });

  test.runIf(process.getuid?.() === 0)('sees a process of another account', async () => {
    const child = started('/bin/sleep', ['60'], { uid: 65534, gid: 65534 });
    const self = await ourselves();

    const other = await identifyProcess(child.pid!, hostname(), 'nobody');
    expect(await judgeProcess(other, self)).toBe('alive');
  });

  test('sees that a process has ended', async () => {
    const child = started('/bin/sleep', ['60']);
    const self = await ourselves();
    const other = await identifyProcess(child.pid!, hostname(), 'us');
    expect(await judgeProcess(other, self)).toBe('alive');

    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await judgeProcess(other, self)).toBe('gone');
  });
});

describe('readStartTime', () => {
  test('is the same at every reading, and another for another process', async () => {
    const child = started('/bin/sleep', ['60']);
    await sleep(30); // start times are counted in ticks of 10 ms

    const own = await readStartTime(process.pid);
    expect(own).toMatch(/^\d+$/);
    expect(await readStartTime(process.pid)).toBe(own);
    expect(await readStartTime(child.pid!)).not.toBe(own);
  });

  test('reads the time of a program whose name looks like the fields behind it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'processes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = join(folder, 'a) S 1 (b');
    copyFileSync('/bin/sleep', program);
    const plain = started('/bin/sleep', ['60']);
    const odd = started(program, ['60']);

    const [first, second] = [await readStartTime(plain.pid!), await readStartTime(odd.pid!)];
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(0);
    expect(Number(second) - Number(first)).toBeLessThan(60_000); // ten minutes of ticks: it is that field
  });

  test('takes a zombie for ended', async () => {
    // The shell is replaced by a sleep, which never asks after its child; only then may the child end.
    const parent = spawn('/bin/sh', ['-c', 'read _ <&3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const zombie = Number(line.toString());
    await expect
      .poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8'), { timeout: 15_000 })
      .toBe('sleep\n');
    expect(await readStartTime(zombie)).toMatch(/^\d+$/);
    (parent.stdio[3] as Writable).end();

    await expect.poll(() => readStartTime(zombie), { timeout: 15_000 }).toBeUndefined();
    process.kill(zombie, 0); // throws if it were not there any more
  });
});

function ourselves(): Promise<ProcessIdentity> {
  return identifyProcess(process.pid, hostname(), 'us');
}

function started(
  file: string,
  args: readonly string[],
  options: { uid?: number; gid?: number } = {},
): ChildProcess {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
