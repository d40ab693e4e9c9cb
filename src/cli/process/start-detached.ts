// Loaded by `--detach` alone: no other run, and above all no `--version`, waits for node:child_process here.
import { fork } from 'node:child_process';
import { on } from 'node:events';
import { DETACHED_MARK } from './detached-messages.ts';
import type { DetachedChild, FromDetached } from './detached-messages.ts';

/** Starts this very program again, in its own session, so that closing the terminal does not reach it. */
export function startDetached(argv: readonly string[]): DetachedChild {
  const [, program = ''] = process.argv;
  const child = fork(program, argv, {
    detached: true,
    env: { ...process.env, [DETACHED_MARK]: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return {
    messages: messagesOf(child),
    answer: (answer) => {
      child.send(answer);
    },
    release: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

async function* messagesOf(child: ReturnType<typeof fork>): AsyncGenerator<FromDetached> {
  const over = new AbortController();
  child.once('disconnect', () => {
    // What was sent before that still has to be read.
    setImmediate(() => {
      over.abort();
    });
  });
  child.once('error', () => {
    over.abort();
  });
  try {
    for await (const [message] of on(child, 'message', { signal: over.signal }))
      yield message as FromDetached;
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
}
