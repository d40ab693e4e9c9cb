import { once } from 'node:events';
import { DbBackupError } from '../../run/errors.ts';
import { DETACHED_MARK } from './detached-messages.ts';
import type { DetachedParent, FromDetached, Password } from './detached-messages.ts';

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
        throw new DbBackupError('hangup', 'The run that prompts for the password has ended.', { cause });
      }
    },
  };
}
