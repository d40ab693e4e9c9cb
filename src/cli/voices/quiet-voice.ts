import type { Writable } from 'node:stream';
import { safeLines } from '../render/text/safe-text.ts';
import { wrapped } from '../render/text/wrap.ts';
import type { Voice } from './voice.ts';

/**
 * `--quiet`, and commands that take no time at a terminal: only what is wrong.
 *
 * @param width Of the terminal, if it is one.
 */
export function quietVoice(stderr: Writable, width = Infinity): Voice {
  return {
    begin: () => undefined,
    onProgress: (event) => {
      if (event.kind === 'warning')
        stderr.write(`${wrapped(`warning: ${safeLines(event.message)}`, width)}\n`);
    },
    note: () => undefined,
    succeed: () => undefined,
    rest: () => undefined,
    resume: () => undefined,
  };
}
