import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { plainReporter } from '../../../../src/cli/progress/plain-reporter.ts';
import { collector } from '../process/fake-context.ts';

const HEADLINE = 'Creating database backup...';

describe('plainVoice', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-22T03:00:00Z') }));
  afterEach(() => vi.useRealTimers());

  test('has a line at the start, each minute, and at the end', () => {
    const { reporter, lines } = start();
    reporter.onProgress({ kind: 'step', message: 'shop' });
    reporter.onProgress({ kind: 'bytes', doneBytes: 42, totalBytes: 100 });
    vi.advanceTimersByTime(60_000);
    reporter.succeed('shop backed up');
    vi.advanceTimersByTime(600_000);

    expect(lines()).toEqual([
      '2026-11-22T03:00:00Z Creating database backup...',
      '2026-11-22T03:01:00Z Creating database backup... shop 42 %, 42 B',
      '2026-11-22T03:01:00Z shop backed up',
    ]);
  });

  test('says warnings always, steps and details only when verbose', () => {
    const events = [
      { kind: 'warning', message: 'w' },
      { kind: 'note', message: 'n' },
      { kind: 'detail', message: 'd' },
      { kind: 'step', message: 's' },
    ] as const;
    const usual = start();
    const verbose = start({ verbose: true });
    for (const event of events) for (const { reporter } of [usual, verbose]) reporter.onProgress(event);

    const at = '2026-11-22T03:00:00Z';
    expect(usual.lines()).toEqual([`${at} ${HEADLINE}`, `${at} warning: w`, `${at} n`]);
    expect(verbose.lines()).toEqual([
      `${at} ${HEADLINE}`,
      `${at} warning: w`,
      `${at} n`,
      `${at} d`,
      `${at} ${HEADLINE} s`,
    ]);
  });

  test('is silent while it rests', () => {
    const { reporter, lines } = start();
    reporter.pause();
    vi.advanceTimersByTime(120_000);
    expect(lines()).toHaveLength(1);

    reporter.resume();
    vi.advanceTimersByTime(60_000);
    reporter.pause();
    expect(lines()).toHaveLength(2);
  });
});

function start({ verbose = false } = {}) {
  let written = '';
  const stderr = collector((text) => (written += text));
  const reporter = plainReporter(stderr, { now: () => new Date(), verbose });
  reporter.begin(HEADLINE);
  return { reporter, lines: () => written.trimEnd().split('\n') };
}
