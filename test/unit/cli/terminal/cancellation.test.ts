import { describe, expect, test, vi } from 'vitest';
import { watchCancellation } from '../../../../src/cli/terminal/cancellation.ts';
import { fakeContext } from '../process/fake-context.ts';

describe('watchCancellation', () => {
  test.each([
    ['SIGINT', 'interrupted'],
    ['SIGTERM', 'terminated'],
    ['SIGHUP', 'hangup'],
  ] as const)('aborts by %s as %s, and says once what it waits for', (name, code) => {
    const { context, said, cancellation } = watched();
    context.send(name);

    expect(cancellation.signal.reason).toMatchObject({ code });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^Stopping: /);
    expect(context.raised).toEqual([]);
  });

  test('ends the process at once by a second signal', () => {
    const { context, said } = watched();
    context.send('SIGINT');
    context.send('SIGTERM');

    expect(context.raised).toEqual(['SIGTERM']);
    expect(context.listening()).toBe(0);
    expect(said).toHaveLength(1);
  });

  test('aborts when the time limit passes', () => {
    vi.useFakeTimers();
    try {
      const { cancellation } = watched();
      cancellation.limit(undefined);
      cancellation.limit(90_000);
      vi.advanceTimersByTime(90_000);

      expect(cancellation.signal.reason).toMatchObject({
        code: 'timeout',
        message: 'Stopped after 1 min 30 s (--timeout).',
      });
      expect(cancellation.hurry.aborted).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test('takes its patience back when a signal follows a time limit', () => {
    vi.useFakeTimers();
    try {
      const { context, cancellation } = watched();
      cancellation.limit(1);
      vi.advanceTimersByTime(1);
      context.send('SIGINT');

      expect(cancellation.signal.reason).toMatchObject({ code: 'timeout' });
      expect(cancellation.hurry.reason).toMatchObject({ code: 'interrupted' });
      expect(context.raised).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('gives the signals back when disposed', () => {
    const { context, cancellation } = watched();
    cancellation[Symbol.dispose]();

    expect(context.listening()).toBe(0);
  });
});

function watched() {
  const context = fakeContext();
  const said: string[] = [];
  const cancellation = watchCancellation(context.signals, (text) => said.push(text));
  return { context, said, cancellation };
}
