import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRunByNpx, watchParent } from '../../../../src/cli/process/npx.ts';

describe('watchParent', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test.each([
    { title: 'once, that the parent has ended', now: 1, told: 1 },
    { title: 'nothing of one that lives', now: 100, told: 0 },
  ])('tells $title', ({ now, told }) => {
    let parent = 100;
    const onEnd = vi.fn();
    watchParent(() => parent, onEnd);

    parent = now;
    vi.advanceTimersByTime(10_000);

    expect(onEnd).toHaveBeenCalledTimes(told);
  });

  test('tells nothing any more once nobody wants to know', () => {
    let parent = 100;
    const onEnd = vi.fn();
    const unwatch = watchParent(() => parent, onEnd);

    unwatch();
    parent = 1;
    vi.advanceTimersByTime(10_000);

    expect(onEnd).not.toHaveBeenCalled();
  });
});

describe('isRunByNpx', () => {
  test.each([
    { title: 'a program in a shell that is not of npm', env: { npm_command: 'exec' }, command: 'sh' },
    { title: 'a program that no shell has started', env: { npm_command: 'exec' }, command: 'cat' },
    { title: 'a script of npm run', env: { npm_command: 'run-script' }, command: 'sh' },
    { title: 'a run without npm', env: {}, command: 'sh' },
  ])('not $title', async ({ env, command }) => {
    const parent = spawn(command, { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(parent, 'spawn');

    expect(isRunByNpx(env, parent.pid!)).toBe(false);
    parent.stdin.end();
    await once(parent, 'close');
  });

  test('not where the parent cannot be seen', () => {
    expect(isRunByNpx({ npm_command: 'exec' }, 2 ** 30)).toBe(false);
  });
});
