// A run that goes on when the one that started it has ended. The two talk over Node's own channel between processes:
// what is said there is in no argument, environment or file.
import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { DbBackupError } from '../model/errors.ts';
import type { DetachedChild, DetachedParent, FromDetached, Password } from './detached-messages.ts';

/** Tells the program that it was started detached; taken out of the environment at once. */
const MARK = 'DBBACKUP_DETACHED';

/** Starts this very program again, in a session of its own: a closed terminal does not reach it. */
export function startDetached(argv: readonly string[]): DetachedChild {
  const [, program = ''] = process.argv;
  const child = fork(program, argv, {
    detached: true,
    env: { ...process.env, [MARK]: '1' },
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
    // What was sent before it is still to be read.
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

/** The run that started this one; undefined in a run that was started as any other. */
export function detachedParent(): DetachedParent | undefined {
  if (process.env[MARK] === undefined) return undefined;
  Reflect.deleteProperty(process.env, MARK); // what this run starts is none of that
  if (process.send === undefined) return undefined;
  const orphaned = (): void => {
    process.kill(process.pid, 'SIGTERM'); // nobody would ever learn of this job
  };
  process.once('disconnect', orphaned);
  return {
    tell(message) {
      if (!process.connected) return;
      const isLast = message.kind === 'accepted' || message.kind === 'failed';
      if (isLast) process.off('disconnect', orphaned);
      process.send?.(message, () => {
        if (isLast && process.connected) process.disconnect();
      });
    },
    async askPassword() {
      const gone = new AbortController();
      process.once('disconnect', () => {
        gone.abort();
      });
      const answer = once(process, 'message', { signal: gone.signal });
      process.send?.({ kind: 'ask-password' } satisfies FromDetached);
      try {
        const [{ password }] = (await answer) as [Password];
        return password;
      } catch (cause) {
        throw new DbBackupError('hangup', 'The run that asks for the password has ended.', { cause });
      }
    },
  };
}
