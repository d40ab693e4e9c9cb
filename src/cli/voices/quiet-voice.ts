import type { Writable } from 'node:stream';
import { safeLines } from '../render/safe-text.ts';
import type { Voice } from './voice.ts';

/** `--quiet`: only what is wrong. */
export function quietVoice(stderr: Writable): Voice {
  return {
    begin: () => undefined,
    onProgress: (event) => {
      if (event.kind === 'warning') stderr.write(`warning: ${safeLines(event.message)}\n`);
    },
    note: () => undefined,
    succeed: () => undefined,
    rest: () => undefined,
    resume: () => undefined,
  };
}
