import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';
import { terminalReporter } from '../../../../src/cli/progress/terminal-reporter.ts';
import { collector } from '../process/fake-context.ts';

test('spins below the lines that it says', () => {
  const { reporter, shown } = start();
  reporter.begin('Restoring database from backup...');
  reporter.onProgress({ kind: 'step', message: 'loading' });
  reporter.onProgress({ kind: 'warning', message: 'slow \u001b[2J' });
  reporter.onProgress({ kind: 'detail', message: 'not shown' });
  reporter.pause();
  reporter.resume();
  reporter.succeed('shop restored');

  expect(shown()).toContain('Restoring database from backup...');
  expect(shown()).toContain('Restoring database from backup... loading');
  expect(shown()).toContain('warning: slow \\x1b[2J\n');
  expect(shown()).not.toContain('not shown');
  expect(shown()).toMatch(/✔ shop restored\n$/);
});

test('says details when verbose', () => {
  const { reporter, shown } = start({ verbose: true });
  reporter.onProgress({ kind: 'detail', message: 'shown' });
  reporter.note('two\nlines');

  expect(shown()).toBe('shown\ntwo\nlines\n');
});

function start({ verbose = false } = {}) {
  let written = '';
  const stream = Object.assign(
    collector((text) => (written += text)),
    { isTTY: true, columns: 80, cursorTo: () => true, moveCursor: () => true, clearLine: () => true },
  );
  const now = () => new Date('2026-11-22T03:00:00Z');
  const reporter = terminalReporter(stream, { now, verbose, paint: plainPaint, color: false, width: 80 });
  return { reporter, shown: () => stripVTControlCharacters(written) };
}
