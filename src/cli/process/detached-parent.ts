import { once } from 'node:events';
import { DbBackupError } from '../../run/errors.ts';
import { DETACHED_MARK } from './detached-messages.ts';
import type { Answer, DetachedParent, FromDetached, Password, SecretFlags } from './detached-messages.ts';

/** The run that started this one; undefined in a run that was started as any other. */
export function detachedParent(): DetachedParent | undefined {
  if (process.env[DETACHED_MARK] === undefined) return undefined;
  Reflect.deleteProperty(process.env, DETACHED_MARK); // what this run starts is none of that
  if (process.send === undefined) return undefined;
  const orphaned = (): void => {
    process.kill(process.pid, 'SIGTERM'); // nobody would ever hear of this job
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
    askPassword: async () => (await ask<Password>({ kind: 'ask-password' })).password,
    askFlags: async () => (await ask<SecretFlags>({ kind: 'ask-flags' })).flags,
  };
}

async function ask<A extends Answer>(question: FromDetached): Promise<A> {
  const gone = new AbortController();
  process.once('disconnect', () => {
    gone.abort();
  });
  const answer = once(process, 'message', { signal: gone.signal });
  process.send?.(question);
  try {
    const [given] = (await answer) as [A];
    return given;
  } catch (cause) {
    throw new DbBackupError('hangup', 'The run that started this one has ended.', { cause });
  }
}
