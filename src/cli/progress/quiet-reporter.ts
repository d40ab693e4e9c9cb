import type { Writable } from 'node:stream';
import { safeLines } from '../render/text/safe-text.ts';
import { wrapped } from '../render/text/wrap.ts';
import type { ProgressReporter } from './progress-reporter.ts';

/**
 * `--quiet`, and commands that take no time at a terminal: only what is wrong.
 *
 * @param width Of the terminal, if it is one.
 */
export function quietReporter(stderr: Writable, width = Infinity): ProgressReporter {
  return {
    begin: () => undefined,
    onProgress: (event) => {
      if (event.kind === 'warning')
        stderr.write(`${wrapped(`warning: ${safeLines(event.message)}`, width)}\n`);
    },
    note: () => undefined,
    succeed: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
}
