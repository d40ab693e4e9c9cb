import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchNpmShell } from '../../../src/cli/npm-shell.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test.each([
  { title: 'under npm, that its shell has ended', env: { npm_command: 'exec' }, ends: true, told: 1 },
  { title: 'nothing of a shell that lives', env: { npm_command: 'exec' }, ends: false, told: 0 },
  { title: 'nothing to a run that npm did not start', env: {}, ends: true, told: 0 },
])('tells once $title', ({ env, ends, told }) => {
  let parent = 100;
  const onEnd = vi.fn();
  watchNpmShell(env, () => parent, onEnd);

  if (ends) parent = 1;
  vi.advanceTimersByTime(10_000);

  expect(onEnd).toHaveBeenCalledTimes(told);
});

test('tells nothing any more once nobody wants to know', () => {
  let parent = 100;
  const onEnd = vi.fn();
  const unwatch = watchNpmShell({ npm_command: 'run-script' }, () => parent, onEnd);

  unwatch();
  parent = 1;
  vi.advanceTimersByTime(10_000);

  expect(onEnd).not.toHaveBeenCalled();
});
